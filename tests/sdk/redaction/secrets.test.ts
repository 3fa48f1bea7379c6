import { describe, expect, it } from 'vitest';
import { mayHoldSecret } from '../../../sdk/redaction/prefilter.ts';
import { isCard, isSecretKey, redactId, redactText } from '../../../sdk/redaction/secrets.ts';
import { NOT_SECRET, SECRETS } from '../support/planted-secrets.ts';

const AROUND: [where: string, around: (secret: string) => string][] = [
  ['alone', (secret) => secret],
  ['in a sentence', (secret) => `The key is ${secret}, keep it.`],
  ['after a line break', (secret) => `first\n${secret}\nlast`],
  ['in quotes', (secret) => `{"value":"${secret}"}`],
  ['in JSON inside JSON', (secret) => JSON.stringify(JSON.stringify(`a\n${secret}\n`))],
  ['behind a long text', (secret) => `${'lorem ipsum dolor '.repeat(5_000)}${secret} amet`],
  ['behind texts of other alphabets', (secret) => `${'漢字'.repeat(9_000)} ${secret}`],
];

describe.each(Object.entries(SECRETS))('%s', (_, secret) => {
  it.each(AROUND)('is detected and redacted %s', (_where, around) => {
    expectRedacted(around(secret), secret);
  });
});

describe('in a URL', () => {
  // Percent-encoding changes the other secrets.
  const unchanged = Object.entries(SECRETS).filter(
    ([, secret]) => encodeURIComponent(secret) === secret,
  );

  it('most kinds of secrets are unchanged', () => expect(unchanged.length).toBeGreaterThan(12));

  it.each(unchanged)('%s is detected and redacted', (_, secret) => {
    const query = encodeURIComponent(`=${secret}`);
    expectRedacted(`https://example.com/?q=${query}&z=1`, secret);
  });
});

function expectRedacted(text: string, secret: string): void {
  expect(mayHoldSecret(text)).toBe(true);
  expect(mayHoldSecret(JSON.stringify(text))).toBe(true);
  const clean = redactText(text);
  expect(clean).not.toContain(core(secret));
  expect(clean).toMatch(/\[redacted: [a-z ]+\]/);
  expect(redactText(clean)).toBe(clean);
}

describe('a text without secrets', () => {
  it.each(NOT_SECRET)('is not changed: %s', (text) => {
    expect(redactText(text)).toBe(text);
    expect(redactId(text)).toBe(text);
  });
});

describe('the name of a field', () => {
  it.each([
    'password',
    'DB_PASSWORD',
    'userPassword',
    'api_key',
    'apiKey',
    'X-Api-Key',
    'openaiApiKey',
    'Authorization',
    'proxy-authorization',
    'cookie',
    'Set-Cookie',
    'client_secret',
    'clientSecret',
    'secretAccessKey',
    'access_token',
    'refreshToken',
    'private_key',
  ])('%s names a secret', (key) => expect(isSecretKey(key)).toBe(true));

  it.each([
    'token',
    'tokens',
    'max_tokens',
    'total_tokens',
    'key',
    'primary_key',
    'monkey',
    'id',
    'keyboard',
    'secretary',
  ])('%s names no secret', (key) => expect(isSecretKey(key)).toBe(false));
});

describe('isCard', () => {
  it.each([
    '4111111111111111',
    '5555555555554444',
    '378282246310005',
    '6011111111111117',
    '30569309025904',
    '3530111333300000',
    '2223003122003222',
  ])('accepts %s by issuer, length and check digit', (digits) => expect(isCard(digits)).toBe(true));

  it.each([
    '4111111111111112',
    '1234567812345670',
    '9999999999999995',
    '411111111111',
    '1700000000000',
  ])('rejects %s', (digits) => expect(isCard(digits)).toBe(false));
});

describe('redactId', () => {
  it('replaces an id with a secret by another id, the same each time', () => {
    const secret = SECRETS['Anthropic key'] as string;
    const id = redactId(`user:${secret}`);
    expect(id).toMatch(/^redacted-[0-9a-f]{14}$/);
    expect(redactId(`user:${secret}`)).toBe(id);
    expect(redactId(`other:${secret}`)).not.toBe(id);
  });
});

describe('time', () => {
  const UNITS = [
    'sk-',
    'eyJ',
    'eyJ.',
    '-----BEGIN ',
    'Bearer ',
    '://a:',
    '"a":"',
    'password=',
    '\\',
    '"',
    '4111 ',
    'a.',
    'a-',
    '%AAsk-',
    '\\nsk-',
    'ghp_',
    'Basic a',
    '://',
    '=',
    ' :',
  ];

  it.each(UNITS)('is linear on half a million characters of %j', (unit) => {
    const text = unit.repeat(Math.ceil(500_000 / unit.length));
    const start = performance.now();
    mayHoldSecret(text);
    redactText(text);
    expect(performance.now() - start).toBeLessThan(5_000);
  });
});

/** The part of a secret that must be redacted. */
const core = (secret: string): string =>
  secret.includes('PRIVATE KEY')
    ? 'MIIEvQIBADANBgkq'
    : (/:\/\/\w+:([^@]+)@/.exec(secret)?.[1] ??
      secret.replace(/^\S*?(?:[Bb]earer|[Bb]asic|password"?[=:] ?"?) ?/, ''));
