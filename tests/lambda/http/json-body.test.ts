import { describe, expect, it } from 'vitest';
import { HttpError } from '../../../lambda/http/http-error.ts';
import { decodeJson, MAX_CONTAINERS, MAX_NESTING } from '../../../lambda/http/json-body.ts';

function decode(text: string | Buffer) {
  const decoded = decodeJson(Buffer.from(text));
  return decoded instanceof HttpError ? decoded.status : decoded.value;
}

function nested(levels: number): string {
  return '['.repeat(levels) + ']'.repeat(levels);
}

describe('decodeJson', () => {
  it.each(['', ' ', '{', '[1,]', 'undefined', '"a', '"\\', '\ufeff{}', '{"a":1}x'])(
    'refuses %j',
    (text) => {
      expect(decode(text)).toBe(400);
    },
  );

  it('does not quote the body in its error', () => {
    const refusal = decodeJson(Buffer.from('{"secret": hunter2}'));
    expect(JSON.stringify(refusal)).not.toContain('hunter2');
  });

  it('reads bytes that are not UTF-8 as U+FFFD', () => {
    expect(decode(Buffer.from([0x22, 0x61, 0xff, 0x22]))).toBe('a\ufffd');
  });

  it('accepts the maximum nesting, and not one level more', () => {
    expect(decode(nested(MAX_NESTING))).toBeInstanceOf(Array);
    expect(decode(nested(MAX_NESTING + 1))).toBe(400);
    expect(decode('['.repeat(4_000_000))).toBe(400);
  });

  it('does not count brackets inside texts', () => {
    const text = `${'['.repeat(MAX_NESTING + 1)}\\"[{`;
    expect(decode(`["${text}"]`)).toEqual([text.replace('\\"', '"')]);
  });

  it('accepts the maximum number of objects and arrays, and not one more', () => {
    const inside = MAX_CONTAINERS - 1;
    expect(decode(`[${'[],'.repeat(inside - 1)}[]]`)).toHaveLength(inside);
    expect(decode(`[${'[],'.repeat(inside)}{}]`)).toBe(413);
  });
});
