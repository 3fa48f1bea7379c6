/** Hostile values: whatever a program passes, the call works and its record is bounded. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { span } from '../../../sdk/index.ts';
import { snapshot } from '../../../sdk/serialize/snapshot.ts';
import { LIMITS } from '../../../wire/protocol.ts';
import { byteLength } from '../../../wire/text.ts';
import { recorded } from '../support/edge.ts';

const refuse = (): never => {
  throw new Error('refused');
};

/** A proxy that throws on every operation. */
function refusing(target: object): object {
  const traps = Object.fromEntries(
    Object.getOwnPropertyNames(Reflect).map((trap) => [trap, refuse]),
  );
  return new Proxy(target, traps as ProxyHandler<object>);
}

function revoked(target: object): object {
  const { proxy, revoke } = Proxy.revocable(target, {});
  revoke();
  return proxy;
}

class Odd {
  #hidden = 1;
  own = 2;
  static count = 0;
  get hidden(): number {
    return this.#hidden;
  }
  toJSON(): never {
    return refuse();
  }
}

class Endless extends Array<number> {
  override *[Symbol.iterator](): ArrayIterator<number> {
    for (let i = 0; ; i++) yield i;
  }
}

/** An object with infinitely nested fields. */
const bottomless = (): object =>
  new Proxy(
    {},
    {
      ownKeys: () => ['a', 'b'],
      getOwnPropertyDescriptor: () => ({ enumerable: true, configurable: true, value: 1 }),
      get: (_, key) => (typeof key === 'symbol' || key === 'toJSON' ? undefined : bottomless()),
    },
  );

const EXOTIC: [string, () => unknown][] = [
  ['a proxy that refuses', () => refusing({})],
  ['a list that refuses', () => refusing([])],
  ['a function that refuses', () => refusing(() => 1)],
  ['a revoked proxy', () => revoked({})],
  ['a revoked list', () => revoked([])],
  ['a proxy of an endless depth', bottomless],
  ['a list of four billion holes', () => new Array(4_294_967_295)],
  ['lists of holes in lists', () => Array.from({ length: 100 }, () => new Array(1_000_000_000))],
  ['a list without end', () => new Endless(3)],
  [
    'a getter that throws no error',
    () => ({
      get a(): never {
        // biome-ignore lint/style/useThrowOnlyError: programs do
        throw 'no error';
      },
    }),
  ],
  [
    'a getter that throws a proxy',
    () => ({
      get a(): never {
        throw refusing({});
      },
    }),
  ],
  ['a class instance whose toJSON throws', () => new Odd()],
  ['a toJSON that is no function', () => ({ toJSON: 7 })],
  ['a toJSON that answers undefined', () => ({ toJSON: () => undefined })],
  ['a symbol', () => Symbol('s')],
  ['a function', () => refuse],
  ['a class', () => Odd],
  ['a weak reference', () => new WeakRef({})],
  ['a weak map', () => new WeakMap()],
  [
    'a generator',
    () =>
      (function* () {
        yield 1;
      })(),
  ],
  ['a promise', () => Promise.resolve(1)],
  ['the global object', () => globalThis],
  ['the process', () => process],
  ['a large buffer', () => Buffer.alloc(10_000_000)],
  ['a shared buffer', () => new SharedArrayBuffer(8)],
  ['a data view', () => new DataView(new ArrayBuffer(8))],
  ['a huge BigInt', () => 2n ** 100_000n],
  [
    'a map that holds itself',
    () => {
      const map = new Map<unknown, unknown>();
      return map.set(map, map);
    },
  ],
  [
    'a set that holds itself',
    () => {
      const set = new Set<unknown>();
      return set.add(set);
    },
  ],
  [
    'an error that is its own cause',
    () => {
      const error = new Error('e');
      error.cause = error;
      return error;
    },
  ],
  [
    'an error whose message throws',
    () => Object.defineProperty(new Error('e'), 'message', { get: refuse }),
  ],
  ['an error whose name is a symbol', () => Object.assign(new Error('e'), { name: Symbol('n') })],
  ['an aggregate of errors', () => new AggregateError([new Error('a'), refusing({})], 'b')],
  ['an object whose prototype refuses', () => Object.create(refusing({}) as object)],
  [
    'a constructor that refuses',
    () => ({
      get constructor(): never {
        return refuse();
      },
    }),
  ],
  ['a text of lone surrogates', () => '\ud800'.repeat(100_000)],
  ['a key of a million letters', () => ({ ['k'.repeat(1_000_000)]: 1 })],
  ['a million keys', () => Object.fromEntries(Array.from({ length: 1_000_000 }, (_, i) => [i, i]))],
  [
    'ten thousand levels',
    () => {
      let deep: unknown = 1;
      for (let i = 0; i < 10_000; i++) deep = { deep };
      return deep;
    },
  ],
  [
    'a million times the same object',
    () => {
      const one = { a: 'b'.repeat(10) };
      return new Array(1_000_000).fill(one);
    },
  ],
];

