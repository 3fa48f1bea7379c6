import { describe, expect, it } from 'vitest';
import { redactValue } from '../../../wire/redaction/field-values.ts';
import { PERSONAL_KINDS } from '../../../wire/redaction/personal.ts';
import { mayHoldSecret } from '../../../wire/redaction/prefilter.ts';
import { DEFAULT_MASKING, redactText } from '../../../wire/redaction/redact-text.ts';
import { HARMLESS_CASES, PERSONAL_CASES } from './support/harmless-cases.ts';
import { coreOf, SECRET_CASES, textOf, UNKNOWABLE_CASES } from './support/secret-cases.ts';

const AROUND: [where: string, around: (text: string) => string][] = [
  ['alone', (text) => text],
  ['after a line', (text) => `first\n${text}`],
  ['before a line', (text) => `${text}\nlast`],
  ['in JSON', (text) => JSON.stringify({ inner: text })],
  ['in JSON inside JSON', (text) => JSON.stringify(JSON.stringify({ inner: text }))],
  ['behind a long text', (text) => `${'lorem ipsum dolor '.repeat(2_000)}${text}`],
  ['behind texts of other alphabets', (text) => `${'漢字'.repeat(9_000)} ${text}`],
];

describe.each(SECRET_CASES.map((given) => ({ name: given[0], given })))('$name', ({ given }) => {
  const text = textOf(given);
  it.each(AROUND)('is detected and redacted %s', (_, around) => {
    const whole = around(text);
    const clean = redactText(whole);
    const core = JSON.stringify(coreOf(given[1])).slice(1, -1);
    expect(clean).not.toContain(core);
    expect(clean).toMatch(/\[redacted: [a-z ]+\]/);
    expect(mayHoldSecret(whole)).toBe(true);
    expect(mayHoldSecret(JSON.stringify(whole))).toBe(true);
    expect(redactText(clean)).toBe(clean);
  });
});

describe('a text without secrets', () => {
  it.each(HARMLESS_CASES)('is not changed: %s', (text) => {
    expect(unchanged(text)).toBe(text);
    const json = JSON.stringify({ inner: text });
    expect(redactText(json)).toBe(json);
  });

  /** A JSON text is data, and its numbers are numbers. */
  function unchanged(text: string): string {
    try {
      const value: unknown = JSON.parse(text);
      const clean = redactValue(value, DEFAULT_MASKING);
      return clean === value ? text : JSON.stringify(clean);
    } catch {
      return redactText(text);
    }
  }

  const unknowable = UNKNOWABLE_CASES.map((given) => ({ name: given[0], given }));

  it.each(unknowable)('$name is not known', ({ given }) => {
    expect(redactText(textOf(given))).toBe(textOf(given));
  });
});

describe('personal data', () => {
  const all = { secrets: false, personal: PERSONAL_KINDS };
  const cases = Object.entries(PERSONAL_CASES).flatMap(([kind, texts]) =>
    texts.map(([text, part]) => ({ kind: kind as keyof typeof PERSONAL_CASES, text, part })),
  );

  it.each(cases)('$kind is redacted if it is asked for: $text', ({ kind, text, part }) => {
    expect(redactText(text)).toBe(text);
    const clean = redactText(text, { secrets: false, personal: [kind] });
    expect(clean).not.toContain(part);
    expect(clean).toContain(`[redacted: ${kind}]`);
    expect(redactText(clean, all)).toBe(clean);
    expect(mayHoldSecret(text, { secrets: false, personal: [kind] })).toBe(true);
  });

  it.each([
    '10.0.0.1 and 192.168.100.200',
    '2026-11-29T10:00:00.000Z',
    'version 1.2.3-beta.4, 2024.11.29',
    '0193b6ad-1c2f-7c3a-9d47-000000000001',
    'user@localhost and @handle',
    'npm install @scope/name@1.2.3',
    '1764403200000',
    'id 123456789',
    '000-12-3456 and 666-12-3456 and 123-00-4567',
  ])('%s is neither a phone number nor an address', (text) => {
    expect(redactText(text, all)).toBe(text);
  });

  it('is kept when it is not asked for', () => {
    const text = 'card 4111111111111111, IBAN DE89370400440532013000';
    expect(redactText(text, { secrets: true, personal: [] })).toBe(text);
    expect(redactText(text)).toBe('card [redacted: card number], IBAN [redacted: iban]');
  });
});

describe('a secret that escapes split', () => {
  const key = `s${'k-'}Ab3dE5gH7jK9mN1pQ2rS4tU6`;
  it.each([
    [`{"k":"${key.replace('3', '\\u0033')}"}`],
    [JSON.stringify(`{"k":"${key.replace('E', '\\u0045')}"}`)],
    [`{"url":"redis:\\/\\/u:hunter2hunter2@h"}`],
    [`{"q":"a\\u003d1\\u0026password\\u003dhunter2hunter2"}`],
  ])('is redacted: %s', (text) => {
    expect(mayHoldSecret(text)).toBe(true);
    expect(redactText(text)).toMatch(/\[redacted: [a-z ]+\]/);
    expect(redactText(text)).not.toMatch(/hunter2|K9mN1pQ2rS4/);
  });
});
