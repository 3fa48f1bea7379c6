/** Tools that frameworks run, with a second argument of their own: one row for each call. */

import type { Program } from '../program.ts';
import { claudeWithTools } from '../provider/anthropic.ts';
import { CHAT, MODEL, withTools } from '../provider/chat.ts';
import { functionCall, message, response } from '../provider/responses.ts';
import type { Json, Route } from '../provider/server.ts';
import { exactly, some, times } from '../row-checks.ts';

const QUESTION = 'How warm is it in A and B?';
const BOTH = 'Both are warm.';
const cities = ['A', 'B'];
const route = withTools(cities, BOTH);
const weatherIn = async ({ city }: { city: string }) => `27 in ${city}`;

const ran = cities.map((city, index) => ({
  id: `call_${index + 1}`,
  name: 'get_weather',
  arguments: exactly({ city }),
  run_span_id: some,
}));
const bothRan = [
  { table: 'tools', are: ran },
  { table: 'tools', have: cities.map((city) => ({ output: new RegExp(`27 in ${city}`) })) },
  { table: 'spans', where: { kind: 'llm' }, are: times(2, { status: /ok|unset/ }) },
  { table: 'traces', are: [{ name: 'ask' }] },
] as const;

const agentRoute: Route = ({ body, number }) => {
  const isDone = body.input.some((item: Json) => item.type === 'function_call_output');
  const calls = cities.map((city, at) => functionCall(`call_${at + 1}`, 'get_weather', { city }));
  return { json: response(isDone ? [message(BOTH)] : calls, { id: `resp_${number}` }) };
};

