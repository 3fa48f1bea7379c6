import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { init, serverless, shutdown, span, status, trace } from '../../sdk/index.ts';
import { active } from '../../sdk/runtime/runtime.ts';
import { Edge, reply } from './support/edge.ts';

let edge: Edge;

beforeEach(async () => {
  edge = await new Edge().open();
  active.warned.clear();
  init({ mode: 'prod', token: 'token', endpoint: edge.url, onWarning: () => undefined });
});

afterEach(async () => {
  await shutdown({ timeoutMillis: 0 });
  await edge.close();
});

/** The context of Lambda, with the remaining time. */
function lambdaContext(remainingMillis = 30_000): { getRemainingTimeInMillis(): number } {
  const end = performance.now() + remainingMillis;
  return { getRemainingTimeInMillis: () => end - performance.now() };
}

const work = span('work', (value: unknown) => value);
const names = (): unknown[] => edge.records().spans.map(({ name }) => name);

describe('a handler', () => {
  it('that returns a promise delivers before it resolves', async () => {
    const handler = serverless(async (event: { n: number }, _context: object) => work(event.n));
    expect(await handler({ n: 7 }, lambdaContext())).toBe(7);
    expect(names()).toEqual(['work']);
  });

  it('that rejects delivers, and rejects with the same error', async () => {
    const error = new Error('of the handler');
    const handler = serverless(async (_event: object, _context: object) => {
      work(1);
      throw error;
    });
    await expect(handler({}, lambdaContext())).rejects.toBe(error);
    expect(names()).toEqual(['work']);
  });

  it('that throws synchronously rejects with the same error', async () => {
    const error = new Error('at once');
    const handler = serverless((_event: object, _context: object) => {
      work(1);
      throw error;
    });
    await expect(handler({}, lambdaContext())).rejects.toBe(error);
    expect(names()).toEqual(['work']);
  });

  it('that calls back delivers before its response is passed on', async () => {
    type Callback = (error: unknown, answer?: unknown) => void;
    const handler = serverless((event: object, _context: object, callback: Callback) => {
      setTimeout(() => callback(null, work(event)), 5);
    });
    expect(handler).toHaveLength(3);
    const [answered, ...rest] = await new Promise<unknown[]>((resolve) => {
      // A promise would be taken for the response.
      expect(
        handler({ n: 1 }, lambdaContext(), (...args) => resolve([...args, names()])),
      ).toBeUndefined();
    });
    expect([answered, ...rest]).toEqual([null, { n: 1 }, ['work']]);
  });

  it('that streams ends its stream, delivers, and then ends', async () => {
    const written: unknown[] = [];
    const stream = {
      write: (part: unknown) => written.push(part),
      end: () => written.push(names().length),
    };
    const handler = serverless(
      async (_event: object, response: typeof stream, _context: object) => {
        response.write(work('part'));
        response.end();
      },
    );
    await handler({}, stream, lambdaContext());
    expect(written).toEqual(['part', 0]);
    expect(names()).toEqual(['work']);
  });

  it('that was wrapped by streamifyResponse stays a streaming handler', () => {
    const STREAMING = Symbol.for('aws.lambda.runtime.handler.streaming');
    const stream = async (): Promise<void> => undefined;
    const streaming = Object.assign(stream, { [STREAMING]: 'response' });
    const handler = serverless(streaming);
    expect(handler[STREAMING]).toBe('response');
    expect(handler.name).toBe('stream');
  });

  it('is not affected while the SDK is not initialised', async () => {
    await shutdown();
    const handler = serverless(async (n: number) => n + 1);
    expect(await handler(1)).toBe(2);
  });
});

describe('the remaining time', () => {
  it('is not used up when the server hangs', async () => {
    edge.replies.push(() => undefined);
    const handler = serverless(async (_event: object, _context: object) => work(1), {
      marginMillis: 100,
    });
    const context = lambdaContext(600);
    await handler({}, context);
    expect(context.getRemainingTimeInMillis()).toBeGreaterThan(0);
    expect(status().pending).toBe(2);
  });

  it('is unknown on other platforms, where the option limits delivery', async () => {
    edge.replies.push(() => undefined);
    const handler = serverless(async () => work(1), { timeoutMillis: 50 });
    const startedAt = performance.now();
    await handler();
    expect(performance.now() - startedAt).toBeLessThan(1_500);
  });

  it('running out makes the open trace be sent; its real end overwrites it', async () => {
    const slow = trace({ name: 'slow' }, async () => {
      work('step');
      await new Promise((next) => setTimeout(next, 700));
      return 'the answer';
    });
    const handler = serverless(async (_event: object, _context: object) => slow(), {
      marginMillis: 100,
    });
    const running = handler({}, lambdaContext(400));
    await new Promise((next) => setTimeout(next, 550));
    const [early] = edge.records().spans.filter(({ name }) => name === 'slow');
    expect(early).toMatchObject({ attributes: { 'agensight.unfinished': true }, status: 'unset' });
    await running;
    const { pending } = await shutdown();
    expect(pending).toBe(0);
    const late = edge
      .records()
      .spans.filter(({ name }) => name === 'slow')
      .at(-1);
    expect(late).toMatchObject({ id: early?.id, status: 'ok', output: 'the answer' });
    expect(late?.attributes).toBeUndefined();
    expect(String(late?.ended_at) > String(early?.ended_at)).toBe(true);
  });
});

it('delivers before the process is frozen after its response', async () => {
  const sdk = join(import.meta.dirname, '../../sdk/index.ts');
  const child = spawn(process.execPath, [
    '--input-type=module',
    '-e',
    `import { init, serverless, span } from ${JSON.stringify(sdk)};
     init({ mode: 'prod', token: 't', endpoint: ${JSON.stringify(edge.url)} });
     const work = span('work', (n) => n);
     const handler = serverless(async (n) => work(n));
     for (const n of [1, 2]) {
       console.log(await handler(n));
       await new Promise((next) => process.stdin.once('data', next));
     }`,
  ]);
  for (const n of [1, 2]) {
    await once(child.stdout, 'data');
    // The response was sent: from here on the process is frozen.
    child.kill('SIGSTOP');
    expect(edge.records().spans.map(({ input }) => input)).toHaveLength(n);
    child.kill('SIGCONT');
    child.stdin.write('next');
  }
  child.kill('SIGKILL');
});

describe('waitUntil', () => {
  it('receives one promise per request, which settles on delivery', async () => {
    const promises: Promise<unknown>[] = [];
    init({
      mode: 'prod',
      token: 'token',
      endpoint: edge.url,
      waitUntil: (promise) => promises.push(promise),
    });
    for (const n of [1, 2]) {
      trace('request', () => [work(1), work(2)])();
      expect(promises).toHaveLength(n);
      await promises.at(-1);
      expect(edge.requests).toHaveLength(n);
    }
    expect(names()).toHaveLength(6);
  });

  it('that throws is reported once and has no other effect', async () => {
    const warnings: string[] = [];
    init({
      mode: 'prod',
      token: 'token',
      endpoint: edge.url,
      flushIntervalMillis: 20,
      onWarning: ({ code }) => warnings.push(code),
      waitUntil: () => {
        throw new Error('no request');
      },
    });
    edge.replies.push(reply(200));
    work(1);
    work(2);
    for (let i = 0; i < 100 && names().length < 2; i++) {
      await new Promise((next) => setTimeout(next, 10));
    }
    expect(names()).toHaveLength(2);
    expect(warnings).toEqual(['wait-until']);
  });
});
