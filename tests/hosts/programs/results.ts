/** What a function returns is what its caller gets: the same object, with all its ways. */
import { AsyncLocalStorage } from 'node:async_hooks';
import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';
import { Readable, Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { Host, Program } from '../program.ts';
import type { Json } from '../provider/server.ts';
import { times } from '../row-checks.ts';

type Ways = Record<string, () => unknown>;

const textsOf = async (iterable: AsyncIterable<unknown>): Promise<unknown[]> => {
  const seen = [];
  for await (const one of iterable)
    seen.push(one instanceof Uint8Array ? new TextDecoder().decode(one) : one);
  return seen;
};

async function each(ways: Ways, { attempt }: Host): Promise<Record<string, unknown>> {
  const seen: Record<string, unknown> = {};
  for (const [name, way] of Object.entries(ways)) seen[name] = await attempt(way);
  return seen;
}

const numbers = () =>
  new ReadableStream({
    start(controller) {
      for (const one of [1, 2]) controller.enqueue(one);
      controller.close();
    },
  });

function streams({ agensight: { span } }: Host): Ways {
  const web = span('web', numbers);
  const file = span('file', () => createReadStream(new URL(import.meta.url)));
  const lines = span('lines', () => createInterface({ input: Readable.from(['a\nb\n']) }));
  return {
    'a web stream, iterated': () => textsOf(web()),
    'a web stream, transferred': () => {
      const stream = web();
      return textsOf(structuredClone(stream, { transfer: [stream] }));
    },
    'a file, through a pipeline': async () => {
      let bytes = 0;
      const count = new Writable({
        write: (chunk, _, done) => {
          bytes += chunk.length;
          done();
        },
      });
      await pipeline(file(), count);
      return bytes > 0;
    },
    'a file, by events': async () => {
      const stream = file().setEncoding('utf8');
      let text = '';
      stream.on('data', (chunk) => {
        text += chunk;
      });
      await new Promise<void>((resolve) => stream.once('end', () => resolve()));
      return [text.length > 0, stream.listenerCount('data')];
    },
    'lines, iterated': () => textsOf(lines()),
    'lines, by events': async () => {
      const reader = lines();
      const seen: string[] = [];
      reader.on('line', (line) => seen.push(line));
      await new Promise<void>((resolve) => reader.once('close', () => resolve()));
      return seen;
    },
  };
}

/** A builder of queries, which runs when it is awaited. */
function queryBuilder() {
  const builder = {
    runs: 0,
    where() {
      return this;
    },
    // biome-ignore lint/suspicious/noThenProperty: what query builders are
    then(resolve: (rows: string[]) => void) {
      this.runs += 1;
      resolve(['row']);
    },
  };
  return builder;
}

const strict = () =>
  new Proxy({ value: 1 } as Json, {
    set: () => false,
    defineProperty: () => false,
    get(target, key) {
      if (typeof key === 'string' && key.startsWith('_')) throw new Error(`no ${key}`);
      return target[key];
    },
  });

const hostile = (): Json => {
  const { proxy, revoke } = Proxy.revocable({}, {});
  revoke();
  return proxy;
};

function values({ agensight: { span } }: Host): Ways {
  const same = (make: () => Json) => {
    const value = make();
    return span('work', () => value)() === value;
  };
  return {
    frozen: () => same(() => Object.freeze({ value: 1, [Symbol.asyncIterator]: undefined })),
    'a proxy that refuses': () => same(strict),
    'a revoked proxy': () => same(hostile),
    'a proxy without a prototype': () =>
      same(
        () =>
          new Proxy(
            {},
            {
              getPrototypeOf: () => {
                throw new Error('none');
              },
            },
          ),
      ),
    'a Map': () => span('work', (map: Map<number, number>) => map)(new Map([[1, 2]])).get(1),
    'a query builder': async () => {
      const builder = queryBuilder();
      const query = span('work', () => builder)();
      return [query === (builder as unknown), builder.runs, await builder.where(), builder.runs];
    },
    'a generator': () => {
      const numbered = span('work', function* (): Generator<number, string, string> {
        return yield 1;
      })();
      return [numbered.next(), numbered.next('back'), numbered.next()];
    },
    'a generator that is left': () => {
      const log: unknown[] = [];
      const numbered = span('work', function* () {
        try {
          yield 1;
          yield 2;
        } finally {
          log.push('cleaned');
        }
      });
      for (const one of numbered()) {
        log.push(one);
        break;
      }
      return log;
    },
    'an error, the same': () => {
      const error = Object.freeze(new Error('frozen'));
      try {
        span('work', () => {
          throw error;
        })();
      } catch (thrown) {
        return thrown === error;
      }
      return 'nothing was thrown';
    },
    'a thrown null': () =>
      span('work', () => {
        // biome-ignore lint/style/useThrowOnlyError: programs do it
        throw null;
      })(),
    'a function, its name, length and this': () => {
      const fn = span('work', function total(this: unknown, a: number, b: number) {
        return [this, a + b];
      });
      return [fn.name, fn.length, fn.call('me', 1, 2)];
    },
    'a class and its private field': () => {
      class Agent {
        #city = 'A';
        ask(): string {
          return this.#city;
        }
      }
      Agent.prototype.ask = span('ask', Agent.prototype.ask);
      return new Agent().ask();
    },
    'large and deep': () => {
      const deep: Json = {};
      let at = deep;
      for (let level = 0; level < 10_000; level++) at = at.next = {};
      return same(() => [deep, 'x'.repeat(5_000_000), Array.from({ length: 100_000 }, () => 1)]);
    },
  };
}

export const programs: Program[] = [
  {
    name: 'streams of Node and of the web, lines of a file',
    run: (host) => each(streams(host), host),
  },
  {
    name: 'frozen things, proxies, generators, errors, classes',
    run: (host) => each(values(host), host),
  },
  {
    name: 'a promise of Bluebird',
    packages: ['bluebird'],
    async run({ load, agensight }) {
      const { default: Bluebird } = await load('bluebird');
      const promise = agensight.span('work', () => Bluebird.resolve([1, 2]))();
      const doubled = await promise.map((one: number) => one * 2);
      return [promise instanceof Bluebird, doubled, promise.isFulfilled()];
    },
  },
  {
    name: 'another AsyncLocalStorage, timers, immediates',
    async run({ agensight, pause }) {
      const storage = new AsyncLocalStorage<string>();
      const inner = agensight.span('inner', async (n: number) => {
        await null;
        return [n, storage.getStore()];
      });
      const outer = agensight.trace('outer', () =>
        storage.run('mine', async () => {
          const first = await inner(1);
          await pause(1);
          const second = await new Promise((resolve) => setImmediate(() => resolve(inner(2))));
          return [first, second, storage.getStore()];
        }),
      );
      return [await outer(), storage.getStore()];
    },
    rows: [
      { table: 'traces', are: [{ name: 'outer' }] },
      { table: 'spans', are: times(3) },
    ],
  },
];
