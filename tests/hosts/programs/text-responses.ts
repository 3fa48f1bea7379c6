/** Handlers whose `Response` streams: their trace ends with its last byte. */

import { type Host, ONE_SET, type Program } from '../program.ts';
import { CHAT, chunks, MODEL, words } from '../provider/chat.ts';
import type { Json, Route } from '../provider/server.ts';
import { saying, some, type Tables } from '../row-checks.ts';

const SAID = 'It is very warm today';
const DELAY_MILLIS = 10;
const route: Route = ({ body }) => ({
  events: chunks(body, words(SAID)),
  delayMillis: DELAY_MILLIS,
});

/** The handler took as long as its stream, and no other span ended after it. */
function endsWithItsStream({ spans }: Tables): string[] {
  const handler = spans.find(({ parent_id }) => parent_id === null);
  const millis = Date.parse(handler?.ended_at) - Date.parse(handler?.started_at);
  const least = (words(SAID).length - 1) * DELAY_MILLIS;
  return [
    ...(millis >= least ? [] : [`the handler took ${millis} ms, and its stream at least ${least}`]),
    ...(spans.every(({ ended_at }) => Date.parse(ended_at) <= Date.parse(handler?.ended_at))
      ? []
      : ['a span ended after the handler']),
  ];
}
const told = {
  table: 'spans',
  where: { parent_id: null },
  are: [{ status: 'ok', output: saying('very', 'warm') }],
} as const;

/** The text of a model, as bytes. */
async function bytes({ load, provider }: Host): Promise<ReadableStream<Uint8Array>> {
  const { OpenAI } = await load('openai');
  const { url } = await provider(route);
  const openai = new OpenAI({ apiKey: 'k', baseURL: `${url}/v1` });
  return new ReadableStream({
    async start(controller) {
      const stream = await openai.chat.completions.create({ ...CHAT, stream: true });
      for await (const { choices } of stream)
        controller.enqueue(new TextEncoder().encode(choices[0]?.delta?.content ?? ''));
      controller.close();
    },
  });
}

const answer = async (response: Response) => [
  response.status,
  response.headers.get('content-type'),
  await response.text(),
];

const types = ['text/plain; charset=utf-8', 'text/event-stream', 'application/x-ndjson'].map(
  (type): Program => ({
    name: `a Response that streams ${type}`,
    packages: ['openai'],
    sets: ONE_SET,
    async run(host) {
      const handler = host.agensight.trace(
        'POST /',
        async () => new Response(await bytes(host), { headers: { 'content-type': type } }),
      );
      return answer(await handler());
    },
    rows: [endsWithItsStream, told],
  }),
);

const AI: Record<string, (result: Json) => Response> = {
  'toTextStreamResponse()': (result) => result.toTextStreamResponse(),
  'toUIMessageStreamResponse()': (result) =>
    result.toUIMessageStreamResponse({ generateMessageId: () => 'm1' }),
};
const ai = Object.entries(AI).map(
  ([method, respond]): Program => ({
    name: `AI SDK, ${method}`,
    packages: ['ai', '@ai-sdk/openai'],
    async run({ load, provider, agensight }) {
      const { streamText } = await load('ai');
      const { createOpenAI } = await load('@ai-sdk/openai');
      const { url } = await provider(route);
      const model = createOpenAI({ apiKey: 'k', baseURL: `${url}/v1` }).chat(MODEL);
      const handler = agensight.trace('POST /', async () =>
        respond(streamText({ model, prompt: 'How warm is it?' })),
      );
      return answer(await handler());
    },
    rows: [endsWithItsStream, told],
  }),
);

const left: Program = {
  name: 'a Response that streams, left in the middle',
  packages: ['openai'],
  sets: ONE_SET,
  async run(host) {
    const handler = host.agensight.trace(
      'POST /',
      async () => new Response(await bytes(host), { headers: { 'content-type': 'text/plain' } }),
    );
    const reader = (await handler()).body?.getReader();
    const first = await reader?.read();
    await host.pause(25);
    await reader?.cancel('gone');
    return new TextDecoder().decode(first?.value as Uint8Array);
  },
  rows: [{ table: 'spans', where: { parent_id: null }, are: [{ ended_at: some }] }],
};

const whole = Object.entries({
  text: () => new Response('It is warm.', { headers: { 'content-type': 'text/plain' } }),
  JSON: () => Response.json({ celsius: 27 }),
  nothing: () => new Response(null, { status: 204 }),
}).map(
  ([what, respond]): Program => ({
    name: `a Response of ${what}`,
    async run({ agensight }) {
      const response = await agensight.trace('GET /', async () => respond())();
      return [...(await answer(response)), response.bodyUsed];
    },
    rows: [{ table: 'traces', are: [{ status: 'ok', ended_at: some }] }],
  }),
);

export const programs: Program[] = [...types, ...ai, left, ...whole];
