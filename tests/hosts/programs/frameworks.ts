/** Frameworks over the clients: what they return, streamed and whole, and one row for each call of a model. */

import type { Host, Program } from '../program.ts';
import { ANSWER, chunks, completion, MODEL, QUESTION, withTools, words } from '../provider/chat.ts';
import { functionCall, message, responseEvents } from '../provider/responses.ts';
import type { Json, Route } from '../provider/server.ts';
import { sumIs, times } from '../row-checks.ts';

const weatherIn = async ({ city }: { city: string }) => `27 in ${city}`;
const chatRoute = withTools(['A']);

const route: Route = (asked) => {
  const { path, body } = asked;
  if (path.endsWith('/embeddings')) {
    const data = body.input.map((_: Json, index: number) => ({
      object: 'embedding',
      index,
      embedding: [0.5],
    }));
    const usage = { prompt_tokens: 3, total_tokens: 3 };
    return { json: { object: 'list', model: 'text-embedding-3-small', data, usage } };
  }
  if (body.response_format) return { json: completion({ content: '{"celsius":27}' }) };
  return chatRoute(asked);
};

const calls = (count: number) =>
  ({
    table: 'spans',
    where: { kind: 'llm' },
    are: times(count, { status: /ok|unset/ }),
  }) as const;
const answer = {
  table: 'completions',
  where: { content: ANSWER },
  are: [{ prompt_tokens: 11, completion_tokens: 7 }],
} as const;
const tool = { table: 'tools', are: [{ id: 'call_1', name: 'get_weather' }] } as const;

/** Options of the AI SDK that hand over the tracer, in the form of its version. */
async function telemetry({ load, agensight, isRecorded }: Host, isSeven: boolean): Promise<Json> {
  if (!isRecorded) return {};
  const { tracer } = agensight;
  if (!isSeven) return { experimental_telemetry: { isEnabled: true, tracer } };
  const { OpenTelemetry } = await load('@ai-sdk/otel');
  return { telemetry: { integrations: [new OpenTelemetry({ usage: true, tracer })] } };
}

const aiSdk = [true, false].flatMap((isSeven): Program[] => {
  const version = isSeven ? 'AI SDK 7' : 'AI SDK 6';
  const packages = ['ai', '@ai-sdk/openai', 'zod', ...(isSeven ? ['@ai-sdk/otel'] : [])];
  const sets = [isSeven ? 'newest' : 'previous'];
  const open = async ({ load, provider }: Host, by: Route) => {
    const { createOpenAI } = await load('@ai-sdk/openai');
    const { url } = await provider(by);
    return createOpenAI({ apiKey: 'k', baseURL: `${url}/v1` });
  };
  return [
    {
      name: `${version}, a ToolLoopAgent that streams`,
      packages,
      sets,
      async run(host) {
        const { ToolLoopAgent, tool: define } = await host.load('ai');
        const { z } = await host.load('zod');
        const model = (await open(host, route)).chat(MODEL);
        const get_weather = define({
          description: 'The weather.',
          inputSchema: z.object({ city: z.string() }),
          execute: weatherIn,
        });
        const options = await telemetry(host, isSeven);
        const agent = new ToolLoopAgent({ model, tools: { get_weather }, ...options });
        const result = await agent.stream({ prompt: QUESTION });
        const texts = [];
        for await (const text of result.textStream) texts.push(text);
        return [texts, (await result.steps).length, (await result.totalUsage).totalTokens];
      },
      rows: [
        calls(2),
        answer,
        { table: 'tools', are: [{ id: 'call_1', output: '27 in A' }] },
        sumIs('total_tokens', 36),
      ],
    },
    {
      name: `${version}, an object, embeddings, a stream that is aborted`,
      packages,
      sets,
      async run(host) {
        const { embedMany, generateText, Output, streamText } = await host.load('ai');
        const { z } = await host.load('zod');
        const openai = await open(host, (asked) =>
          asked.body.stream
            ? { events: chunks(asked.body, words('one two three four')), delayMillis: 40 }
            : route(asked),
        );
        const model = openai.chat(MODEL);
        const options = await telemetry(host, isSeven);
        const controller = new AbortController();
        const abortSignal = controller.signal;
        const stream = streamText({
          model,
          prompt: 'Stop.',
          abortSignal,
          onError() {},
          ...options,
        });
        let seen = 0;
        await host.attempt(async () => {
          for await (const _ of stream.textStream) if (++seen === 1) controller.abort();
        });
        const schema = z.object({ celsius: z.number() });
        const output = Output.object({ schema });
        const whole = await generateText({ model, prompt: QUESTION, output, ...options });
        const embedding = openai.embedding('text-embedding-3-small');
        const { embeddings } = await embedMany({
          model: embedding,
          values: ['a', 'b'],
          ...options,
        });
        return [whole.output, embeddings];
      },
      rows: [
        calls(2),
        { table: 'completions', where: { content: '{"celsius":27}' }, are: times(1) },
      ],
    },
  ];
});

