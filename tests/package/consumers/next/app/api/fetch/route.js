/** A route in Node that streams the answer of a provider, by `fetch` alone. */
import { trace } from 'agensight';

export const dynamic = 'force-dynamic';

const read = trace('stream', async function* () {
  const response = await fetch(`${process.env.PROVIDER}/v1/chat/completions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({
      model: 'gpt-asked',
      messages: [{ role: 'user', content: 'How warm is it?' }],
      stream: true,
      stream_options: { include_usage: true },
    }),
  });
  for await (const chunk of response.body) yield chunk;
});

export function GET() {
  return new Response(ReadableStream.from(read()));
}