describe('snapshot', () => {
  it.each(EXOTIC)('captures %s within the limit, and does not throw', (_, make) => {
    const json = snapshot(make()) ?? 'null';
    expect(byteLength(json)).toBeLessThanOrEqual(LIMITS.maxJsonBytes);
    expect(() => JSON.parse(json)).not.toThrow();
  });

  it.each<[string, unknown, unknown]>([
    ['boxed values', [Object(1), Object('a'), Object(false)], [1, 'a', false]],
    ['headers', new Headers({ A: 'b' }), { a: 'b' }],
    ['parameters of a URL', new URLSearchParams('a=1&b=2'), { a: '1', b: '2' }],
    ['a URL', new URL('https://example.com/a'), 'https://example.com/a'],
    [
      'the errors of an error',
      new AggregateError([new RangeError('a')], 'b', { cause: 'c' }),
      {
        type: 'AggregateError',
        message: 'b',
        cause: 'c',
        errors: [{ type: 'RangeError', message: 'a' }],
      },
    ],
  ])('takes %s as what they say', (_, value, expected) => {
    expect(JSON.parse(snapshot(value) as string)).toEqual(expected);
  });

  it('stops at slow getters', () => {
    const slow = {};
    for (let i = 0; i < 2_000; i++) {
      Object.defineProperty(slow, `k${i}`, {
        enumerable: true,
        get: () => {
          const until = performance.now() + 2;
          while (performance.now() < until);
          return Symbol('late');
        },
      });
    }
    const start = performance.now();
    expect(snapshot(slow)).toContain('[cut: ');
    // All getters would take four seconds.
    expect(performance.now() - start).toBeLessThan(2_000);
  });

  it('captures any nesting of these values', () => {
    // As factories, because fast-check inspects values, which some of these do not allow.
    type Make = () => unknown;
    const odd = fc.constantFrom(...EXOTIC.slice(0, 36).map(([, make]) => make));
    const plain = fc.anything().map(
      (value): Make =>
        () =>
          value,
    );
    const many = (of: fc.Arbitrary<unknown>) =>
      fc.array(of as fc.Arbitrary<Make>, { maxLength: 5 });
    const { tree } = fc.letrec((tie) => ({
      tree: fc.oneof({ maxDepth: 4 }, odd, plain, tie('list'), tie('fields'), tie('map')),
      list: many(tie('tree')).map(
        (all): Make =>
          () =>
            all.map((make) => make()),
      ),
      fields: many(tie('tree')).map(
        (all): Make =>
          () =>
            new Proxy(Object.fromEntries(all.map((make, i) => [`k${i}`, make()])), {}),
      ),
      map: many(tie('tree')).map(
        (all): Make =>
          () =>
            new Map(all.map((make) => [make(), make()])),
      ),
    }));
    fc.assert(
      fc.property(tree as fc.Arbitrary<Make>, (make) => {
        const json = snapshot(make()) ?? 'null';
        JSON.parse(json);
        return byteLength(json) <= LIMITS.maxJsonBytes;
      }),
      { numRuns: 200 },
    );
  }, 60_000);
});

describe('a wrapped function', () => {
  it('receives, returns and throws the same values', async () => {
    const pass = span('pass', (value: unknown) => [value]);
    const fail = span('fail', (value: unknown) => {
      throw value;
    });
    const { spans } = await recorded(() => {
      for (const [, make] of EXOTIC.slice(0, 36)) {
        const value = make();
        expect(pass(value)[0] === value).toBe(true);
        let thrown: unknown;
        try {
          fail(value);
        } catch (error) {
          thrown = error;
        }
        expect(thrown === value).toBe(true);
      }
    });
    expect(spans).toHaveLength(72);
  });
});
