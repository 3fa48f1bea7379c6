import { describe, expect, it } from 'vitest';
import {
  boundJson,
  CUT_KEY,
  DEPTH_MARK,
  KEPT_BYTES,
  LONG_TEXT_BYTES,
} from '../../../lambda/validation/bound-json.ts';
import { LIMITS } from '../../../wire/protocol.ts';

function nested(levels: number): unknown {
  let value: unknown = 1;
  for (let i = 0; i < levels; i++) value = [value];
  return value;
}

describe('boundJson', () => {
  it('returns the same value when it is within the bounds', () => {
    const value = { a: [1, 'x', null, true, { b: 'ä😀' }] };
    expect(boundJson(value)).toBe(value);
  });

  it('cleans texts and keys at every depth', () => {
    const value = { fine: 1, 'a\u0000': ['b\u0000', { 'c\ud83d': 'd\ud83d' }], end: 2 };
    const clean = { fine: 1, 'a\ufffd': ['b\ufffd', { 'c\ufffd': 'd\ufffd' }], end: 2 };
    expect(boundJson(value)).toEqual(clean);
  });

  it('does not modify its argument', () => {
    const value = { a: ['b\u0000'] };
    boundJson(value);
    expect(value).toEqual({ a: ['b\u0000'] });
  });

  it('keeps __proto__ an ordinary key, also in a copy', () => {
    const value = JSON.parse('{"__proto__": {"polluted": true}, "x": "\\u0000"}');
    expect(JSON.stringify(boundJson(value))).toBe('{"__proto__":{"polluted":true},"x":"\ufffd"}');
    expect(({} as { polluted?: boolean }).polluted).toBeUndefined();
  });

  it('writes numbers that JSON cannot represent as text', () => {
    expect(boundJson(JSON.parse('[1e999, -1e999, 1e308]'))).toEqual([
      'Infinity',
      '-Infinity',
      1e308,
    ]);
  });

  it('keeps the maximum depth, and marks deeper values', () => {
    expect(boundJson(nested(LIMITS.maxDepth))).toEqual(nested(LIMITS.maxDepth));
    expect(JSON.stringify(boundJson(nested(LIMITS.maxDepth + 1)))).toContain(DEPTH_MARK);
    expect(JSON.stringify(boundJson(nested(100_000)))).toContain(DEPTH_MARK);
  });

  it('keeps the maximum number of keys, and notes how many there were', () => {
    const object = (keys: number): Record<string, number> =>
      Object.fromEntries(Array.from({ length: keys }, (_, i) => [`k${i}`, i]));
    expect(boundJson(object(LIMITS.maxKeys))).toEqual(object(LIMITS.maxKeys));
    const cut = { ...object(LIMITS.maxKeys), [CUT_KEY]: '…[cut: 16384 of 20000 keys]' };
    expect(boundJson([object(20_000)])).toEqual([cut]);
    expect(boundJson(cut)).toBe(cut);
  });

  it('keeps a value of the maximum size', () => {
    const text = 'x'.repeat(LIMITS.maxJsonBytes - 2);
    expect(boundJson(text)).toBe(text);
  });

  it('counts bytes of JSON text, not characters', () => {
    const text = '\u0001'.repeat(LIMITS.maxJsonBytes / 6);
    expect(JSON.stringify(boundJson(text)).length).toBeLessThan(LIMITS.maxJsonBytes);
  });

  it('cuts the long texts of a value that is too large, and keeps its structure', () => {
    const value = { model: 'gpt', text: 'ä'.repeat(LIMITS.maxJsonBytes), n: 1 };
    const cut = boundJson(value) as { model: string; text: string; n: number };
    expect(cut).toMatchObject({ model: 'gpt', n: 1 });
    expect(cut.text).toMatch(/…\[cut: 16384 of 2097152 bytes\]$/);
    expect(cut.text.length).toBeLessThan(LONG_TEXT_BYTES);
  });

  it('replaces a value that is still too large, and notes its size', () => {
    const value = Array.from({ length: 300_000 }, (_, i) => i);
    const cut = boundJson(value) as { 'agensight.cut': { bytes: number; kept: string } };
    expect(cut['agensight.cut'].bytes).toBe(JSON.stringify(value).length);
    expect(cut['agensight.cut'].kept).toMatch(/^\[0,1,2,3,/);
    expect(cut['agensight.cut'].kept.length).toBeLessThan(KEPT_BYTES + 100);
  });
});
