/** Calls in a span of kind llm or embedding: each is one call with its messages and tokens. */

import type { Host, Program } from '../program.ts';
import {
  ANSWER,
  CHAT,
  chunks,
  completion,
  MESSAGES,
  MODEL,
  QUESTION,
  words,
} from '../provider/chat.ts';
import type { Json, Route } from '../provider/server.ts';
import { saying, sumIs } from '../row-checks.ts';

const EMBEDDED = { prompt_tokens: 3, total_tokens: 3 };

const route: Route = ({ path, body }) => {
  if (path.endsWith('/embeddings')) {
    const data = body.input.map((_: Json, index: number) => ({
      object: 'embedding',
      index,
      embedding: [0.5],
    }));
    return { json: { object: 'list', model: 'text-embedding-3-small', data, usage: EMBEDDED } };
  }
  return body.stream
    ? { events: chunks(body, words(ANSWER)) }
    : { json: completion({ content: ANSWER }) };
};

const answered = [
  { table: 'prompts', are: [{ role: 'user', content: QUESTION }] },
  {
    table: 'completions',
    are: [{ content: ANSWER, prompt_tokens: 11, completion_tokens: 7, total_tokens: 18 }],
  },
] as const;

async function aiModel({ load, provider }: Host): Promise<Json> {
  const { createOpenAI } = await load('@ai-sdk/openai');
  const { url } = await provider(route);
  return createOpenAI({ apiKey: 'k', baseURL: `${url}/v1` });
}

const post = (url: string, body: Json) =>
  fetch(`${url}/v1/chat/completions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });

const asking = { name: 'ask', kind: 'llm' } as const;
const packages = ['ai', '@ai-sdk/openai'];

export const programs: Program[] = [
  {
    name: 'AI SDK, generateText in a span',
    packages,
    async run(host) {
      const { generateText } = await host.load('ai');
      const model = (await aiModel(host)).chat(MODEL);
      const ask = host.agensight.span(asking, (options: Json) => generateText(options));
      return (await ask({ model, messages: MESSAGES })).text;
    },
    rows: answered,
  },
  {
    name: 'AI SDK, streamText in a span',
    packages,
    async run(host) {
      const { streamText } = await host.load('ai');
      const model = (await aiModel(host)).chat(MODEL);
      const ask = host.agensight.span(asking, (options: Json) => streamText(options));
      const result = ask({ model, messages: MESSAGES });
      const texts = [];
      for await (const text of result.textStream) texts.push(text);
      return [texts, (await result.usage).totalTokens, await result.finishReason];
    },
    rows: [...answered, { table: 'spans', none: { output: saying('baseStream') } }],
  },
  {
    name: 'AI SDK, streamText in a span whose text is awaited',
    packages,
    async run(host) {
      const { streamText } = await host.load('ai');
      const model = (await aiModel(host)).chat(MODEL);
      const ask = host.agensight.span(
        asking,
        async (options: Json) => await streamText(options).text,
      );
      return ask({ model, messages: MESSAGES });
    },
    rows: answered,
  },
  {
    name: 'AI SDK, embedMany in a span',
    packages,
    async run(host) {
      const { embedMany } = await host.load('ai');
      const model = (await aiModel(host)).embedding('text-embedding-3-small');
      const embedding = { name: 'embed', kind: 'embedding' } as const;
      const embed = host.agensight.span(embedding, (options: Json) => embedMany(options));
      return (await embed({ model, values: ['a', 'b'] })).embeddings;
    },
    rows: [{ table: 'completions', are: [{ prompt_tokens: 3 }] }],
  },
  {
    name: 'fetch of a chat completion in a span',
    async run({ provider, agensight }) {
      const { url } = await provider(route);
      const ask = agensight.span(asking, (body: Json) => post(url, body));
      const response = await ask(CHAT);
      return [response.status, await response.json()];
    },
    rows: answered,
  },
  {
    name: 'fetch of a stream of a chat completion in a span',
    async run({ provider, agensight }) {
      const { url } = await provider(route);
      const ask = agensight.span(asking, (body: Json) => post(url, body));
      const request = { ...CHAT, stream: true, stream_options: { include_usage: true } };
      const response = await ask(request);
      return [response.status, await response.text()];
    },
    rows: answered,
  },
  {
    name: 'LangChain, invoke and stream in spans, counted once',
    packages: ['@langchain/openai'],
    async run({ load, provider, agensight }) {
      const { ChatOpenAI } = await load('@langchain/openai');
      const { url } = await provider(route);
      const configuration = { baseURL: `${url}/v1` };
      const llm = new ChatOpenAI({ apiKey: 'k', model: MODEL, configuration });
      const invoke = agensight.span(asking, (messages: Json) => llm.invoke(messages));
      const stream = agensight.span(asking, (messages: Json) => llm.stream(messages));
      const whole = await invoke([
        ['system', 'Be brief.'],
        ['human', QUESTION],
      ]);
      const texts = [];
      for await (const { content } of (await stream([['human', QUESTION]])) as AsyncIterable<Json>)
        texts.push(content);
      return [(whole as Json).content, (whole as Json).usage_metadata, texts];
    },
    rows: [sumIs('total_tokens', 36)],
  },
];
