/**
 * OpenAI: a chat, a stream, and a tool that the model requests.
 *
 *     OPENAI_API_KEY=… node examples/openai.ts
 */
import OpenAI from 'openai';
// In your program, import from 'agensight'.
import { flush, init, instrument, span, trace } from '../sdk/index.ts';

init({ name: 'weather-bot' });
const openai = instrument(new OpenAI());
const model = 'gpt-4o-mini';

const getWeather = span({ name: 'get_weather', kind: 'tool' }, async (place: { city: string }) => ({
  city: place.city,
  celsius: 27,
}));

const tools: OpenAI.ChatCompletionTool[] = [
  {
    type: 'function',
    function: {
      name: 'get_weather',
      description: 'The weather in a city now.',
      parameters: { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] },
    },
  },
];

const ask = trace({ name: 'ask', session: 'chat_1' }, async (question: string) => {
  const messages: OpenAI.ChatCompletionMessageParam[] = [{ role: 'user', content: question }];
  const first = await openai.chat.completions.create({ model, messages, tools });
  const answer = first.choices[0]?.message;
  if (!answer?.tool_calls) return answer?.content;
  messages.push(answer);
  for (const call of answer.tool_calls) {
    if (call.type !== 'function') continue;
    const weather = await getWeather(JSON.parse(call.function.arguments));
    messages.push({ role: 'tool', tool_call_id: call.id, content: JSON.stringify(weather) });
  }
  const second = await openai.chat.completions.create({ model, messages, tools });
  return second.choices[0]?.message.content;
});

const describe = trace({ name: 'describe', session: 'chat_1' }, async (topic: string) => {
  const messages = [{ role: 'user' as const, content: `A sentence about ${topic}.` }];
  // The SDK records the whole text and the time to the first token. OpenAI counts the tokens of a stream
  // only if the request asks for it.
  const stream = await openai.chat.completions.create({
    model,
    messages,
    stream: true,
    stream_options: { include_usage: true },
  });
  let text = '';
  for await (const chunk of stream) text += chunk.choices[0]?.delta.content ?? '';
  return text;
});

export async function main(): Promise<void> {
  console.log(await ask('How warm is it in Málaga?'));
  console.log(await describe('the sea'));
  console.log(await flush());
}

if (import.meta.main) await main();
