/** Helpers of the clients that ask a model more than once, and responses of many items. */

import type { Program } from '../program.ts';
import { CLAUDE, claude, text, toolUse } from '../provider/anthropic.ts';
import { ANSWER, QUESTION, TOKENS } from '../provider/chat.ts';
import { gemini } from '../provider/gemini.ts';
import { functionCall, message, responseEvents, thought } from '../provider/responses.ts';
import type { Json, Route } from '../provider/server.ts';
import { exactly, saying, times } from '../row-checks.ts';

const claudeRoute: Route = ({ path, body }) => {
  if (path.includes('count_tokens')) return { json: { input_tokens: 3 } };
  const isDone = JSON.stringify(body.messages).includes('tool_result');
  if (body.tools && !isDone)
    return { json: claude([toolUse('call_1', 'get_weather', { city: 'A' })]) };
  return { json: claude([text(body.output_config ? '{"celsius":27}' : ANSWER)]) };
};

const geminiRoute: Route = ({ path, body }) => {
  const isDone = JSON.stringify(body.contents?.at(-1) ?? '').includes('functionResponse');
  const asked = { functionCall: { name: 'get_weather', args: { city: 'A' } } };
  const answer = gemini([body.tools && !isDone ? asked : { text: ANSWER }]);
  if (path.includes(':stream')) return { events: [answer] };
  return path.includes(':countTokens') ? { json: { totalTokens: 3 } } : { json: answer };
};

const ITEMS: Json[] = [
  thought('Let me think.'),
  { type: 'web_search_call', id: 'ws_1', status: 'completed', action: { type: 'search' } },
  { type: 'file_search_call', id: 'fs_1', status: 'completed', queries: ['a'], results: null },
  {
    type: 'code_interpreter_call',
    id: 'ci_1',
    status: 'completed',
    code: 'print(1)',
    container_id: 'c_1',
    outputs: [{ type: 'logs', logs: '1' }],
  },
  functionCall('call_1', 'get_weather', { city: 'Málaga' }),
  functionCall('call_2', 'get_time', {}),
  { type: 'image_generation_call', id: 'ig_1', status: 'completed', result: 'A'.repeat(5_000) },
  message(ANSWER),
];

export const programs: Program[] = [
  {
    name: 'Anthropic, the tool runner, parse and the count of tokens',
    packages: [
      '@anthropic-ai/sdk',
      '@anthropic-ai/sdk/helpers/beta/zod',
      '@anthropic-ai/sdk/helpers/zod',
      'zod',
    ],
    async run({ load, provider, agensight, isRecorded }) {
      const { Anthropic } = await load('@anthropic-ai/sdk');
      const { betaZodTool } = await load('@anthropic-ai/sdk/helpers/beta/zod');
      const { zodOutputFormat } = await load('@anthropic-ai/sdk/helpers/zod');
      const { z } = await load('zod');
      const { url } = await provider(claudeRoute);
      const { tracerProvider } = agensight;
      const telemetry = isRecorded ? { openTelemetry: { tracerProvider } } : {};
      const { messages, beta } = new Anthropic({ apiKey: 'k', baseURL: url, ...telemetry });
      const weather = betaZodTool({
        name: 'get_weather',
        description: 'The weather.',
        inputSchema: z.object({ city: z.string() }),
        run: async ({ city }: Json) => `27 in ${city}`,
      });
      const format = zodOutputFormat(z.object({ celsius: z.number() }));
      return agensight.trace('ask', async () => [
        (await beta.messages.toolRunner({ ...CLAUDE, tools: [weather] })).content,
        (await messages.parse({ ...CLAUDE, output_config: { format } })).parsed_output,
        (await messages.countTokens({ model: CLAUDE.model, messages: CLAUDE.messages }))
          .input_tokens,
      ])();
    },
    rows: [
      // The count of tokens is not a call of a model.
      { table: 'spans', where: { kind: 'llm' }, are: times(3) },
      {
        table: 'completions',
        are: [{ content: ANSWER }, { content: '{"celsius":27}' }, { content: null }],
      },
      { table: 'completions', are: times(3, { prompt_tokens: 3, completion_tokens: 2 }) },
    ],
  },
  {
    name: 'Gemini, chats, functions that it calls by itself, the count of tokens',
    packages: ['@google/genai'],
    async run({ load, provider }) {
      const { GoogleGenAI } = await load('@google/genai');
      const { url } = await provider(geminiRoute);
      const google = new GoogleGenAI({ apiKey: 'k', httpOptions: { baseUrl: url } });
      const model = 'gemini-2.5-pro';
      const chat = google.chats.create({ model });
      const first = (await chat.sendMessage({ message: QUESTION })).text;
      let second = '';
      for await (const part of await chat.sendMessageStream({ message: 'And now?' }))
        second += part.text ?? '';
      const tool = {
        tool: async () => ({ functionDeclarations: [{ name: 'get_weather', parameters: {} }] }),
        callTool: async (calls: Json[]) =>
          calls.map(({ id, name }) => ({
            functionResponse: { id, name, response: { celsius: 27 } },
          })),
      };
      const request = { model, contents: QUESTION, config: { tools: [tool] } };
      const called = (await google.models.generateContent(request)).text;
      const count = await google.models.countTokens({ model, contents: QUESTION });
      return [first, second, chat.getHistory(), called, count.totalTokens];
    },
    rows: [
      {
        table: 'completions',
        where: { content: ANSWER },
        are: times(3, { prompt_tokens: 5, completion_tokens: 3, total_tokens: 8 }),
      },
      { table: 'spans', where: { kind: 'llm' }, are: times(4, { status: 'ok' }) },
    ],
  },
  {
    name: 'openai, a stream of the Responses API with items of eight kinds',
    packages: ['openai'],
    async run({ load, provider }) {
      const { OpenAI } = await load('openai');
      const { url } = await provider(() => ({ events: responseEvents(ITEMS), isNamed: true }));
      const { responses } = new OpenAI({ apiKey: 'k', baseURL: `${url}/v1` });
      const request = { model: 'gpt-4.1', input: QUESTION, instructions: 'Be brief.' };
      const types = [];
      for await (const { type } of await responses.create({ ...request, stream: true }))
        types.push(type);
      return types;
    },
    rows: [
      {
        table: 'prompts',
        are: [{ content: 'Be brief.' }, { role: 'user', content: QUESTION }],
      },
      {
        table: 'completions',
        are: [{ content: ANSWER, parts: saying('Let me think.'), ...TOKENS }],
      },
      {
        table: 'tools',
        have: [
          { id: 'call_1', arguments: exactly({ city: 'Málaga' }) },
          { id: 'call_2', name: 'get_time' },
        ],
      },
    ],
  },
];
