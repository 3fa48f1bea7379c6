/** Invariant: a function gives, throws and takes the same with the SDK as without it. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { span, startSpan } from '../../../sdk/index.ts';
import { recorded } from '../support/edge.ts';

const refuse = (): never => {
  throw new Error('refused');
};

const trapNames = Object.getOwnPropertyNames(Reflect);
/** A proxy of which some operations throw. */
const proxies = fc
  .tuple(
    fc.subarray(trapNames),
    fc.constantFrom<object>({}, [], () => 1, Promise.resolve(1)),
  )
  .map(([names, target]) => ({
    value: new Proxy(target, Object.fromEntries(names.map((name) => [name, refuse]))) as unknown,
  }));

const revoked = fc
  .constantFrom<object>({}, [], () => 1)
  .map((target) => {
    const { proxy, revoke } = Proxy.revocable(target, {});
    revoke();
    return { value: proxy as unknown };
  });

/** The names by which libraries, and this SDK, recognise results. */
const NAMES = [
  'then',
  'next',
  'return',
  'subscribe',
  '@@observable',
  'parse',
  'asResponse',
  'iterator',
  'tee',
  'toReadableStream',
  '_emit',
  'on',
  'emit',
  'pipe',
  'readableEnded',
  'stream',
  'body',
  'headers',
  'constructor',
  'toJSON',
  'name',
  'message',
  'choices',
  'usage',
  'content',
  'textStream',
  'hasNext',
] as const;
const SYMBOLS = [Symbol.asyncIterator, Symbol.iterator, Symbol.toStringTag, Symbol.toPrimitive];

/** Objects that look like results of other kinds, with values and methods that do not fit. */
const lookalikes = fc
  .tuple(
    fc.dictionary(
      fc.constantFrom(...NAMES),
      fc.constantFrom<unknown>(
        1,
        null,
        'x',
        {},
        [],
        refuse,
        () => null,
        () => ({}),
      ),
    ),
    fc.subarray([...SYMBOLS]),
    fc.constantFrom<unknown>(
      'Response',
      'Generator',
      'ReadableStream',
      'Map',
      'Error',
      refuse,
      () => ({ next: () => null }),
      5,
    ),
    fc.boolean(),
  )
  .map(([fields, symbols, value, isFrozen]) => {
    const object: Record<PropertyKey, unknown> = { ...fields };
    for (const symbol of symbols) object[symbol] = value;
    return isFrozen ? Object.freeze(object) : object;
  });

const inherited = proxies.map(({ value }) => {
  try {
    return { value: Object.create(value as object) as unknown };
  } catch {
    return { value: {} as unknown };
  }
});

const boxed = fc.oneof(lookalikes, fc.anything()).map((value) => ({ value: value as unknown }));

/** In a box, because the test library asks each value for a method. */
const hostile = fc.oneof(proxies, revoked, inherited, boxed);

const outcome = (work: () => unknown): [string, unknown] => {
  try {
    return ['returned', work()];
  } catch (thrown) {
    return ['threw', thrown];
  }
};

