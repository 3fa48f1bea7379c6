/** Programs that harden or replace what the language gives them. */
import { mock } from 'node:test';
import type { HostSdk, Program } from '../program.ts';
import { ANSWER, CHAT, completion, TOKENS } from '../provider/chat.ts';
import type { Json } from '../provider/server.ts';
import { some } from '../row-checks.ts';

const post = async (url: string): Promise<unknown> => {
  const headers = { 'content-type': 'application/json' };
  const body = JSON.stringify(CHAT);
  const response = await fetch(`${url}/v1/chat/completions`, { method: 'POST', headers, body });
  return ((await response.json()) as Json).choices[0].message.content;
};

async function all(items: AsyncIterable<unknown>): Promise<unknown[]> {
  const seen: unknown[] = [];
  for await (const item of items) seen.push(item);
  return seen;
}

/** Results of many kinds, some of them frozen. */
const results = async ({ span }: HostSdk): Promise<unknown[]> => [
  await span('async', async () => ({ constructor: 1, toString: 2, valueOf: 3 }))(),
  [...span('generator', () => Object.freeze([1, 2].values()))()],
  await all(
    span('steps', async function* () {
      yield 1;
      yield 2;
    })(),
  ),
  await span('promise', () => Object.freeze(Promise.resolve(7)))(),
  await span('response', () => Object.freeze(new Response('text')))().text(),
  await all(
    span('stream', () => Object.freeze(new Response('bytes').body as ReadableStream))(),
  ).then(({ length }) => length),
  Object.isFrozen(span('data', () => Object.freeze({ a: Object.freeze([1]) }))()),
  await span('failing', async () => {
    throw Object.freeze(new RangeError('no'));
  })().catch(({ message }: Error) => message),
];

const NAMES = ['async', 'generator', 'steps', 'promise', 'response', 'stream', 'data'];

export const programs: Program[] = [
  {
    name: 'built-in classes that are frozen',
    async run({ agensight, provider }) {
      const { url } = await provider(() => ({ json: completion({ content: ANSWER }) }));
      // Without `Error`: undici sets the name of its own.
      const classes = [Object, Array, Function, Promise, Map, Set, WeakMap, String, Date, RegExp];
      for (const one of classes) {
        Object.freeze(one);
        Object.freeze(one.prototype);
      }
      Object.freeze(Reflect);
      Object.freeze(JSON);
      return [await results(agensight), await post(url)];
    },
    rows: [
      { table: 'spans', have: NAMES.map((name) => ({ name, status: 'ok', ended_at: some })) },
      { table: 'spans', where: { name: 'failing' }, are: [{ status: 'error' }] },
      { table: 'completions', are: [{ content: ANSWER, ...TOKENS }] },
    ],
  },
  {
    name: 'node:test, timers that the test moves',
    async run({ agensight }) {
      let set = 0;
      mock.timers.enable({ apis: ['setTimeout', 'setInterval', 'setImmediate', 'Date'] });
      const { setTimeout: fake } = globalThis;
      globalThis.setTimeout = ((...args: Parameters<typeof fake>) => {
        set += 1;
        return fake(...args);
      }) as typeof fake;
      const seen: unknown[] = [];
      const later = agensight.span('later', (done: () => void) => setTimeout(done, 60_000));
      later(() => seen.push('done'));
      await agensight.span('async', async () => seen.push('async'))();
      mock.timers.tick(60_000);
      mock.timers.runAll();
      globalThis.setTimeout = fake;
      mock.timers.reset();
      return [seen, set];
    },
    rows: [{ table: 'spans', have: [{ name: 'later' }, { name: 'async', status: 'ok' }] }],
  },
];
