/**
 * AWS Lambda: `serverless` delivers the records before the invocation ends, because Lambda then freezes
 * the process. The function's handler setting is `lambda-handler.handler`.
 */
import OpenAI from 'openai';
// In your program, import from 'agensight'.
import { init, instrument, serverless, trace } from '../sdk/index.ts';

init({ name: 'ask-function' });
const openai = instrument(new OpenAI());

const ask = trace(
  { name: 'ask', session: (event: { chatId: string; question: string }) => event.chatId },
  async ({ question }: { chatId: string; question: string }) => {
    const messages = [{ role: 'user' as const, content: question }];
    const answer = await openai.chat.completions.create({ model: 'gpt-4o-mini', messages });
    return answer.choices[0]?.message.content;
  },
);

export const handler = serverless(async (event: { body: string }, _context: unknown) => ({
  statusCode: 200,
  body: JSON.stringify({ answer: await ask(JSON.parse(event.body)) }),
}));

/** Calls the handler as Lambda does. */
export async function main(): Promise<void> {
  const context = { getRemainingTimeInMillis: () => 30_000 };
  const body = JSON.stringify({ chatId: 'chat_1', question: 'How warm is it?' });
  console.log((await handler({ body }, context)).body);
}

if (import.meta.main) await main();
