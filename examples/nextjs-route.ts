/**
 * Next.js: a route handler that streams its answer, as `app/api/chat/route.ts`. The trace ends with the
 * stream, and `waitUntil` keeps the process running until the trace is delivered.
 */
import OpenAI from 'openai';
// In your program, import from 'agensight'.
import { flush, init, instrument, trace } from '../sdk/index.ts';

// In Next.js, in instrumentation.ts: import { after } from 'next/server'; init({ …, waitUntil: after })
init({ name: 'next-app' });
const openai = instrument(new OpenAI());

interface ChatRequest {
  chatId: string;
  userId: string;
  question: string;
}

const chat = trace(
  { name: 'chat', session: ({ chatId, userId }: ChatRequest) => ({ id: chatId, userId }) },
  async function* answer({ question }: ChatRequest) {
    const stream = await openai.chat.completions.create({
      model: 'gpt-4o-mini',
      messages: [{ role: 'user', content: question }],
      stream: true,
      stream_options: { include_usage: true },
    });
    for await (const chunk of stream) yield chunk.choices[0]?.delta.content ?? '';
  },
);

export async function POST(request: Request): Promise<Response> {
  const texts = chat((await request.json()) as ChatRequest);
  const body = ReadableStream.from(texts).pipeThrough(new TextEncoderStream());
  return new Response(body, { headers: { 'content-type': 'text/plain; charset=utf-8' } });
}

/** Calls the route handler as Next.js does. */
export async function main(): Promise<void> {
  const body = JSON.stringify({ chatId: 'chat_1', userId: 'ann', question: 'How warm is it?' });
  const request = new Request('http://localhost/api/chat', { method: 'POST', body });
  console.log(await (await POST(request)).text());
  console.log(await flush());
}

if (import.meta.main) await main();
