import { Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { describe, expect, it } from 'vitest';
import { currentSpan, flush, span, trace } from '../../../sdk/index.ts';
import { recorded } from '../support/edge.ts';
import { collect, duration } from '../support/stream-reading.ts';

/** A stream like those of the clients of OpenAI and Anthropic. */
class ClientStream<T> {
  readonly controller = new AbortController();
  private readonly iterator: () => AsyncIterator<T>;

  constructor(items: (signal: AbortSignal) => AsyncGenerator<T>) {
    this.iterator = () => items(this.controller.signal);
  }

  [Symbol.asyncIterator](): AsyncIterator<T> {
    return this.iterator();
  }

  tee(): AsyncIterator<T> {
    return this.iterator();
  }
}

const numbers = (to: number) =>
  new ClientStream<number>(async function* (signal) {
    for (let i = 0; i < to; i++) {
      if (signal.aborted) return;
      await sleep(5);
      yield i;
    }
  });

describe("a client's stream", () => {
  it('is the same object, and its span ends at its end', async () => {
    const stream = numbers(4);
    const { spans } = await recorded(async () => {
      const result = await span('f', async () => stream)();
      expect(result).toBe(stream);
      expect(await collect(result)).toEqual([0, 1, 2, 3]);
    });
    expect(spans[0]).toMatchObject({ status: 'ok', output: [0, 1, 2, 3] });
    expect(duration(spans[0])).toBeGreaterThan(15);
  });

  it.each<[string, (stream: ClientStream<number>) => Promise<unknown>, unknown]>([
    ['left early', (stream) => collect(stream, 2), [0, 1]],
    [
      'aborted',
      async (stream) => {
        for await (const value of stream) if (value === 1) stream.controller.abort();
      },
      [0, 1],
    ],
    [
      'read through another method',
      (stream) => collect({ [Symbol.asyncIterator]: () => stream.tee() }),
      [0, 1, 2],
    ],
  ])('ends its span when it is %s', async (_, read, output) => {
    const { spans } = await recorded(() => read(span('f', () => numbers(3))()));
    expect(spans[0]).toMatchObject({ status: 'ok', output });
  });

  it('records an error and the items before it', async () => {
    const { spans } = await recorded(async () => {
      const failing = new ClientStream<number>(async function* () {
        yield 1;
        throw new Error('lost');
      });
      await expect(collect(span('f', () => failing)())).rejects.toThrow('lost');
    });
    expect(spans[0]).toMatchObject({ status: 'error', output: [1], error: { message: 'lost' } });
  });

  it('runs each step inside its span', async () => {
    const inner = span('inner', () => 0);
    const { spans } = await recorded(() =>
      trace('root', async () => {
        const root = currentSpan();
        const stream = new ClientStream<number>(async function* () {
          for (let i = 0; i < 2; i++) {
            await sleep(1);
            yield inner();
          }
        });
        for await (const _ of span('steps', () => stream)()) expect(currentSpan()).toBe(root);
      })(),
    );
    const steps = spans.find(({ name }) => name === 'steps');
    const parents = spans.filter(({ name }) => name === 'inner').map(({ parent_id }) => parent_id);
    expect(parents).toEqual([steps?.id, steps?.id]);
  });

  it('is recorded up to the limit', async () => {
    const { spans } = await recorded(() => {
      const big = new ClientStream<string>(async function* () {
        for (let i = 0; i < 40; i++) yield 'x'.repeat(20_000);
      });
      return collect(span('f', () => big)());
    });
    const output = spans[0]?.output as string[];
    expect(JSON.stringify(output).length).toBeLessThan(300_000);
    expect(output.at(-1)).toMatch(/cut: \d+ of 40 items/);
  });

  it('is returned by a promise with additional methods, also when awaited twice', async () => {
    class ClientPromise extends Promise<unknown> {
      parse(): Promise<unknown> {
        return Promise.resolve(stream);
      }
      // biome-ignore lint/suspicious/noThenProperty: the clients do so
      override then(...args: Parameters<Promise<unknown>['then']>) {
        return this.parse().then(...args) as never;
      }
      async withResponse() {
        return { data: await this.parse() };
      }
    }
    const stream = numbers(2);
    const { spans } = await recorded(async () => {
      const promise = span('f', () => new ClientPromise((resolve) => resolve(null)))();
      expect(promise).toBeInstanceOf(ClientPromise);
      expect(await promise).toBe(stream);
      const { data } = await promise.withResponse();
      expect(await collect(data as ClientStream<number>)).toEqual([0, 1]);
    });
    expect(spans.map(({ output }) => output)).toEqual([[0, 1]]);
  });
});

describe('a stream that is not read', () => {
  it('ends its span when it is garbage-collected, at the time of the last item', async () => {
    setFlagsFromString('--expose-gc');
    const collectGarbage = runInNewContext('gc') as () => void;
    let readMillis = 0;
    const { spans } = await recorded(async () => {
      const abandon = async () => {
        const iterator = span('f', () => numbers(9))()[Symbol.asyncIterator]();
        await iterator.next();
      };
      const startedAtMillis = performance.now();
      await abandon();
      readMillis = performance.now() - startedAtMillis;
      for (let i = 0; i < 50; i++) {
        await sleep(5);
        collectGarbage();
      }
      await flush();
    });
    expect(spans[0]).toMatchObject({ output: [0], attributes: { 'agensight.unfinished': true } });
    expect(duration(spans[0])).toBeLessThan(readMillis + 5);
  });
});

describe('a stream of Node', () => {
  it('ends its span however it is read', async () => {
    const { spans } = await recorded(async () => {
      const make = span('f', () => Readable.from(['a', 'b']));
      expect(await collect(make())).toEqual(['a', 'b']);
      const stream = make();
      expect(stream).toBeInstanceOf(Readable);
      const heard: string[] = [];
      stream.on('data', (chunk: string) => heard.push(chunk));
      await new Promise((resolve) => stream.on('close', resolve));
      expect(heard).toEqual(['a', 'b']);
    });
    expect(spans.map(({ output }) => output)).toEqual([
      ['a', 'b'],
      ['a', 'b'],
    ]);
  });
});
