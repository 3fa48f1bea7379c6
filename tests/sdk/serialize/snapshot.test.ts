import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { quoteText, snapshot, snapshotArguments } from '../../../sdk/serialize/snapshot.ts';
import { LIMITS } from '../../../wire/protocol.ts';
import { byteLength } from '../../../wire/text.ts';

const read = (value: unknown): unknown => JSON.parse(snapshot(value) ?? 'null');

const cycle: Record<string, unknown> = { name: 'loop' };
cycle.self = cycle;

const throwing = {
  before: 1,
  get broken(): never {
    throw new Error('no access');
  },
  after: 2,
};

class Point {
  x = 1;
  #secret = 2;
  get sum(): number {
    return this.x + this.#secret;
  }
}

describe('snapshot', () => {
  it.each<[string, unknown, unknown]>([
    ['plain data', { a: [1, 'two', null, true] }, { a: [1, 'two', null, true] }],
    ['nothing', undefined, null],
    ['an object without a prototype', Object.assign(Object.create(null), { a: 1 }), { a: 1 }],
    ['a cycle', cycle, { name: 'loop', self: '[circular]' }],
    ['the same object twice', [cycle.name, [1], [1]], ['loop', [1], [1]]],
    ['a BigInt', { id: 10n }, { id: '10' }],
    ['a huge BigInt', 2n ** 5000n, '[bigint of more than 4096 bits]'],
    ['numbers that JSON lacks', [Number.NaN, Number.POSITIVE_INFINITY], ['NaN', 'Infinity']],
    ['a Map with text keys', new Map([['a', 1]]), { a: 1 }],
    ['a Map with other keys', new Map([[1, 'a']]), [[1, 'a']]],
    ['a Set', new Set([1, 2]), [1, 2]],
    ['a Date', new Date(0), '1970-01-01T00:00:00.000Z'],
    ['an invalid Date', new Date(Number.NaN), 'Invalid Date'],
    ['a Buffer', Buffer.alloc(1000), '[Buffer: 1000 bytes]'],
    ['a typed array', { pixels: new Uint16Array(4) }, { pixels: '[Uint16Array: 8 bytes]' }],
    ['a function', { callback: function named() {} }, { callback: '[function named]' }],
    ['a symbol', Symbol('s'), '[Symbol(s)]'],
    ['an instance', new Point(), { x: 1 }],
    ['an instance without fields', Promise.resolve(1), '[Promise]'],
    ['an error', new TypeError('bad'), { type: 'TypeError', message: 'bad' }],
    ['a getter that throws', throwing, { before: 1, broken: '[threw: no access]', after: 2 }],
    [
      'a toJSON that throws',
      {
        toJSON: () => {
          throw new Error('not now');
        },
      },
      '[unreadable: not now]',
    ],
    ['a toJSON that answers itself', { toJSON: () => cycle }, { name: 'loop', self: '[circular]' }],
    ['a NUL character', 'a\u0000b', 'a\ufffdb'],
    ['an escaped backslash before u0000', 'a\\u0000b', 'a\\u0000b'],
    ['a lone surrogate', { text: 'a\ud83d' }, { text: 'a\ufffd' }],
    [
      'a key named __proto__',
      JSON.parse('{"__proto__": {"a": 1}}'),
      JSON.parse('{"__proto__": {"a": 1}}'),
    ],
  ])('takes %s', (_, value, expected) => {
    expect(read(value)).toEqual(expected);
  });

  it('does not change with the value', () => {
    const value = { list: ['before'] };
    const json = snapshot(value);
    value.list[0] = 'after';
    expect(json).toBe('{"list":["before"]}');
  });

  it('captures a proxy that throws on every operation', () => {
    const refuse = (): never => {
      throw new Error('refused');
    };
    const traps = { get: refuse, ownKeys: refuse, getPrototypeOf: refuse, has: refuse };
    expect(read(new Proxy({}, traps))).toMatch(/unreadable/);
    const { proxy, revoke } = Proxy.revocable({}, {});
    revoke();
    expect(read({ proxy })).toMatchObject({ proxy: expect.stringContaining('unreadable') });
  });

  it('cuts a long text and marks its length', () => {
    const json = snapshot('ü'.repeat(2_000_000)) ?? '';
    expect(byteLength(json)).toBeLessThanOrEqual(LIMITS.maxJsonBytes);
    expect(json).toMatch(/…\[cut: \d+ of 4000000 bytes\]"$/);
  });

  it('cuts a long list and marks its length', () => {
    const list = read(Array.from({ length: 900_000 }, (_, i) => `item ${i}`)) as unknown[];
    expect(list.at(-1)).toBe(`…[cut: ${list.length - 1} of 900000 items]`);
  });

  it('cuts values that are nested too deep', () => {
    let deep: unknown = 'bottom';
    for (let i = 0; i < 5_000; i++) deep = [deep];
    expect(snapshot(deep)).toContain('[cut: nested too deep]');
  });

  it('keeps values nested exactly to the limit', () => {
    let deep: unknown = 'bottom';
    for (let i = 0; i < LIMITS.maxDepth; i++) deep = [deep];
    expect(snapshot(deep)).toContain('bottom');
  });

  it('never throws and stays within the limit for any value', () => {
    const anything = fc.anything({
      withBigInt: true,
      withBoxedValues: true,
      withDate: true,
      withMap: true,
      withNullPrototype: true,
      withObjectString: true,
      withSet: true,
      withSparseArray: true,
      withTypedArray: true,
      withUnicodeString: true,
      maxDepth: 6,
    });
    fc.assert(
      fc.property(anything, (value) => {
        const json = snapshot(value);
        if (json === null) return value === undefined;
        let isClean = true;
        JSON.parse(json, (_, part: unknown) => {
          if (typeof part === 'string') isClean &&= part.isWellFormed() && !part.includes('\0');
        });
        return isClean && byteLength(json) <= LIMITS.maxJsonBytes;
      }),
      { numRuns: 500 },
    );
  });

  it('stays within the limit for any text', () => {
    const unit = fc.constantFrom('a', '"', '\\', '\u0001', 'é', '漢', '😀', '\ud800');
    fc.assert(
      fc.property(unit, fc.integer({ min: 1, max: 1_500_000 }), (text, count) => {
        const value = [text.repeat(count), { nested: text.repeat(count) }];
        return byteLength(snapshot(value) ?? '') <= LIMITS.maxJsonBytes;
      }),
      { numRuns: 20 },
    );
  });
});

describe('snapshotArguments', () => {
  it.each<[string, unknown[], string | null]>([
    ['none as nothing', [], null],
    ['one as itself', [{ a: 1 }], '{"a":1}'],
    ['several as a list', [1, 'two'], '[1,"two"]'],
  ])('takes %s', (_, args, expected) => {
    expect(snapshotArguments(args)).toBe(expected);
  });
});

describe('quoteText', () => {
  it('cuts at the limit of a text field', () => {
    const text = JSON.parse(quoteText('x'.repeat(LIMITS.maxTextBytes + 1))) as string;
    expect(text).toMatch(/…\[cut: 1048576 of 1048577 bytes\]$/);
  });
});
