/**
 * Masking: API keys, passwords and card numbers are redacted by default. `mask` receives each value just
 * before it leaves the process, and can hide what else is private in your application.
 *
 *     node examples/masking.ts
 */
// In your program, import from 'agensight'.
import { flush, init, span, trace } from '../sdk/index.ts';

const EMAIL = /[\w.+-]+@[\w-]+\.[\w.]+/g;

init({
  name: 'support-desk',
  mask: (value, { field }) => {
    if (field === 'user_id') return null;
    return JSON.parse(JSON.stringify(value).replace(EMAIL, '[email]'));
  },
});

const callModel = span(
  { name: 'llm', kind: 'llm' },
  async (_: { role: string; content: string }[]) => ({
    content: 'We have written to ann@example.com.',
    model: 'echo-1',
  }),
);

// The arguments and the result of this function are not recorded at all.
const login = span(
  { name: 'login', captureContent: false },
  async (user: string) => `key of ${user}`,
);

const help = trace({ name: 'help', userId: 'ann' }, async (email: string, _password: string) => {
  await login(email);
  const question = `${email} lost the card 4111 1111 1111 1111`;
  const answer = await callModel([{ role: 'user', content: question }]);
  return answer.content;
});

export async function main(): Promise<void> {
  console.log(await help('ann@example.com', 'sk-proj-0123456789abcdefghijABCDEFGHIJ'));
  console.log(await flush());
}

if (import.meta.main) await main();
