/** A wrapper is what its function is, for programs that look. */
import { describe, expect, it } from 'vitest';
import { span } from '../../../sdk/index.ts';
import { recorded } from '../support/edge.ts';

const Base = class Base {
  x: number;
  constructor(x: number) {
    this.x = x;
  }
  static create(): string {
    return 'created';
  }
};

const FUNCTIONS: [string, (...args: never[]) => unknown][] = [
  [
    'a function',
    function add(a: number, b: number) {
      return a + b;
    },
  ],
  ['an arrow function', (a: number) => a],
  ['an async function', async (a: number) => a],
  [
    'a generator',
    function* count() {
      yield 1;
    },
  ],
  [
    'an async generator',
    async function* count() {
      yield 1;
    },
  ],
  ['a class', Base as never],
  [
    'a method',
    {
      m(a: number) {
        return a;
      },
    }.m,
  ],
];

describe.each(FUNCTIONS)('the wrapper of %s', (_, fn) => {
  const wrapped = span('f', fn);

  it('has its kind, name, length, prototype and source text', () => {
    const kindOf = (one: unknown): unknown => [
      Object.prototype.toString.call(one),
      Object.getPrototypeOf(one),
      (one as typeof fn).constructor.name,
      (one as typeof fn).name,
      (one as typeof fn).length,
      (one as typeof fn).prototype === fn.prototype,
      String(one),
      Object.keys(one as object),
    ];
    expect(kindOf(wrapped)).toEqual(kindOf(fn));
  });

  it('has it when it is wrapped again', () => {
    expect(String(span('g', wrapped))).toBe(String(fn));
    expect(Object.getPrototypeOf(span('g', wrapped))).toBe(Object.getPrototypeOf(fn));
  });
});

it('what a wrapped class or generator makes is an instance of it', async () => {
  const Wrapped = span('Base', Base as never) as unknown as typeof Base;
  class Derived extends Wrapped {
    y = 1;
  }
  const count = span('count', function* () {
    yield 1;
  });
  const { spans } = await recorded(() => {
    expect(new Wrapped(3)).toBeInstanceOf(Wrapped);
    expect(new Wrapped(3)).toBeInstanceOf(Base);
    expect(new Derived(4)).toMatchObject({ x: 4, y: 1 });
    expect(new Derived(4)).toBeInstanceOf(Derived);
    expect(Wrapped.create()).toBe('created');
    const counting = count();
    expect(counting).toBeInstanceOf(count);
    expect([...counting]).toEqual([1]);
  });
  expect(spans).toMatchObject([{ name: 'count' }]);
});

it('a wrapped arrow function is no constructor', () => {
  const arrow = span('f', () => 1) as unknown as new () => object;
  expect(() => new arrow()).toThrow(TypeError);
});

it('keeps a source text that the function has of its own', () => {
  const fn = Object.assign(() => 1, { toString: () => 'mine' });
  expect(String(span('f', fn))).toBe('mine');
});