export const programs: Program[] = [
  {
    name: 'LangGraph, an agent with two calls of a tool',
    packages: [
      '@langchain/openai',
      '@langchain/core/tools',
      '@langchain/langgraph/prebuilt',
      'zod',
    ],
    async run({ load, provider, agensight }) {
      const { ChatOpenAI } = await load('@langchain/openai');
      const { tool } = await load('@langchain/core/tools');
      const { createReactAgent } = await load('@langchain/langgraph/prebuilt');
      const { z } = await load('zod');
      const { url } = await provider(route);
      const configuration = { baseURL: `${url}/v1` };
      const llm = new ChatOpenAI({ apiKey: 'k', model: MODEL, configuration });
      const run = agensight.span({ name: 'get_weather', kind: 'tool' }, weatherIn);
      const schema = z.object({ city: z.string() });
      const tools = [tool(run, { name: 'get_weather', description: 'The weather.', schema })];
      const agent = createReactAgent({ llm, tools });
      const ask = agensight.trace('ask', async (content: string) => {
        const { messages } = await agent.invoke({ messages: [{ role: 'user', content }] });
        return messages.map((one: Json) => [one.getType(), one.content]);
      });
      return ask(QUESTION);
    },
    rows: bothRan,
  },
  {
    name: 'OpenAI Agents, an agent with two calls of a tool',
    packages: ['@openai/agents', 'openai', 'zod'],
    async run({ load, provider, agensight }) {
      const { Agent, run, setDefaultOpenAIClient, setTracingDisabled, tool } =
        await load('@openai/agents');
      const { OpenAI } = await load('openai');
      const { z } = await load('zod');
      setTracingDisabled(true);
      const { url } = await provider(agentRoute);
      setDefaultOpenAIClient(new OpenAI({ apiKey: 'k', baseURL: `${url}/v1` }));
      const weather = tool({
        name: 'get_weather',
        description: 'The weather.',
        parameters: z.object({ city: z.string() }),
        execute: agensight.span({ name: 'get_weather', kind: 'tool' }, weatherIn),
      });
      const agent = new Agent({
        name: 'W',
        instructions: 'Brief.',
        tools: [weather],
        model: MODEL,
      });
      const ask = agensight.trace('ask', async (question: string) => {
        const { finalOutput, newItems } = await run(agent, question);
        return [finalOutput, newItems.map(({ type }: Json) => type)];
      });
      return ask(QUESTION);
    },
    rows: bothRan,
  },
  {
    name: 'AI SDK 7, two calls of a tool, with the tracer',
    packages: ['ai', '@ai-sdk/openai', '@ai-sdk/otel', 'zod'],
    async run({ load, provider, agensight, isRecorded }) {
      const { generateText, isStepCount, tool } = await load('ai');
      const { createOpenAI } = await load('@ai-sdk/openai');
      const { OpenTelemetry } = await load('@ai-sdk/otel');
      const { z } = await load('zod');
      const { url } = await provider(route);
      const model = createOpenAI({ apiKey: 'k', baseURL: `${url}/v1` }).chat(MODEL);
      const telemetry = isRecorded && {
        telemetry: {
          integrations: [new OpenTelemetry({ usage: true, tracer: agensight.tracer })],
        },
      };
      const tools = {
        get_weather: tool({
          description: 'The weather.',
          inputSchema: z.object({ city: z.string() }),
          execute: agensight.span({ name: 'get_weather', kind: 'tool' }, weatherIn),
        }),
      };
      const ask = agensight.trace('ask', async (prompt: string) => {
        const stopWhen = isStepCount(3);
        const { text, steps } = await generateText({
          model,
          prompt,
          tools,
          stopWhen,
          ...telemetry,
        });
        return [text, steps.length, steps[0].toolResults.map(({ output }: Json) => output)];
      });
      return ask(QUESTION);
    },
    rows: bothRan,
  },
  {
    name: 'AI SDK 6, two calls of a tool, with the tracer',
    packages: ['ai', '@ai-sdk/openai', 'zod'],
    sets: ['previous'],
    async run({ load, provider, agensight, isRecorded }) {
      const { generateText, stepCountIs, tool } = await load('ai');
      const { createOpenAI } = await load('@ai-sdk/openai');
      const { z } = await load('zod');
      const { url } = await provider(route);
      const model = createOpenAI({ apiKey: 'k', baseURL: `${url}/v1` }).chat(MODEL);
      const telemetry = isRecorded && {
        experimental_telemetry: { isEnabled: true, tracer: agensight.tracer },
      };
      const tools = {
        get_weather: tool({
          description: 'The weather.',
          inputSchema: z.object({ city: z.string() }),
          execute: agensight.span({ name: 'get_weather', kind: 'tool' }, weatherIn),
        }),
      };
      const ask = agensight.trace('ask', async (prompt: string) => {
        const stopWhen = stepCountIs(3);
        const { text, steps } = await generateText({
          model,
          prompt,
          tools,
          stopWhen,
          ...telemetry,
        });
        return [text, steps.length, steps[0].toolResults.map(({ output }: Json) => output)];
      });
      return ask(QUESTION);
    },
    rows: bothRan,
  },
  {
    name: 'Anthropic, the tool runner with two calls of a tool',
    packages: ['@anthropic-ai/sdk', '@anthropic-ai/sdk/helpers/beta/zod', 'zod'],
    async run({ load, provider, agensight }) {
      const { Anthropic } = await load('@anthropic-ai/sdk');
      const { betaZodTool } = await load('@anthropic-ai/sdk/helpers/beta/zod');
      const { z } = await load('zod');
      const { url } = await provider(claudeWithTools(cities, BOTH));
      const anthropic = new Anthropic({ apiKey: 'k', baseURL: url });
      const weather = betaZodTool({
        name: 'get_weather',
        description: 'The weather.',
        inputSchema: z.object({ city: z.string() }),
        run: agensight.span({ name: 'get_weather', kind: 'tool' }, weatherIn),
      });
      const ask = agensight.trace('ask', async (content: string) => {
        const messages = [{ role: 'user', content }];
        const request = { model: 'claude-sonnet-5', max_tokens: 50, messages, tools: [weather] };
        return (await anthropic.beta.messages.toolRunner(request)).content;
      });
      return ask(QUESTION);
    },
    rows: bothRan,
  },
  {
    name: 'openai, runTools with two calls of a tool',
    packages: ['openai'],
    async run({ load, provider, agensight }) {
      const { OpenAI } = await load('openai');
      const { url } = await provider(route);
      const openai = new OpenAI({ apiKey: 'k', baseURL: `${url}/v1` });
      const parameters = { type: 'object', properties: { city: { type: 'string' } } };
      const weather = {
        name: 'get_weather',
        description: 'The weather.',
        parameters,
        parse: JSON.parse,
        function: agensight.span({ name: 'get_weather', kind: 'tool' }, weatherIn),
      };
      const ask = agensight.trace('ask', () =>
        openai.chat.completions
          .runTools({ ...CHAT, tools: [{ type: 'function', function: weather }] })
          .finalContent(),
      );
      return ask();
    },
    rows: bothRan,
  },
];
