/** The built package in workerd, the runtime of Cloudflare Workers. */
import { cpSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { reply } from '../sdk/support/edge.ts';
import { Programs } from '../sdk/support/programs.ts';
import { ProviderServer } from '../sdk/support/provider-server.ts';
import { factsOf } from './rows.ts';
import { installRuntimes, MODULES } from './runtimes.ts';
import { Worker, type WorkerOptions } from './worker.ts';

beforeAll(installRuntimes);

let worker: Worker | undefined;

async function start(name: string, options?: WorkerOptions): Promise<Worker> {
  worker = await Worker.start(name, options);
  return worker;
}

afterEach(async () => {
  await worker?.close();
  worker = undefined;
});

/** Waits for what arrives after the response. */
const later = (check: () => unknown): Promise<unknown> => vi.waitFor(check, 20_000);

const ANSWER = ['It is 27 °C.', 'It is 27 °C.', [2, 4, 6]];
const tenTimes = <T>(work: (n: number) => T): T[] => Array.from({ length: 10 }, (_, n) => work(n));

describe('a Worker that flushes', () => {
  it.each([
    ['nodejs_compat', 'flush', { flags: ['nodejs_compat'] }],
    ['nodejs_compat of 2025', 'flush', { flags: ['nodejs_compat'], date: '2025-05-05' }],
    ['nodejs_als', 'context', { flags: ['nodejs_als'] }],
  ])('answers ten requests at once, each with its own delivery: %s', async (_, name, options) => {
    const { edge, get } = bound(await start(name, options));
    // None of the ten is answered before all have sent: a request that waits for another would not.
    const { promise: all, resolve } = Promise.withResolvers<void>();
    edge.replies.push(
      ...tenTimes((n) => (...args: Parameters<ReturnType<typeof reply>>) => {
        if (n === 9) resolve();
        void all.then(() => reply(200)(...args));
      }),
    );
    const answers = (await Promise.all(tenTimes(() => get()))).map((text) => JSON.parse(text));
    expect(answers.map(({ answer }) => answer)).toEqual(tenTimes(() => ANSWER));
    const records = edge.records();
    expect(records.traces).toHaveLength(10);
    const [first, ...others] = records.traces.map(({ id }) =>
      factsOf({
        ...records,
        sessions: [],
        traces: records.traces.filter((trace) => trace.id === id),
        spans: records.spans.filter(({ trace_id }) => trace_id === id),
        prompts: records.prompts.filter(({ trace_id }) => trace_id === id),
        completions: records.completions.filter(({ trace_id }) => trace_id === id),
        tools: records.tools.filter(({ trace_id }) => trace_id === id),
      }),
    );
    expect(first).toEqual({ ...(await inNode()), sessions: [] });
    for (const other of others) expect(other).toEqual(first);
  });

  it('answers although the delivery of another request hangs, and delivers its records later', async () => {
    const { edge, get } = bound(await start('flush'));
    edge.replies.push(() => undefined);
    const hanging = get();
    await later(() => expect(edge.requests).toHaveLength(1));
    const [lost] = edge.requests.splice(0);
    await Promise.all(tenTimes(() => get()));
    expect(edge.records().traces).toHaveLength(10);
    expect(JSON.parse(await hanging)).toMatchObject({ answer: ANSWER });
    await get();
    expect(edge.requests.map(({ batch }) => batch.batch_id)).toContain(lost?.batch.batch_id);
  });

  it('says once that a runtime without AsyncLocalStorage loses the context', async () => {
    const { edge, get, log } = bound(await start('flush', { flags: [] }));
    await Promise.all(tenTimes(() => get()));
    expect(edge.records().completions).toHaveLength(30);
    await later(() => expect(log.join('')).toContain('AgensightWarning [context]'));
    expect(log.join('').match(/AgensightWarning/g)).toHaveLength(1);
    expect(log.join('')).toContain('nodejs_compat');
  });
});

describe('a Worker with an instance for each project', () => {
  it('answers ten requests at once, each delivered with the token of its project', async () => {
    const { edge, get } = bound(await start('tenants'));
    const tokenOf = (n: number): string => (n % 2 === 0 ? 'even' : 'odd');
    const answers = await Promise.all(tenTimes((n) => get(`/${tokenOf(n)}`)));
    for (const text of answers) expect(JSON.parse(text)).toMatchObject({ answer: ANSWER });
    const once = { ...(await inNode()), sessions: [] };
    for (const token of ['even', 'odd']) {
      const records = edge.records(token);
      expect(new Set(records.traces.map(({ service_name }) => service_name))).toEqual(
        new Set([token]),
      );
      const facts = factsOf({ ...records, sessions: [] });
      expect(facts).toEqual(fiveTimes(once));
    }
    expect(
      edge.requests.every(({ headers }) => /^Bearer (even|odd)$/.test(`${headers.authorization}`)),
    ).toBe(true);
  });
});

/** The facts of five programs that did the same. */
const fiveTimes = (facts: Record<string, unknown[]>): Record<string, unknown[]> =>
  Object.fromEntries(
    Object.entries(facts).map(([table, rows]) => [
      table,
      rows.flatMap((row) => Array.from({ length: 5 }, () => row)),
    ]),
  );

describe('a Worker with serverless', () => {
  const options = {
    options: { durableObjects: { ROOM: { className: 'Room', useSQLite: true } } },
  };
  let shared: ReturnType<typeof bound>;

  beforeAll(async () => {
    shared = bound(await Worker.start('handler', options));
  });
  afterAll(() => shared.close());

  /** The spans that arrive for some work, by trace. */
  async function spansOf(traces: number, work: () => unknown): Promise<string[]> {
    const { edge } = shared;
    edge.requests.length = 0;
    await work();
    await later(() => expect(edge.records().traces).toHaveLength(traces));
    const { spans } = factsOf(edge.records());
    return (spans as string[]).map((span) => (JSON.parse(span) as { path: string }).path);
  }

  it('is initialised with its bindings, and delivers fifty requests at once', async () => {
    const { get, edge } = shared;
    const fifty = Array.from({ length: 50 });
    const spans = await spansOf(50, async () => {
      for (const text of await Promise.all(fifty.map(() => get())))
        expect(JSON.parse(text)).toEqual(ANSWER);
    });
    expect(spans).toHaveLength(50 * 13);
    expect(new Set(edge.requests.map(({ headers }) => headers.authorization))).toEqual(
      new Set(['Bearer token']),
    );
  });

  it.each([
    [
      'a streamed response',
      '/stream',
      'abc',
      ['/stream', '/stream/step', '/stream/step', '/stream/step'],
    ],
    ['work after the response', '/later', 'now', ['/job', '/job/step']],
    ['a request to a Durable Object', '/object', 'fetch', ['/job', '/job/step']],
    ['a call of a Durable Object', '/call', 'How warm is it?', ['/job', '/job/step']],
  ])('delivers %s', async (_, path, body, paths) => {
    const spans = await spansOf(1, async () => expect(await shared.get(path)).toBe(body));
    expect(spans).toEqual(paths);
  });

  it('delivers streams of ten requests at once', async () => {
    const spans = await spansOf(10, async () => {
      const all = await Promise.all(tenTimes(() => shared.get('/stream')));
      expect(new Set(all)).toEqual(new Set(['abc']));
    });
    expect(spans).toHaveLength(40);
  });

  it('delivers before an error, which reaches the platform', async () => {
    const { runtime } = shared;
    const spans = await spansOf(1, async () => {
      const response = await runtime.dispatchFetch('http://localhost/throws');
      expect(response.status).toBe(500);
      expect(await response.text()).toContain('of the Worker');
    });
    expect(spans).toEqual(['/job', '/job/step']);
  });

  it('delivers scheduled events and queues', async () => {
    const events = await shared.runtime.getWorker();
    const messages = [1, 2].map((n) => {
      return { id: `m${n}`, timestamp: new Date(), attempts: 1, body: `message ${n}` };
    });
    expect(await spansOf(1, () => events.scheduled({ cron: '* * * * *' }))).toHaveLength(2);
    expect(await spansOf(2, () => events.queue('jobs', messages))).toHaveLength(4);
  });

  it('keeps `this` of the handler', async () => {
    expect(await shared.get('/this')).toBe('the worker');
  });
});

describe('in global scope', () => {
  it('importing, init and recorded functions work, and nothing is lost', async () => {
    const { edge, get } = bound(await start('global'));
    expect(JSON.parse(await get())).toEqual({ before: 2, after: 4, created: 5 });
    await later(() => expect(edge.records().spans).toHaveLength(2));
    expect(edge.records().sessions).toMatchObject([{ id: 'before' }]);
  });

  it('importing works without compatibility flags, and a warning says that nothing sends', async () => {
    const { get, log } = bound(await start('global', { flags: [] }));
    expect(JSON.parse(await get())).toMatchObject({ after: 4 });
    await later(async () => {
      await get();
      expect(log.join('')).toContain('AgensightWarning [wait-until]');
    });
  });
});

/** The facts of the same conversation in Node. */
async function inNode(): Promise<ReturnType<typeof factsOf>> {
  const programs = new Programs(['openai'], MODULES);
  const provider = await new ProviderServer().open();
  try {
    cpSync(join(import.meta.dirname, 'consumers'), programs.folder, { recursive: true });
    const file = join(programs.folder, 'process.mjs');
    return factsOf((await programs.run(file, { PROVIDER: provider.url })).records);
  } finally {
    programs.close();
    await provider.close();
  }
}

function bound(one: Worker): Pick<Worker, 'edge' | 'log' | 'runtime'> & {
  readonly get: Worker['get'];
  readonly close: Worker['close'];
} {
  const { edge, log, runtime } = one;
  return { edge, log, runtime, get: (path) => one.get(path), close: () => one.close() };
}
