/** Delivery where requests are isolated from each other, as on edge platforms. */
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import {
  flush,
  type InitOptions,
  init,
  serverless,
  shutdown,
  span,
  status,
  trace,
  type Warning,
} from '../../../sdk/index.ts';
import { active } from '../../../sdk/runtime/runtime.ts';
import { Edge, reply } from '../support/edge.ts';

let edge: Edge;
let warnings: Warning[];

const work = span('work', (value: unknown) => value);
const kept: Promise<unknown>[] = [];
const context = { waitUntil: (promise: Promise<unknown>) => void kept.push(promise) };

beforeEach(async () => {
  vi.stubGlobal('EdgeRuntime', 'edge-runtime');
  edge = await new Edge().open();
  warnings = [];
  active.warned.clear();
  kept.length = 0;
});

afterEach(async () => {
  await shutdown({ timeoutMillis: 0 });
  await edge.close();
  vi.unstubAllGlobals();
});

function start(options: InitOptions = {}): void {
  const onWarning = (warning: Warning): void => void warnings.push(warning);
  init({ mode: 'prod', token: 't', endpoint: edge.url, onWarning, ...options });
}

const names = (): unknown[] => edge.records().spans.map(({ name }) => name);

describe('a flush', () => {
  it('delivers what waits, and returns when that is settled', async () => {
    start();
    work(1);
    const { pending } = await flush();
    expect(pending).toBe(0);
    expect(names()).toEqual(['work']);
  });

  it('retries, and splits what is too large', async () => {
    start();
    for (let n = 0; n < 8; n++) work(n);
    edge.replies.push(reply(503), reply(413));
    expect((await flush()).pending).toBe(0);
    // Refused, too large, and two halves.
    expect(edge.requests).toHaveLength(4);
    edge.requests.splice(0, 2);
    expect(new Set(edge.records().spans.map(({ id }) => id)).size).toBe(8);
    expect(warnings.map(({ code }) => code)).toEqual(['retry']);
  });

  it('does not wait for a batch of another flush', async () => {
    start();
    edge.replies.push(() => undefined);
    work('one');
    const one = flush({ timeoutMillis: 600 });
    work('two');
    await flush();
    expect(edge.requests).toHaveLength(2);
    expect((await one).pending).toBe(2);
    expect((await flush()).pending).toBe(0);
    expect(edge.requests[2]?.batch.batch_id).toBe(edge.requests[0]?.batch.batch_id);
  });

  it('returns by its deadline what it could not send, to the next one', async () => {
    start();
    edge.replies.push(reply(429, {}, { 'retry-after': '1' }));
    work(1);
    expect((await flush({ timeoutMillis: 200 })).pending).toBe(2);
    // The server asked not to send yet, also not from another request.
    expect((await flush({ timeoutMillis: 0 })).pending).toBe(2);
    expect(edge.requests).toHaveLength(1);
    expect((await flush()).pending).toBe(0);
    expect(edge.requests).toHaveLength(2);
  });

  it('drops what waits after shutdown, and counts it', async () => {
    start();
    const before = status();
    edge.replies.push(() => undefined);
    work(1);
    const flushed = flush({ timeoutMillis: 300 });
    await shutdown({ timeoutMillis: 0 });
    await flushed;
    expect(status().pending).toBe(0);
    expect(status().dropped - before.dropped).toBe(2);
  });
});

describe('a handler with waitUntil', () => {
  type Context = typeof context;

  it('is not delayed, and its trace is delivered by its own invocation', async () => {
    start();
    const { promise, resolve } = Promise.withResolvers<void>();
    edge.replies.push((...args) => void promise.then(() => reply(200)(...args)));
    const handler = serverless(async (n: number, _env: object, _context: Context) => work(n));
    expect(await handler(7, {}, context)).toBe(7);
    await vi.waitFor(() => expect(edge.requests).toHaveLength(1));
    expect(status().pending).toBe(2);
    resolve();
    await Promise.all(kept);
    expect(status().pending).toBe(0);
  });

  it('keeps running for a trace that ends after the response', async () => {
    start();
    const { promise, resolve } = Promise.withResolvers<void>();
    const later = trace('later', async () => promise);
    const handler = serverless((_event: object, _env: object, _context: Context) => {
      void later();
      return 'now';
    });
    expect(handler({}, {}, context)).toBe('now');
    await Promise.all(kept);
    expect(edge.requests).toHaveLength(0);
    resolve();
    await vi.waitFor(() => expect(kept).toHaveLength(2));
    await Promise.all(kept);
    expect(names()).toEqual(['later']);
  });

  it('throws and rejects as it did', async () => {
    start();
    const error = new Error('of the handler');
    const throwing = serverless((_event: object, _env: object, _context: Context): never => {
      throw error;
    });
    expect(() => throwing({}, {}, context)).toThrow(error);
    const rejecting = serverless(async (_event: object, _env: object, _context: Context) => {
      throw error;
    });
    await expect(rejecting({}, {}, context)).rejects.toBe(error);
    await Promise.all(kept);
  });

  it('initialises the SDK once, with its bindings', async () => {
    const init = vi.fn(({ TOKEN: token }: { TOKEN: string }): InitOptions => {
      return { mode: 'prod', token, endpoint: edge.url };
    });
    const worker = serverless(
      {
        name: 'a worker',
        fetch(n: number, _env: { TOKEN: string }, _context: Context): string {
          return `${this.name} ${String(work(n))}`;
        },
      },
      { init },
    );
    expect(worker.name).toBe('a worker');
    const env = { TOKEN: 'of-the-bindings' };
    expect([worker.fetch(1, env, context), worker.fetch(2, env, context)]).toEqual([
      'a worker 1',
      'a worker 2',
    ]);
    await Promise.all(kept);
    expect(init).toHaveBeenCalledExactlyOnceWith(env);
    expect(edge.requests[0]?.headers.authorization).toBe('Bearer of-the-bindings');
  });

  it('runs unrecorded when its options are invalid, and says so once', () => {
    const warn = vi.spyOn(console, 'warn').mockReturnValue();
    const options = { init: (): InitOptions => ({ mode: 'prod' }) };
    const handler = serverless((n: number, _env: object, _context: Context) => n, options);
    expect([handler(1, {}, context), handler(2, {}, context)]).toEqual([1, 2]);
    expect(warn.mock.calls).toEqual([[expect.stringContaining('[serverless]: init failed')]]);
    warn.mockRestore();
  });

  it('can be a class, whose objects keep their methods and their private state', async () => {
    start();
    const Room = serverless(
      class Room {
        #asked = 0;
        readonly state: Context;
        constructor(state: Context, _env: object) {
          this.state = state;
        }
        async ask(question: string): Promise<string> {
          this.#asked += 1;
          work(question);
          return `${question} ${this.#asked}`;
        }
      },
    );
    const room = new Room(context, {});
    expect(Room.name).toBe('Room');
    expect(room).toBeInstanceOf(Room);
    expect([await room.ask('a'), await room.ask('b')]).toEqual(['a 1', 'b 2']);
    await Promise.all(kept);
    expect(names()).toEqual(['work', 'work']);
  });
});
