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
  ['in a URL', (secret) => `https://example.com/?q=${encodeURIComponent(`=${secret}`)}&z=1`],
  ['behind a long text', (secret) => `${'lorem ipsum dolor '.repeat(5_000)}${secret} amet`],
  ['behind texts of other alphabets', (secret) => `${'漢字'.repeat(9_000)} ${secret}`],
];

describe.each(Object.entries(SECRETS))('%s', (_, secret) => {
  it.each(AROUND)('is suspected and replaced %s', (where, around) => {
    // What a URL must write otherwise is no longer what it was.
    if (where === 'in a URL' && encodeURIComponent(secret) !== secret) return;
    const text = around(secret);
    expect(mayHoldSecret(text)).toBe(true);
    expect(mayHoldSecret(JSON.stringify(text))).toBe(true);
    const clean = redactText(text);
    expect(clean).not.toContain(core(secret));
    expect(clean).toMatch(/\[redacted: [a-z ]+\]/);
    expect(redactText(clean)).toBe(clean);
  });
});

describe('what is no secret', () => {
  it.each(NOT_SECRET)('stays: %s', (text) => {
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
  ])('%s tells that a secret follows', (key) => expect(isSecretKey(key)).toBe(true));

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
  ])('%s tells nothing', (key) => expect(isSecretKey(key)).toBe(false));
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
  ])('knows %s by issuer, length and check digit', (digits) => expect(isCard(digits)).toBe(true));

  it.each([
    '4111111111111112',
    '1234567812345670',
    '9999999999999995',
    '411111111111',
    '1700000000000',
  ])('does not take %s for a card', (digits) => expect(isCard(digits)).toBe(false));
});

describe('redactId', () => {
  it('gives an id with a secret another id, the same each time', () => {
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

  it.each(UNITS)('does not explode on half a million letters of %j', (unit) => {
    const text = unit.repeat(Math.ceil(500_000 / unit.length));
    const start = performance.now();
    mayHoldSecret(text);
    redactText(text);
    expect(performance.now() - start).toBeLessThan(5_000);
  });
});

/** The part of a secret that must not be left, whatever of its surroundings stays. */
const core = (secret: string): string =>
  secret.includes('PRIVATE KEY')
    ? 'MIIEvQIBADANBgkq'
    : (/:\/\/\w+:([^@]+)@/.exec(secret)?.[1] ??
      secret.replace(/^\S*?(?:[Bb]earer|[Bb]asic|password"?[=:] ?"?) ?/, ''));
