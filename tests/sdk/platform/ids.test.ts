import { expect, it } from 'vitest';
import { spanId, traceId, uuidV7 } from '../../../sdk/platform/ids.ts';
import { isId } from '../../../wire/values.ts';

it('generates unique ids in the forms of the wire', () => {
  const spans = Array.from({ length: 20_000 }, () => spanId());
  expect(new Set(spans).size).toBe(spans.length);
  for (const id of spans) expect(id).toMatch(/^[0-9a-f]{16}$/);
  expect(traceId(0x6b035da6 * 1000 + 999)).toMatch(/^6b035da6[0-9a-f]{24}$/);
  expect(uuidV7(0x0123456789ab)).toMatch(
    /^01234567-89ab-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/,
  );
});

it.each([
  ['user_456', true],
  ['a b', true],
  ['日本', true],
  ['x'.repeat(128), true],
  ['x'.repeat(129), false],
  ['', false],
  ['a\nb', false],
  ['a\u0000', false],
  ['\ud83d', false],
])('finds %j usable as an id: %s', (id, isUsable) => {
  expect(isId(id)).toBe(isUsable);
});
