/** Fake secrets of every known kind, concatenated so that secret scanners do not report this file. */
const letters = (seed: string, length: number): string =>
  Array.from(
    { length },
    (_, i) => 'aB3dE5gH7jK9mN1pQ2rS4tU6vW8xY0z'[(i * 7 + seed.length * 3) % 31],
  ).join('');

const base64 = (text: string): string => Buffer.from(text).toString('base64url');

export const SECRETS: Readonly<Record<string, string>> = {
  'OpenAI key': `sk-${'proj'}-${letters('a', 60)}`,
  'older OpenAI key': `sk-${letters('ab', 48)}`,
  'Anthropic key': `sk-${'ant'}-api03-${letters('abc', 80)}`,
  'Google key': `AI${'za'}${letters('g', 35)}`,
  'GitHub token': `gh${'p'}_${letters('h', 36)}`,
  'GitHub fine-grained token': `github${'_pat_'}${letters('f', 70)}`,
  'GitLab token': `gl${'pat'}-${letters('l', 20)}`,
  'Slack token': `xo${'xb'}-123456789012-${letters('s', 24)}`,
  'AWS key': `AK${'IA'}IOSFODNN7EXAMPLE`,
  'Groq key': `gs${'k'}_${letters('q', 52)}`,
  'Hugging Face token': `h${'f'}_${letters('hf', 34)}`,
  'Stripe key': `sk${'_live_'}${letters('st', 24)}`,
  'Supabase key': `sb${'_secret_'}${letters('su', 31)}`,
  'token of ours': `ag${'n'}_${letters('ours', 43)}`,
  JWT: `${base64('{"alg":"HS256","typ":"JWT"}')}.${base64('{"sub":"1234567890"}')}.${letters('jwt', 43)}`,
  'bearer token': `Bearer ${letters('bearer', 32)}`,
  'basic authorization': `Basic ${Buffer.from('aladdin:open sesame').toString('base64')}`,
  'private key': `-----BEGIN ${'PRIVATE'} KEY-----\nMIIEvQIBADANBgkq${letters('pem', 64)}\n${letters('pe', 40)}\n-----END ${'PRIVATE'} KEY-----`,
  'password in a URL': 'postgres://postgres:hunter2hunter2@db.example.com:5432/app',
  'card number': '4111 1111 1111 1111',
  'card number with dashes': '5555-5555-5555-4444',
  'card number in one piece': '378282246310005',
};

export const NOT_SECRET: readonly string[] = [
  '0af7651916cd43dd8448eb211c80319c',
  'b7ad6b7169203331',
  '0193b6ad-1c2f-7c3a-9d47-000000000001',
  'chatcmpl-7Qw2Er4Ty6Ui8Op0As',
  'call_Zx9Cv8Bn7Mk6Jh5',
  'toolu_01A09q90qw90lq917835lq9',
  'gpt-4o-mini-2024-07-18',
  'claude-3-5-sonnet-20241022',
  '2026-11-22T23:59:11.123456Z',
  '1700000000000',
  'completion_tokens_details',
  'The task-oriented risk-averse desk-bound ask-me-anything',
  'sk-fading-circle sk-learn-based-classification',
  'The bearer of this letter has basic knowledge of authorization.',
  'https://example.com:8080/a/b?page=2&token_count=100000',
  'mailto:someone@example.com and user@example.com: hello',
  'password: at least eight characters',
  '"password": ""',
  'max_tokens=1000000000',
  'const secret = process.env.SECRET;',
  'eyJ is how a token begins',
  '-----BEGIN CERTIFICATE-----',
  'order 1234 5678 9012 3456',
  'pi = 3.14159265358979323846',
  '4111 1111 1111 1112',
];
