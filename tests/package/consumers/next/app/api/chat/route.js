/** A route in Node, with a client that nobody instruments. */
import { trace } from 'agensight';
import OpenAI from 'openai';

export const dynamic = 'force-dynamic';

const chat = trace('node chat', async (question) => {
  const openai = new OpenAI({ apiKey: 'k', baseURL: `${process.env.PROVIDER}/v1` });
  const messages = [{ role: 'user', content: question }];
  const answer = await openai.chat.completions.create({ model: 'gpt-asked', messages });
  return answer.choices[0].message.content;
});

export async function POST(request) {
  return new Response(await chat(await request.text()));
}