describe('a wrapped function', () => {
  it('returns and throws the very same values, whatever they are', async () => {
    await recorded(() =>
      fc.assert(
        fc.property(hostile, ({ value }) => {
          expect(Object.is(outcome(() => span('f', () => value)())[1], value)).toBe(true);
          const throwing = span('f', () => {
            throw value;
          });
          const [how, thrown] = outcome(throwing);
          expect(how).toBe('threw');
          expect(Object.is(thrown, value)).toBe(true);
          expect(span({ kind: 'llm' }, (_: unknown) => 7)(value)).toBe(7);
        }),
        { numRuns: 300 },
      ),
    );
  });

  it('yields the very same values', async () => {
    await recorded(() =>
      fc.assert(
        fc.property(fc.array(hostile, { maxLength: 4 }), (boxes) => {
          const values = boxes.map(({ value }) => value);
          const steps = span('f', function* () {
            yield* values;
            return values;
          })();
          for (const value of values) expect(Object.is(steps.next().value, value)).toBe(true);
          expect(steps.next().value).toBe(values);
        }),
        { numRuns: 100 },
      ),
    );
  });

  it('resolves to the very same values', async () => {
    await recorded(() =>
      fc.assert(
        fc.asyncProperty(hostile, async ({ value }) => {
          const box = { value };
          expect(await span('f', async () => box)()).toBe(box);
        }),
        { numRuns: 100 },
      ),
    );
  });

  it('gives the methods of a result the same outcome', async () => {
    await recorded(() =>
      fc.assert(
        fc.property(lookalikes, fc.constantFrom(...NAMES), (value, name) => {
          const call = (): unknown => (value as Record<string, () => unknown>)[name]?.();
          const [how, before] = outcome(call);
          span('f', () => value)();
          const [later, after] = outcome(call);
          expect(later).toBe(how);
          if (how === 'returned') expect(after).toEqual(before);
        }),
        { numRuns: 300 },
      ),
    );
  });
});

describe('startSpan', () => {
  it('takes any value in any method', async () => {
    await recorded(() =>
      fc.assert(
        fc.property(hostile, ({ value }) => {
          const step = startSpan({ name: 's', input: value });
          const given = value as never;
          step.setInput(value).setOutput(value).setAttribute('a', given).setAttributes(given);
          step.addEvent('e', given).addLink(given).setStatus(given).recordError(value);
          const result = step.run(() => value);
          expect(Object.is(result, value)).toBe(true);
          step.end(given);
        }),
        { numRuns: 300 },
      ),
    );
  });
});

describe('a plain promise', () => {
  it('keeps its own properties, and is the same when it is returned again', async () => {
    await recorded(async () => {
      const pending = Object.assign(Promise.resolve(1), { cancel: () => 'cancelled' });
      const get = span('get', () => pending);
      expect(get().cancel()).toBe('cancelled');
      expect(get()).toBe(get());
      expect(await get()).toBe(1);
    });
  });

  it('is the same when a function that claims to be async returns it again', async () => {
    await recorded(async () => {
      const pending = Promise.resolve(1);
      const get = Object.defineProperty(() => pending, Symbol.toStringTag, {
        value: 'AsyncFunction',
      });
      const traced = span('get', get);
      expect(traced()).toBe(traced());
    });
  });

  it('that is handled once is handled for all who got it', async () => {
    let unhandled = 0;
    const count = (): void => {
      unhandled += 1;
    };
    process.on('unhandledRejection', count);
    await recorded(async () => {
      const failing = Promise.reject(new Error('late'));
      const get = span('get', () => failing);
      await expect(get()).rejects.toThrow('late');
      void get();
      await new Promise((resolve) => setTimeout(resolve, 5));
    });
    process.off('unhandledRejection', count);
    expect(unhandled).toBe(0);
  });
});

describe('a program that has a `Promise` of its own', () => {
  const { Promise: given } = globalThis;

  it('records its async functions, and those that return one of its promises', async () => {
    class Own<T> extends given<T> {
      static override get [Symbol.species](): PromiseConstructor {
        return Own as unknown as PromiseConstructor;
      }
    }
    let results: unknown[] = [];
    const { spans } = await recorded(async () => {
      globalThis.Promise = Own as unknown as PromiseConstructor;
      try {
        const own = span('own', () => Own.resolve(2));
        const failing = span('failing', async () => {
          throw new Error('no');
        });
        results = [
          await span('async', async () => 1)(),
          await own(),
          own() instanceof Own,
          await failing().catch(({ message }: Error) => message),
        ];
      } finally {
        globalThis.Promise = given;
      }
    });
    expect(results).toEqual([1, 2, true, 'no']);
    expect(spans.map(({ name, status }) => [name, status])).toContainEqual(['async', 'ok']);
    expect(spans.map(({ name, status }) => [name, status])).toContainEqual(['failing', 'error']);
    expect(spans.find(({ name }) => name === 'async')?.output).toBe(1);
  });
});
