/** Programs that are tested with fake timers: ours are not among them. */
import { afterEach, expect, it, vi } from 'vitest';
import { flush, init, serverless, shutdown, span } from '../../../sdk/index.ts';
import { Edge } from '../support/edge.ts';
import { json, Loopback, PATH, request } from '../transport/loopback.ts';

const provider = Loopback.forTests();
const EVERY_TIMER = [
  'setTimeout',
  'clearTimeout',
  'setInterval',
  'clearInterval',
  'setImmediate',
  'clearImmediate',
  'queueMicrotask',
  'Date',
  'performance',
] as const;

afterEach(async () => {
  vi.useRealTimers();
  await shutdown({ timeoutMillis: 0 });
});

it('a program with fake timers sees none of ours, and flush() ends', async () => {
  vi.useFakeTimers({ toFake: [...EVERY_TIMER] });
  init({ name: 'test', mode: 'dev', token: 't', endpoint: 'http://127.0.0.1:9', log: 'silent' });
  await span('f', async () => 1)();
  await serverless(async () => span('g', () => 2)(), { timeoutMillis: 50 })();
  expect(vi.getTimerCount()).toBe(0);
  vi.runAllTimers();
  expect(await flush({ timeoutMillis: 50 })).toMatchObject({ pending: 4 });
  expect(vi.getTimerCount()).toBe(0);
});

it('records are delivered, also in the background', async () => {
  const edge = await new Edge().open();
  vi.useFakeTimers();
  const options = { mode: 'dev', token: 't', endpoint: edge.url, flushIntervalMillis: 1 } as const;
  init(options);
  span('f', () => 1)();
  while (edge.requests.length === 0) await new Promise((done) => setImmediateOf(done));
  expect(edge.records().spans).toMatchObject([{ name: 'f' }]);
  await edge.close();
});

it('no timer is set by a function that the program has put in the place of its own', async () => {
  const edge = await new Edge().open();
  const stacks: string[] = [];
  const { setTimeout: given } = globalThis;
  vi.spyOn(globalThis, 'setTimeout').mockImplementation(((...args: Parameters<typeof given>) => {
    stacks.push(new Error('set').stack ?? '');
    return given(...args);
  }) as typeof given);
  init({ mode: 'dev', token: 't', endpoint: edge.url });
  // Waits for the next attempt.
  provider.answers = [json({ error: { message: 'busy' } }, 503)];
  await (await provider.post(PATH, request)).text();
  await flush();
  vi.restoreAllMocks();
  expect(edge.records().spans).toMatchObject([{ status: 'error' }]);
  expect(stacks.filter((stack) => /(?<!tests)\/sdk\//.test(stack))).toEqual([]);
  await edge.close();
});

/** The real one: vitest fakes it by default. */
const setImmediateOf = setImmediate;
