/** The built package where the global object is not that of Node, as in Jest with jsdom. */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { compileFunction, createContext, runInContext } from 'node:vm';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type * as Agensight from '../../sdk/index.ts';
import { Edge } from '../sdk/support/edge.ts';
import { chat, json, Loopback, PATH, request } from '../sdk/transport/loopback.ts';

const FILE = join(import.meta.dirname, '../../dist/agensight.cjs');
const provider = Loopback.forTests();
let edge: Edge;

beforeEach(async () => {
  edge = await new Edge().open();
});
afterEach(() => edge.close());

/** Loads the package into a realm with these globals beside those of the language. */
function load(globals: object): { sdk: typeof Agensight; run: (text: string) => unknown } {
  const context = createContext({ ...globals });
  const module = { exports: {} };
  compileFunction(
    readFileSync(FILE, 'utf8'),
    ['exports', 'require', 'module', '__filename', '__dirname'],
    { filename: FILE, parsingContext: context },
  )(module.exports, createRequire(FILE), module, FILE, dirname(FILE));
  const sdk = module.exports as typeof Agensight;
  Object.assign(context, { sdk });
  return { sdk, run: (text) => runInContext(text, context) };
}

/** What a page has that a DOM gives it: timers are numbers, and there are no coders and no streams. */
function page(): object {
  const timers = new Map<number, NodeJS.Timeout>();
  return {
    process,
    console,
    performance,
    AbortController,
    URL,
    queueMicrotask,
    setTimeout(work: () => void, millis: number): number {
      timers.set(timers.size + 1, setTimeout(work, millis).unref());
      return timers.size;
    },
    clearTimeout: (timer: number) => clearTimeout(timers.get(timer)),
  };
}

it('records and delivers in a realm without coders, streams and timers of Node', async () => {
  const { sdk, run } = load({ ...page(), post: () => provider.post(PATH, request) });
  sdk.init({ name: 'page', mode: 'dev', token: 't', endpoint: edge.url });
  const result = run(`
    const step = sdk.span('step', async (n) => new Map([[n, new Error('of this realm')]]));
    const failing = sdk.span('failing', () => { throw new RangeError('no'); });
    sdk.trace('root', async () => {
      try { failing(); } catch {}
      return (await step(1)).size;
    })();
  `);
  expect(await result).toBe(1);
  provider.answers = [json(chat('It is warm.'))];
  await run(`sdk.trace('ask', async () => (await post()).text())()`);
  expect(await sdk.flush()).toMatchObject({ pending: 0, dropped: 0, rejected: 0 });
  const { spans, completions } = edge.records();
  expect(spans.map(({ name, status }) => [name, status]).sort()).toEqual([
    ['ask', 'ok'],
    ['chat gpt-asked', 'ok'],
    ['failing', 'error'],
    ['root', 'ok'],
    ['step', 'ok'],
  ]);
  expect(spans.find(({ name }) => name === 'step')?.output).toMatchObject([
    [1, { type: 'Error', message: 'of this realm' }],
  ]);
  expect(completions).toMatchObject([{ content: 'It is warm.' }]);
  await sdk.shutdown();
});

it('can be loaded in a realm that has nothing of Node', () => {
  const { sdk, run } = load({ setTimeout, clearTimeout, performance, AbortController, URL });
  expect(run("sdk.span('step', (n) => n + 1)(1)")).toBe(2);
  expect(sdk.status()).toMatchObject({ created: 0 });
});
