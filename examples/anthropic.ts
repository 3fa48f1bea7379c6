/**
 * Anthropic: a message and a stream.
 *
 *     ANTHROPIC_API_KEY=… node examples/anthropic.ts
 */
import Anthropic from '@anthropic-ai/sdk';
// In your program, import from 'agensight'.
import { flush, init, instrument, trace } from '../sdk/index.ts';

init({ name: 'summarizer' });
const anthropic = instrument(new Anthropic());
const model = 'claude-sonnet-5-5';

const summarize = trace('summarize', async (text: string) => {
  const message = await anthropic.messages.create({
    model,
    max_tokens: 200,
    system: 'Answer in one sentence.',
    messages: [{ role: 'user', content: text }],
  });
  return message.content.flatMap((block) => (block.type === 'text' ? block.text : [])).join('');
});

const describe = trace('describe', async (topic: string) => {
  const messages = [{ role: 'user' as const, content: `A sentence about ${topic}.` }];
  const stream = await anthropic.messages.create({
    model,
    max_tokens: 200,
    messages,
    stream: true,
  });
  let text = '';
  for await (const event of stream) {
    if (event.type === 'content_block_delta' && event.delta.type === 'text_delta') {
      text += event.delta.text;
    }
  }
  return text;
});

export async function main(): Promise<void> {
  console.log(await summarize('How warm is it?'));
  console.log(await describe('the sea'));
  console.log(await flush());
}

if (import.meta.main) await main();
