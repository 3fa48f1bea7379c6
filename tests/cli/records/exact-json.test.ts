import fc from 'fast-check';
import { expect, it } from 'vitest';
import { parseExactly } from '../../../cli/records/exact-json.ts';

it.each([
  '{"id":12345678901234567890,"n":1}',
  '[1e400,0.1000000000000000055,1E5,-0]',
  '{"text":"12345678901234567890"}',
])('preserves %s', (text) => expect(JSON.stringify(parseExactly(text))).toBe(text));

it('reads all other JSON as JSON.parse does', () => {
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      const text = JSON.stringify(value);
      expect(JSON.stringify(parseExactly(text))).toBe(text);
    }),
  );
});
