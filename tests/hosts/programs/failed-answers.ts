/** Answers with status 200 that say that there is none, or not yet. */

import { type Host, ONE_SET, type Program } from '../program.ts';
import { ANSWER, CHAT, chunk, TOKENS } from '../provider/chat.ts';
import { message, numbered, response } from '../provider/responses.ts';
import type { Answer, Json } from '../provider/server.ts';
import { saying, sumIs } from '../row-checks.ts';

const EXPLODED = 'The model exploded';
const error = { code: 'server_error', message: EXPLODED };
const failed = response([], { status: 'failed', error, usage: null });
const created = {
  type: 'response.created',
  response: response([], { status: 'in_progress', usage: null }),
};
const REQUEST = { model: 'gpt-4.1', input: 'How warm is it?' };

async function client({ load, provider }: Host, answer: Answer): Promise<Json> {
  const { OpenAI } = await load('openai');
  const { url } = await provider(() => answer);
  return new OpenAI({ apiKey: 'k', baseURL: `${url}/v1`, maxRetries: 0 });
}

async function typesOf(stream: AsyncIterable<Json>): Promise<unknown[]> {
  const types = [];
  for await (const event of stream) types.push(event.type ?? event.error);
  return types;
}

const isError = [
  { table: 'spans', where: { kind: 'llm' }, are: [{ status: 'error', error: saying(EXPLODED) }] },
] as const;

const asked = (
  what: string,
  answer: Answer,
  ask: (openai: Json) => Promise<unknown>,
  rows: NonNullable<Program['rows']>,
): Program => ({
  name: `openai, ${what}`,
  packages: ['openai'],
  sets: ONE_SET,
  run: async (host) => {
    const openai = await client(host, answer);
    return host.attempt(() => ask(openai));
  },
  rows,
});

const named = (events: Json[]): Answer => ({ events: numbered(events), isNamed: true });
const respond = async (openai: Json) => (await openai.responses.create(REQUEST)).status;
const streamResponse = async (openai: Json) =>
  typesOf(await openai.responses.create({ ...REQUEST, stream: true }));
const chat = (openai: Json) => openai.chat.completions.create(CHAT);
const streamChat = async (openai: Json) =>
  typesOf(await openai.chat.completions.create({ ...CHAT, stream: true }));

const cutShort = { status: 'incomplete', incomplete_details: { reason: 'max_output_tokens' } };

/** Queued first, in progress once, then answered or cancelled. */
const background = (ending: 'completed' | 'cancelled'): Program => ({
  name: `openai, a response in the background that is ${ending}`,
  packages: ['openai'],
  sets: ONE_SET,
  async run({ load, provider }) {
    const { OpenAI } = await load('openai');
    const { url } = await provider(({ method, path, number }) => {
      const more = { id: 'resp_bg', background: true };
      const open = (status: string) => response([], { ...more, status, usage: null });
      if (path.endsWith('/cancel')) return { json: open('cancelled') };
      if (method === 'POST') return { json: open('queued') };
      if (number < 3) return { json: open('in_progress') };
      return { json: response([message(ANSWER)], more) };
    });
    const openai = new OpenAI({ apiKey: 'k', baseURL: `${url}/v1` });
    const { id } = await openai.responses.create({ ...REQUEST, background: true });
    const statuses = [(await openai.responses.retrieve(id)).status];
    if (ending === 'cancelled') statuses.push((await openai.responses.cancel(id)).status);
    else for (const _ of [1, 2]) statuses.push((await openai.responses.retrieve(id)).status);
    return statuses;
  },
  rows:
    ending === 'completed'
      ? [
          {
            table: 'completions',
            have: [{ content: ANSWER, response_id: 'resp_bg', ...TOKENS }],
          },
          sumIs('total_tokens', 18),
        ]
      : [
          { table: 'spans', where: { kind: 'llm' }, have: [{}] },
          sumIs('total_tokens', 0),
          { table: 'completions', where: { content: ANSWER }, are: [] },
        ],
});

export const programs: Program[] = [
  asked('a failed response, whole', { json: failed }, respond, isError),
  asked(
    'a failed response, streamed',
    named([created, { type: 'response.failed', response: failed }]),
    streamResponse,
    isError,
  ),
  asked(
    'an error event of the Responses API',
    named([created, { type: 'error', ...error, param: null }]),
    streamResponse,
    [{ table: 'spans', where: { kind: 'llm' }, are: [{ status: 'error' }] }],
  ),
  asked(
    'an error with status 200',
    { json: { error: { message: EXPLODED, code: 502 }, user_id: 'u' } },
    chat,
    isError,
  ),
  asked(
    'an error in a stream of chat completions',
    {
      events: [
        chunk({ role: 'assistant', content: 'It ' }),
        chunk({ content: '' }, 'error', { error: { message: EXPLODED, code: 502 } }),
      ],
    },
    streamChat,
    isError,
  ),
  asked(
    'a response that is incomplete',
    { json: response([message('It is')], cutShort) },
    respond,
    [
      { table: 'spans', where: { kind: 'llm' }, are: [{ status: 'ok' }] },
      { table: 'completions', are: [{ content: 'It is', ...TOKENS }] },
    ],
  ),
  background('completed'),
  background('cancelled'),
];
