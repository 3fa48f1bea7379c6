/** A route in the edge runtime, whose client is instrumented. */
import { instrument, span, trace } from 'agensight';
import OpenAI from 'openai';

export const runtime = 'edge';

const step = span('step', async (text) => {
  await new Promise((resolve) => setTimeout(resolve, 5));
  return text;
});

const chat = trace('edge chat', async (question) => {
  const openai = instrument(new OpenAI({ apiKey: 'k', baseURL: `${process.env.PROVIDER}/v1` }));
  const messages = [{ role: 'user', content: question }];
  const answer = await openai.chat.completions.create({ model: 'gpt-asked', messages });
  return step(answer.choices[0].message.content);
});

export async function POST(request) {
  return new Response(await chat(await request.text()));
}
