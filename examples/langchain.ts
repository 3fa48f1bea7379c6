/**
 * LangChain: its messages are recognised by their shape, so a `span` around a call is enough.
 *
 *     OPENAI_API_KEY=… node examples/langchain.ts
 */
import { type BaseMessage, HumanMessage, SystemMessage } from '@langchain/core/messages';
import { tool } from '@langchain/core/tools';
import { ChatOpenAI } from '@langchain/openai';
import { z } from 'zod';
// In your program, import from 'agensight'.
import { flush, init, span, trace } from '../sdk/index.ts';

// LangChain itself calls the package openai, and the span below already records the call.
init({ name: 'langchain-bot', autoInstrument: false });

const weatherIn = span(
  { name: 'get_weather', kind: 'tool' },
  (place: { city: string }) => `${place.city}: 27 °C`,
);

const getWeather = tool(({ city }) => weatherIn({ city }), {
  name: 'get_weather',
  description: 'The weather in a city now.',
  schema: z.object({ city: z.string() }),
});

const model = new ChatOpenAI({ model: 'gpt-4o-mini' }).bindTools([getWeather]);
const callModel = span({ name: 'chat', kind: 'llm' }, (messages: BaseMessage[]) =>
  model.invoke(messages),
);

const ask = trace({ name: 'ask', session: 'chat_1' }, async (question: string) => {
  const messages = [new SystemMessage('Be brief.'), new HumanMessage(question)] as BaseMessage[];
  let answer = await callModel(messages);
  while (answer.tool_calls?.length) {
    messages.push(answer);
    for (const call of answer.tool_calls) {
      messages.push(await getWeather.invoke({ ...call, type: 'tool_call' }));
    }
    answer = await callModel(messages);
  }
  return answer.text;
});

export async function main(): Promise<void> {
  console.log(await ask('How warm is it in Málaga?'));
  console.log(await flush());
}

if (import.meta.main) await main();
