/**
 * Vercel AI SDK: it reports every step and tool call to the tracer that it is given.
 *
 *     OPENAI_API_KEY=… node examples/vercel-ai.ts
 */
import { openai } from '@ai-sdk/openai';
import { OpenTelemetry } from '@ai-sdk/otel';
import { generateText, isStepCount, streamText, tool } from 'ai';
import { z } from 'zod';
// In your program, import from 'agensight'.
import { flush, init, trace, tracer } from '../sdk/index.ts';

init({ name: 'ai-sdk-bot' });
const model = openai.chat('gpt-4o-mini');
// Version 6 of the AI SDK takes `experimental_telemetry: { isEnabled: true, tracer }`, which 7 ignores.
const telemetry = { integrations: [new OpenTelemetry({ usage: true, tracer })] };

const getWeather = tool({
  description: 'The weather in a city now.',
  inputSchema: z.object({ city: z.string() }),
  execute: async ({ city }) => ({ city, celsius: 27 }),
});

const ask = trace({ name: 'ask', session: 'chat_1' }, async (prompt: string) => {
  const { text } = await generateText({
    model,
    prompt,
    tools: { get_weather: getWeather },
    stopWhen: isStepCount(3),
    telemetry,
  });
  return text;
});

const describe = trace({ name: 'describe', session: 'chat_1' }, async (topic: string) => {
  const prompt = `A sentence about ${topic}.`;
  return streamText({ model, prompt, telemetry }).text;
});

export async function main(): Promise<void> {
  console.log(await ask('How warm is it in Málaga?'));
  console.log(await describe('the sea'));
  console.log(await flush());
}

if (import.meta.main) await main();
