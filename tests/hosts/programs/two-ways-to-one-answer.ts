/** The headers and the answer of one promise of a client, in every order. */

import { EVERY_SET, type Host, type Program } from '../program.ts';
import { CLAUDE, claude, text } from '../provider/anthropic.ts';
import { ANSWER, answered, CHAT, listOf, MESSAGES, MODEL, TOKENS } from '../provider/chat.ts';
import { message, response } from '../provider/responses.ts';
import type { Json, Route } from '../provider/server.ts';
import { times } from '../row-checks.ts';

const route: Route = (asked) => {
  if (asked.path.includes('/messages')) return { json: claude([text(ANSWER)]) };
  if (asked.path.endsWith('/responses')) return { json: response([message(ANSWER)]) };
  return answered(asked);
};

const shown = (answer: Json) => [
  answer?.constructor?.name,
  answer?.choices?.[0]?.message?.content ?? answer?.output_text ?? answer?.content,
];

/** What the program does with a promise of a client. */
const WAYS: Record<string, (create: () => Json) => Promise<unknown>> = {
  'asResponse, then the answer': async (create) => {
    const pending = create();
    const { headers } = await pending.asResponse();
    return [headers.get('x-request-id'), ...shown(await pending)];
  },
  'both at once': async (create) => {
    const pending = create();
    const [{ status }, answer] = await Promise.all([pending.asResponse(), pending]);
    return [status, ...shown(answer)];
  },
  'asResponse, then withResponse': async (create) => {
    const pending = create();
    await pending.asResponse();
    const { data, response: raw } = await pending.withResponse();
    return [raw.status, ...shown(data)];
  },
  'the answer, then asResponse': async (create) => {
    const pending = create();
    const answer = await pending;
    const raw = await pending.asResponse();
    return [raw.status, raw.bodyUsed, ...shown(answer)];
  },
  'withResponse, then the answer twice': async (create) => {
    const pending = create();
    const { data } = await pending.withResponse();
    const [first, second] = [await pending, await pending];
    return [first === second, ...shown(data), ...shown(first)];
  },
};

/** Each way, one after the other. */
async function each(host: Host, create: () => Json): Promise<Record<string, unknown>> {
  const seen: Record<string, unknown> = {};
  for (const [way, go] of Object.entries(WAYS)) seen[way] = await host.attempt(() => go(create));
  return seen;
}
const count = Object.keys(WAYS).length;

const openai = ['chat.completions', 'responses'].map(
  (api): Program => ({
    name: `openai, ${api}.create, its response and its answer in five ways`,
    packages: ['openai'],
    sets: EVERY_SET,
    async run(host) {
      const { OpenAI } = await host.load('openai');
      const { url } = await host.provider(route);
      const made = new OpenAI({ apiKey: 'k', baseURL: `${url}/v1` });
      const { chat, responses } = host.agensight.instrument(made);
      const request = { model: MODEL, input: 'How warm is it?' };
      return each(host, () =>
        api === 'responses' ? responses.create(request) : chat.completions.create(CHAT),
      );
    },
    rows: [
      { table: 'spans', where: { kind: 'llm' }, are: times(count, { status: 'ok' }) },
      { table: 'completions', are: times(count, { content: ANSWER, ...TOKENS }) },
    ],
  }),
);

const stream: Program = {
  name: 'openai, asResponse, then the stream',
  packages: ['openai'],
  sets: EVERY_SET,
  async run({ load, provider, attempt }) {
    const { OpenAI } = await load('openai');
    const { url } = await provider(route);
    const client = new OpenAI({ apiKey: 'k', baseURL: `${url}/v1` });
    return attempt(async () => {
      const pending = client.chat.completions.create({ ...CHAT, stream: true });
      const { status } = await pending.asResponse();
      return [status, await listOf(await pending)];
    });
  },
  rows: [
    { table: 'spans', where: { kind: 'llm' }, are: [{ status: 'ok' }] },
    { table: 'completions', are: [{ content: ANSWER }] },
  ],
};

const inSpan: Program = {
  name: 'openai, asResponse of a call in a span, then the answer',
  packages: ['openai'],
  sets: EVERY_SET,
  init: { autoInstrument: false },
  async run({ load, provider, agensight, attempt }) {
    const { OpenAI } = await load('openai');
    const { url } = await provider(route);
    const client = new OpenAI({ apiKey: 'k', baseURL: `${url}/v1` });
    const ask = agensight.span('ask', () =>
      client.chat.completions.create({ model: MODEL, messages: MESSAGES }),
    );
    return attempt(async () => {
      const pending = ask();
      const { status } = await pending.asResponse();
      return [status, ...shown(await pending)];
    });
  },
  rows: [{ table: 'spans', are: [{ name: 'ask', status: 'ok' }] }],
};

const anthropic: Program = {
  name: 'Anthropic, messages.create, its response and its answer in five ways',
  packages: ['@anthropic-ai/sdk'],
  async run(host) {
    const { Anthropic } = await host.load('@anthropic-ai/sdk');
    const { url } = await host.provider(route);
    const client = new Anthropic({ apiKey: 'k', baseURL: url });
    return each(host, () => client.messages.create(CLAUDE));
  },
  rows: [
    { table: 'spans', where: { kind: 'llm' }, are: times(count, { status: 'ok' }) },
    {
      table: 'completions',
      are: times(count, { content: ANSWER, prompt_tokens: 3, completion_tokens: 2 }),
    },
  ],
};

export const programs: Program[] = [...openai, stream, inSpan, anthropic];
