/** The usage of streams: sent, not sent, refused, or in chunks of their own kind. */

import { EVERY_SET, type Program } from '../program.ts';
import { ANSWER, CHAT, chunk, chunks, listOf, TOKENS, USAGE, words } from '../provider/chat.ts';
import { type Route, refusal } from '../provider/server.ts';

const stream = { ...CHAT, stream: true };
const asking = { ...stream, stream_options: { include_usage: true } };
const { choices: _, ...bare } = chunk({});

/** Streams whose usage the request did not ask for. */
const UNASKED: Record<string, unknown[]> = {
  'in a chunk without choices of its own': [chunk({}, null, { choices: [], usage: USAGE })],
  'in the last chunk': [],
  'in a chunk that has no choices at all': [{ ...bare, usage: USAGE }],
};

const unasked = Object.entries(UNASKED).map(
  ([where, last]): Program => ({
    name: `openai, a stream with usage nobody asked for, ${where}`,
    packages: ['openai'],
    sets: EVERY_SET,
    async run({ load, provider }) {
      const { OpenAI } = await load('openai');
      const more = last.length === 0 ? { usage: USAGE } : {};
      const said = [...words(ANSWER).map((delta) => chunk(delta)), chunk({}, 'stop', more)];
      const { url } = await provider(() => ({ events: [...said, ...last, '[DONE]'] }));
      const openai = new OpenAI({ apiKey: 'k', baseURL: `${url}/v1` });
      return listOf(await openai.chat.completions.create(stream));
    },
    rows: [{ table: 'completions', are: [{ content: ANSWER, ...TOKENS }] }],
  }),
);

/** A server that knows no `stream_options`. */
const strict: Route = ({ body }) =>
  body.stream_options
    ? refusal(400, 'Unrecognized request argument supplied: stream_options')
    : { events: chunks(body, words(ANSWER)) };

const refused = (['create', 'withResponse', 'askUsage'] as const).map(
  (way): Program => ({
    name: `openai, a server that refuses stream_options, ${way}`,
    packages: ['openai'],
    sets: EVERY_SET,
    async run({ load, provider, agensight, attempt, isRecorded }) {
      const { OpenAI } = await load('openai');
      const { url } = await provider(strict);
      const client = new OpenAI({ apiKey: 'k', baseURL: `${url}/v1` });
      const openai =
        way === 'askUsage' && isRecorded
          ? agensight.instrument(client, { askUsage: true })
          : client;
      return attempt(async () => {
        const pending = openai.chat.completions.create(stream);
        if (way === 'create') return listOf(await pending);
        const { data, response, request_id } = await pending.withResponse();
        return [response.status, request_id, await listOf(data)];
      });
    },
    rows: [{ table: 'completions', are: [{ content: ANSWER }] }],
  }),
);

const asked: Program = {
  name: 'openai, a stream that asks for its usage',
  packages: ['openai'],
  sets: EVERY_SET,
  async run({ load, provider }) {
    const { OpenAI } = await load('openai');
    const { url } = await provider(({ body }) => ({ events: chunks(body, words(ANSWER)) }));
    const openai = new OpenAI({ apiKey: 'k', baseURL: `${url}/v1` });
    return listOf(await openai.chat.completions.create(asking));
  },
  rows: [{ table: 'completions', are: [{ content: ANSWER, ...TOKENS }] }],
};

const hidden: Program = {
  name: 'openai, a stream whose usage only the SDK asks for',
  packages: ['openai'],
  sets: EVERY_SET,
  async run({ load, provider, agensight, isRecorded }) {
    const { OpenAI } = await load('openai');
    const { url } = await provider(({ body }) => ({ events: chunks(body, words(ANSWER)) }));
    const client = new OpenAI({ apiKey: 'k', baseURL: `${url}/v1` });
    const openai = isRecorded ? agensight.instrument(client, { askUsage: true }) : client;
    const seen = await listOf<{ choices: unknown }>(await openai.chat.completions.create(stream));
    return seen.map(({ choices }) => choices);
  },
  rows: [{ table: 'completions', are: [{ content: ANSWER, ...TOKENS }] }],
};

export const programs: Program[] = [...unasked, ...refused, asked, hidden];
