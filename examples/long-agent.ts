/**
 * An agent that runs until its model requests no more tools. Each step is a span, a failed tool is a span
 * with an error, and a crash loses nothing: `spool` writes each record to disk before it is sent.
 *
 *     OPENAI_API_KEY=… AGENSIGHT_TOKEN=… node examples/long-agent.ts
 */
import OpenAI from 'openai';
// In your program, import from 'agensight'.
import { currentSpan, flush, init, instrument, span, trace } from '../sdk/index.ts';

init({ name: 'researcher', spool: true, tags: ['nightly'] });
const openai = instrument(new OpenAI());
const MAX_STEPS = 20;

type Messages = OpenAI.ChatCompletionMessageParam[];

const TOOLS: Record<string, (args: { city: string }) => Promise<unknown>> = {
  get_weather: span({ name: 'get_weather', kind: 'tool' }, async ({ city }) => {
    if (city === 'Atlantis') throw new RangeError(`no such city: ${city}`);
    return { city, celsius: 27 };
  }),
};

const tools: OpenAI.ChatCompletionTool[] = Object.keys(TOOLS).map((name) => ({
  type: 'function',
  function: { name, parameters: { type: 'object', properties: { city: { type: 'string' } } } },
}));

const step = span({ name: 'step', kind: 'agent' }, async (messages: Messages) => {
  const request = { model: 'gpt-4o-mini', messages, tools };
  const answer = (await openai.chat.completions.create(request)).choices[0]?.message;
  if (!answer?.tool_calls) return answer?.content ?? '';
  messages.push(answer);
  for (const call of answer.tool_calls) {
    if (call.type !== 'function') continue;
    const run = TOOLS[call.function.name];
    // The span of the tool records its error; the model may try another tool.
    const result = await run?.(JSON.parse(call.function.arguments)).catch(String);
    messages.push({ role: 'tool', tool_call_id: call.id, content: JSON.stringify(result) });
  }
  return undefined;
});

const research = trace({ name: 'research', kind: 'agent' }, async (goal: string) => {
  const messages: Messages = [{ role: 'user', content: goal }];
  for (let i = 1; i <= MAX_STEPS; i++) {
    const answer = await step(messages);
    currentSpan()?.setAttribute('steps', i);
    if (answer !== undefined) return answer;
  }
  throw new Error(`no answer after ${MAX_STEPS} steps`);
});

export async function main(): Promise<void> {
  console.log(await research('How warm is it in Málaga?'));
  console.log(await flush());
}

if (import.meta.main) await main();
