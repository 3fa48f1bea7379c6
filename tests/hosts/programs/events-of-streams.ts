/** The events of a stream are the program's: kept, read later, or assembled by the client's own helper. */

import type { Host, Program } from '../program.ts';
import { CLAUDE, claudeEvents, spoken } from '../provider/anthropic.ts';
import { ANSWER, CHAT, call, chunks, listOf, TOKENS, words } from '../provider/chat.ts';
import { gemini } from '../provider/gemini.ts';
import { functionCall, message, responseEvents, thought } from '../provider/responses.ts';
import type { Json } from '../provider/server.ts';
import { exactly, saying, times } from '../row-checks.ts';

const REQUEST = { model: 'gpt-4.1', input: 'How warm is it?' };
const OUTPUT = [
  thought('Let me think.'),
  functionCall('call_1', 'get_weather', { city: 'A' }),
  message(ANSWER),
];
const tools: Json[] = [{ id: 'call_1', arguments: exactly({ city: 'A' }) }];
const rows: Program['rows'] = [
  { table: 'completions', are: [{ content: ANSWER, ...TOKENS }] },
  { table: 'tools', are: tools },
];

async function openai({ load, provider, agensight }: Host): Promise<Json> {
  const { OpenAI } = await load('openai');
  const { url } = await provider(() => ({ events: responseEvents(OUTPUT), isNamed: true }));
  return agensight.instrument(new OpenAI({ apiKey: 'k', baseURL: `${url}/v1` }));
}

const responses: Program[] = [
  {
    name: 'openai, a stream of the Responses API, its events kept',
    packages: ['openai'],
    async run(host) {
      const client = await openai(host);
      return listOf(await client.responses.create({ ...REQUEST, stream: true }));
    },
    rows,
  },
  {
    name: 'openai, responses.stream(), its snapshots',
    packages: ['openai'],
    async run(host) {
      const stream = (await openai(host)).responses.stream(REQUEST);
      const seen: unknown[] = [];
      for (const type of ['output_text', 'function_call_arguments'])
        stream.on(`response.${type}.delta`, ({ snapshot }: Json) => seen.push(snapshot));
      const { output, output_text } = await stream.finalResponse();
      return { seen, output, output_text };
    },
    rows,
  },
];

const chat: Program = {
  name: 'openai, a stream of chat completions, its chunks kept',
  packages: ['openai'],
  async run({ load, provider }) {
    const { OpenAI } = await load('openai');
    const asked = { tool_calls: [call('call_1', 'get_weather', { city: 'A' }, 0)] };
    const deltas = [...words(ANSWER), asked];
    const { url } = await provider(({ body }) => ({ events: chunks(body, deltas, 'tool_calls') }));
    const client = new OpenAI({ apiKey: 'k', baseURL: `${url}/v1` });
    return listOf(await client.chat.completions.create({ ...CHAT, stream: true }));
  },
  rows: [
    { table: 'completions', are: [{ content: ANSWER }] },
    { table: 'tools', are: tools },
  ],
};

const BLOCKS = [
  [
    { type: 'thinking', thinking: '', signature: '' },
    { type: 'thinking_delta', thinking: 'Let me think.' },
    { type: 'signature_delta', signature: 'c2ln' },
  ],
  spoken('It is ', 'warm.'),
  [
    { type: 'tool_use', id: 'call_1', name: 'get_weather', input: {} },
    { type: 'input_json_delta', partial_json: '{"city":' },
    { type: 'input_json_delta', partial_json: '"A"}' },
  ],
];
const CACHED = { input_tokens: 9, cache_read_input_tokens: 100, cache_creation_input_tokens: 20 };

const anthropic: Program[] = [
  {
    name: 'Anthropic, messages.stream(), its snapshots and events',
    packages: ['@anthropic-ai/sdk'],
    async run({ load, provider }) {
      const { Anthropic } = await load('@anthropic-ai/sdk');
      const ending = { stop_reason: 'tool_use', usage: CACHED, output_tokens: 55 };
      const { url } = await provider(() => ({
        events: claudeEvents(BLOCKS, ending),
        isNamed: true,
      }));
      const stream = new Anthropic({ apiKey: 'k', baseURL: url }).messages.stream(CLAUDE);
      const seen: unknown[] = [];
      for (const type of ['text', 'inputJson', 'thinking'])
        stream.on(type, (delta: Json, snapshot: Json) =>
          seen.push([delta, structuredClone(snapshot)]),
        );
      return { message: await stream.finalMessage(), seen };
    },
    rows: [
      {
        table: 'completions',
        are: [
          {
            content: ANSWER,
            parts: saying('Let me think.'),
            prompt_tokens: 129,
            completion_tokens: 55,
            cached_tokens: 100,
            cache_write_tokens: 20,
          },
        ],
      },
      { table: 'tools', are: tools },
    ],
  },
  {
    name: 'Anthropic, a stream of messages.create, its tee and its ReadableStream',
    packages: ['@anthropic-ai/sdk'],
    async run({ load, provider }) {
      const { Anthropic } = await load('@anthropic-ai/sdk');
      const events = claudeEvents([spoken('It is ', 'warm.')]);
      const { url } = await provider(() => ({ events, isNamed: true }));
      const client = new Anthropic({ apiKey: 'k', baseURL: url });
      const create = () => client.messages.create({ ...CLAUDE, stream: true });
      const [left, right] = (await create()).tee();
      return [
        await listOf(await create()),
        await listOf(left),
        await listOf(right),
        await new Response((await create()).toReadableStream()).text(),
      ];
    },
    rows: [
      {
        table: 'completions',
        are: times(3, { content: ANSWER, prompt_tokens: 3, completion_tokens: 2 }),
      },
    ],
  },
];

const usageMetadata = (candidatesTokenCount: number, thoughtsTokenCount: number) => ({
  promptTokenCount: 23,
  cachedContentTokenCount: 10,
  candidatesTokenCount,
  thoughtsTokenCount,
  totalTokenCount: 23 + candidatesTokenCount + thoughtsTokenCount,
});
const PIECES = [
  gemini([{ text: 'Let me ', thought: true }], { usageMetadata: usageMetadata(0, 10) }),
  gemini([{ text: 'think.', thought: true }], { usageMetadata: usageMetadata(0, 20) }),
  gemini([{ text: 'It is ' }], { usageMetadata: usageMetadata(4, 20) }),
  gemini([{ text: 'warm.' }], { usageMetadata: usageMetadata(9, 20) }),
];

const google: Program = {
  name: 'Gemini, a stream with thoughts and usage that grows, its chunks kept',
  packages: ['@google/genai'],
  async run({ load, provider }) {
    const { GoogleGenAI } = await load('@google/genai');
    const { url } = await provider(() => ({ events: PIECES }));
    const client = new GoogleGenAI({ apiKey: 'k', httpOptions: { baseUrl: url } });
    const request = { model: 'gemini-2.5-pro', contents: 'How warm is it?' };
    const chunks = await listOf<Json>(await client.models.generateContentStream(request));
    return chunks.map(({ text, usageMetadata: usage, candidates }) => [text, usage, candidates]);
  },
  rows: [
    {
      table: 'completions',
      are: [
        {
          content: ANSWER,
          parts: saying('Let me think.'),
          prompt_tokens: 23,
          completion_tokens: 29,
          total_tokens: 52,
          cached_tokens: 10,
          reasoning_tokens: 20,
        },
      ],
    },
  ],
};

export const programs: Program[] = [...responses, chat, ...anthropic, google];
