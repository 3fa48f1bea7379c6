import fc from 'fast-check';
import { expect, it } from 'vitest';
import { PERSONAL_KINDS } from '../../../wire/redaction/personal.ts';
import { mayHoldSecret } from '../../../wire/redaction/prefilter.ts';
import { redactText } from '../../../wire/redaction/redact-text.ts';
import { SECRET_CASES, textOf } from './support/secret-cases.ts';

const pieces = [
  ...SECRET_CASES.map(textOf),
  ...[
    'password',
    'token',
    'authorization',
    'cookie',
    '://',
    ':',
    '=',
    '"',
    "'",
    '\\',
    '\\n',
    ' ',
    '\n',
  ],
  ...[
    'curl -u a:bcd1',
    'Bearer ',
    'sk-',
    'Ab3dE5gH7jK9mN1pQ2rS',
    '4111111111111111',
    '@h',
    '--',
    '%3D',
  ],
  ...['é', '漢', '{', '}', '[', ',', ';', '&', '?', '#'],
];

const texts = fc
  .array(fc.oneof(fc.constantFrom(...pieces), fc.string({ maxLength: 8 })), { maxLength: 8 })
  .map((parts) => parts.join(''));

const all = { secrets: true, personal: PERSONAL_KINDS };

it('a text that redaction changes passes the filter, also as JSON', () => {
  fc.assert(
    fc.property(texts, (text) => {
      for (const masking of [undefined, all]) {
        if (redactText(text, masking) === text) continue;
        expect(mayHoldSecret(text, masking)).toBe(true);
        expect(mayHoldSecret(JSON.stringify(text), masking)).toBe(true);
      }
    }),
    { numRuns: 3_000, seed: 11 },
  );
});

it('redacting twice changes nothing more', () => {
  fc.assert(
    fc.property(texts, (text) => {
      const clean = redactText(text, all);
      expect(redactText(clean, all)).toBe(clean);
    }),
    { numRuns: 1_000, seed: 13 },
  );
});
