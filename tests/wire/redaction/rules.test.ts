import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isCard, isIban } from '../../../wire/redaction/personal.ts';
import { mayHoldSecret } from '../../../wire/redaction/prefilter.ts';
import { isPlaceholder, isRandom } from '../../../wire/redaction/randomness.ts';
import { redactText } from '../../../wire/redaction/redact-text.ts';
import { KEY_RULES, PLACE_RULES } from '../../../wire/redaction/rules.ts';
import { isSecretName, isTokenName } from '../../../wire/redaction/secret-names.ts';
import { maskingDocs } from '../../support/masking-docs.ts';
import { random } from './support/generated.ts';

/** Any text of a form, without what must not follow it. */
const textsOf = (form: string): fc.Arbitrary<string> =>
  fc.stringMatching(new RegExp(`^(?:${form.replace(/\(\?!.*?\)/g, '')})$`));

describe.each(KEY_RULES)('$name', ({ form, isLoose, source }) => {
  it('is detected and redacted', () => {
    fc.assert(
      fc.property(textsOf(form), fc.boolean(), (text, isInJson) => {
        const key = isLoose ? text + random(32) : text;
        const whole = isInJson ? JSON.stringify(`a\n${key}\nb`) : `use ${key}, please`;
        expect(mayHoldSecret(whole)).toBe(true);
        expect(redactText(whole)).not.toContain(key);
      }),
      { numRuns: 30, seed: 7 },
    );
  });

  it('has a source', () => {
    expect(source).toMatch(/^https:\/\/\S+$|^docs\//);
  });
});

it('every place has a source', () => {
  for (const { name, source } of PLACE_RULES)
    expect([name, source.slice(0, 8)]).toEqual([name, 'https://']);
});

it('docs/masking.md is the table, generated', () => {
  const written = readFileSync(new URL('../../../docs/masking.md', import.meta.url), 'utf8');
  expect(written).toBe(maskingDocs());
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
    'passphrase',
  ])('%s names a secret', (key) => expect(isSecretName(key)).toBe(true));

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
  ])('%s names no secret', (key) => expect(isSecretName(key)).toBe(false));

  it.each(['token', 'GITHUB_TOKEN', 'deviceToken', 'auth', 'STRIPE_KEY'])(
    '%s may name a secret',
    (key) => expect(isTokenName(key)).toBe(true),
  );

  it.each([
    'nextPageToken',
    'page_token',
    'max_tokens',
    'eos_token',
    'key',
    'PUBLIC_KEY',
    'CACHE_KEY',
  ])('%s cannot name a secret', (key) => expect(isTokenName(key)).toBe(false));
});

describe('isRandom', () => {
  it('accepts keys of 24 letters and digits but for one in fifty, and of hexadecimal digits', () => {
    let missed = 0;
    for (let i = 0; i < 1_000; i++) if (!isRandom(random(24))) missed += 1;
    expect(missed).toBeLessThan(20);
    for (let i = 0; i < 200; i++) expect(isRandom(random(32, 'hex'))).toBe(true);
  });

  it.each([
    'hub_download_with_retry_v2_and_cache',
    'learn-contrib-0-24-2-final-release',
    'OPENAI_API_KEY_2_PRODUCTION',
    'responseFormatJsonSchemaStrict',
    'completionTokensDetailsV2Beta1',
    '20261129100000',
    'short1A',
  ])('rejects %s', (text) => expect(isRandom(text)).toBe(false));
});

describe('isPlaceholder', () => {
  it.each([
    '<your-key>',
    '$API_KEY',
    '$\x7bKEY}',
    '{{ key }}',
    'YOUR_API_KEY',
    '%PASSWORD%',
    'xxxxxxxx',
  ])('accepts %s', (text) => expect(isPlaceholder(text)).toBe(true));

  it.each(['$ecr3tPass', 'hunter2hunter2', 'Secr3tPass1'])('rejects %s', (text) =>
    expect(isPlaceholder(text)).toBe(false),
  );
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

describe('isIban', () => {
  it.each(['DE89370400440532013000', 'GB29NWBK60161331926819', 'MT84MALT011000012345MTLCAST001S'])(
    'accepts %s by country, length and check digits',
    (text) => expect(isIban(text)).toBe(true),
  );

  it.each(['DE89370400440532013001', 'DE8937040044053201300', 'XX89370400440532013000', 'D24AE23'])(
    'rejects %s',
    (text) => expect(isIban(text)).toBe(false),
  );
});
