/** Clients of other providers, and OpenAI's for other servers and other endpoints. */

import { ONE_SET, type Program } from '../program.ts';
import {
  ANSWER,
  answered,
  CHAT,
  chunk,
  chunks,
  completion,
  listOf,
  MESSAGES,
  TOKENS,
  USAGE,
  words,
} from '../provider/chat.ts';
import type { Json, Route } from '../provider/server.ts';
import { times } from '../row-checks.ts';

const GROQ_USAGE = { queue_time: 0.1, prompt_tokens: 11, completion_tokens: 7, total_tokens: 18 };

/** Groq has the usage of a stream in a field of its own, on the last chunk. */
const groqRoute: Route = (asked) => {
  if (!asked.body.stream) return answered(asked);
  const events: Json[] = chunks(asked.body, words(ANSWER));
  const last = events.findIndex((event) => event.choices?.[0]?.finish_reason);
  events[last] = { ...events[last], x_groq: { id: 'req_1', usage: GROQ_USAGE } };
  return { events };
};

/** Mistral has it on the last chunk. */
const LAST = chunk({ content: '' }, 'stop', { usage: USAGE });

const OLLAMA = { model: 'llama3.2', created_at: '2026-01-01T00:00:00Z' };
const ollamaRoute: Route = ({ body }) => {
  const ended = { done: true, done_reason: 'stop', prompt_eval_count: 11, eval_count: 7 };
  const said = (content: string) => ({ ...OLLAMA, message: { role: 'assistant', content } });
  if (body.stream === false) return { json: { ...said(ANSWER), ...ended } };
  return {
    lines: [
      ...words(ANSWER).map(({ content }) => ({ ...said(content), done: false })),
      { ...said(''), ...ended },
    ],
  };
};

const cohereRoute: Route = () => ({
  json: {
    id: 'co_1',
    finish_reason: 'COMPLETE',
    message: { role: 'assistant', content: [{ type: 'text', text: ANSWER }] },
    usage: {
      billed_units: { input_tokens: 11, output_tokens: 7 },
      tokens: { input_tokens: 11, output_tokens: 7 },
    },
  },
});

const answer = { content: ANSWER, prompt_tokens: 11, completion_tokens: 7 };
const once = [
  { table: 'spans', where: { kind: 'llm' }, are: [{ status: 'ok' }] },
  { table: 'completions', are: [answer] },
] as const;

export const programs: Program[] = [
  {
    name: 'Groq, whole and streamed',
    packages: ['groq-sdk'],
    sets: ONE_SET,
    async run({ load, provider, agensight }) {
      const { Groq } = await load('groq-sdk');
      const { url } = await provider(groqRoute);
      const groq = agensight.instrument(new Groq({ apiKey: 'k', baseURL: url }));
      return [
        await groq.chat.completions.create(CHAT),
        await listOf(await groq.chat.completions.create({ ...CHAT, stream: true })),
      ];
    },
    rows: [{ table: 'completions', are: times(2, answer) }],
  },
  {
    // Its requests are those of node-fetch, which the transport does not announce.
    name: 'Groq of the previous major, instrumented by itself',
    packages: ['groq-sdk'],
    sets: ['previous'],
    async run({ load, provider, agensight, isRecorded }) {
      const { Groq } = await load('groq-sdk');
      const { url } = await provider(groqRoute);
      const client = new Groq({ apiKey: 'k', baseURL: url });
      const groq = isRecorded ? agensight.instrument(client, { askUsage: true }) : client;
      return [
        await groq.chat.completions.create(CHAT),
        await listOf(await groq.chat.completions.create({ ...CHAT, stream: true })),
      ];
    },
    rows: [{ table: 'completions', are: times(2, answer) }],
  },
  {
    name: 'Mistral, whole and streamed',
    packages: ['@mistralai/mistralai'],
    async run({ load, provider }) {
      const { Mistral } = await load('@mistralai/mistralai');
      const { url } = await provider(({ body }) =>
        body.stream
          ? { events: [...words(ANSWER).map((delta) => chunk(delta)), LAST, '[DONE]'] }
          : { json: completion({ content: ANSWER }) },
      );
      const mistral = new Mistral({ apiKey: 'k', serverURL: url });
      const request = { model: 'mistral-small-latest', messages: MESSAGES };
      const whole = await mistral.chat.complete(request);
      const texts = [];
      for await (const { data } of await mistral.chat.stream(request))
        texts.push(data.choices[0]?.delta.content);
      return [whole.choices, texts];
    },
    rows: [{ table: 'completions', are: times(2, answer) }],
  },
  {
    name: 'Ollama, whole and streamed',
    packages: ['ollama'],
    async run({ load, provider }) {
      const { Ollama } = await load('ollama');
      const { url } = await provider(ollamaRoute);
      const ollama = new Ollama({ host: url });
      const request = { model: 'llama3.2', messages: MESSAGES };
      const whole = await ollama.chat({ ...request, stream: false });
      return [whole.message, await listOf(await ollama.chat({ ...request, stream: true }))];
    },
    rows: [{ table: 'completions', are: times(2, answer) }],
  },
  {
    name: 'Cohere, a chat',
    packages: ['cohere-ai'],
    async run({ load, provider }) {
      const { CohereClientV2 } = await load('cohere-ai');
      const { url } = await provider(cohereRoute);
      const cohere = new CohereClientV2({ token: 'k', environment: url });
      const { message } = await cohere.chat({ model: 'command-a-03-2025', messages: MESSAGES });
      return message;
    },
    rows: once,
  },
  {
    name: 'undici, a chat by its fetch and by its request',
    packages: ['undici'],
    async run({ load, provider }) {
      const { Agent, fetch: post, request } = await load('undici');
      const { url } = await provider(answered);
      const options = {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(CHAT),
      };
      const target = `${url}/v1/chat/completions`;
      const fetched = await post(target, { ...options, dispatcher: new Agent() });
      const requested = await request(target, options);
      return [fetched.status, await fetched.json(), await requested.body.json()];
    },
    rows: [{ table: 'completions', are: times(2, answer) }],
  },
  {
    name: 'openai, Azure by its deployment',
    packages: ['openai'],
    async run({ load, provider }) {
      const { AzureOpenAI } = await load('openai');
      const { url, asked } = await provider(answered);
      const azure = new AzureOpenAI({
        apiKey: 'k',
        endpoint: url,
        apiVersion: '2024-10-21',
        deployment: 'mine',
      });
      const { choices } = await azure.chat.completions.create(CHAT);
      return [choices, asked[0]?.path];
    },
    rows: [{ table: 'completions', are: [{ content: ANSWER, ...TOKENS }] }],
  },
  {
    name: 'openai, lists of models, of items and of stored completions',
    packages: ['openai'],
    async run({ load, provider }) {
      const { OpenAI } = await load('openai');
      const { url, asked } = await provider(() => ({
        json: { object: 'list', data: [{ id: 'one' }, { id: 'two' }], has_more: false },
      }));
      const openai = new OpenAI({ apiKey: 'k', baseURL: `${url}/v1` });
      const ids = [];
      for await (const { id } of openai.models.list()) ids.push(id);
      return [
        ids,
        (await openai.models.list()).data,
        (await openai.responses.inputItems.list('resp_1')).data,
        (await openai.chat.completions.list()).data,
        asked.length,
      ];
    },
    rows: [{ table: 'spans', are: [] }],
  },
];