const others: Program[] = [
  {
    name: 'OpenAI Agents, a stream',
    packages: ['@openai/agents', 'openai', 'zod'],
    async run({ load, provider, agensight }) {
      const agents = await load('@openai/agents');
      const { OpenAI } = await load('openai');
      const { z } = await load('zod');
      agents.setTracingDisabled(true);
      const { url } = await provider(({ body, number }) => {
        const isDone = body.input.some(({ type }: Json) => type === 'function_call_output');
        const asked = functionCall('call_1', 'get_weather', { city: 'A' });
        const id = { id: `resp_${number}` };
        return { events: responseEvents([isDone ? message(ANSWER) : asked], id), isNamed: true };
      });
      agents.setDefaultOpenAIClient(new OpenAI({ apiKey: 'k', baseURL: `${url}/v1` }));
      const weather = agents.tool({
        name: 'get_weather',
        description: 'The weather.',
        parameters: z.object({ city: z.string() }),
        execute: weatherIn,
      });
      const agent = new agents.Agent({
        name: 'Weather',
        instructions: 'Be brief.',
        tools: [weather],
        model: MODEL,
      });
      return agensight.trace('ask', async () => {
        const result = await agents.run(agent, QUESTION, { stream: true });
        const texts = [];
        for await (const text of result.toTextStream()) texts.push(text);
        await result.completed;
        return [texts, result.finalOutput, result.newItems.map(({ type }: Json) => type)];
      })();
    },
    rows: [calls(2), answer, tool, { table: 'traces', are: [{ name: 'ask' }] }],
  },
  {
    name: 'LangGraph, an agent in a stream of messages',
    packages: [
      '@langchain/openai',
      '@langchain/core/tools',
      '@langchain/langgraph/prebuilt',
      'zod',
    ],
    async run({ load, provider, agensight }) {
      const { ChatOpenAI } = await load('@langchain/openai');
      const { tool: define } = await load('@langchain/core/tools');
      const { createReactAgent } = await load('@langchain/langgraph/prebuilt');
      const { z } = await load('zod');
      const { url } = await provider(route);
      const configuration = { baseURL: `${url}/v1` };
      const llm = new ChatOpenAI({ apiKey: 'k', model: MODEL, configuration });
      const schema = z.object({ city: z.string() });
      const tools = [
        define(weatherIn, { name: 'get_weather', description: 'The weather.', schema }),
      ];
      const agent = createReactAgent({ llm, tools });
      return agensight.trace('ask', async () => {
        const messages = [{ role: 'user', content: QUESTION }];
        const seen = [];
        for await (const [one] of await agent.stream({ messages }, { streamMode: 'messages' }))
          seen.push([one.getType(), one.content]);
        return seen;
      })();
    },
    rows: [calls(2), answer, tool],
  },
];

export const programs: Program[] = [...aiSdk, ...others];
