/** All that a client of OpenAI offers goes on working. */

import type { Host, Program } from '../program.ts';
import {
  ANSWER,
  answered,
  CHAT,
  call,
  chunks,
  completion,
  listOf,
  TOKENS,
  textOf,
  words,
} from '../provider/chat.ts';
import { message, response } from '../provider/responses.ts';
import { type Json, type Route, refusal } from '../provider/server.ts';
import { times } from '../row-checks.ts';

const EMBEDDING = {
  object: 'list',
  model: 'text-embedding-3-small',
  data: [{ object: 'embedding', index: 0, embedding: 'AACAPwAAAEA=' }],
  usage: { prompt_tokens: 3, total_tokens: 3 },
};

const route: Route = (asked) => {
  if (asked.path.endsWith('/responses')) return { json: response([message(ANSWER)]) };
  if (asked.path.endsWith('/embeddings')) return { json: EMBEDDING };
  if (!asked.body.stream) return answered(asked);
  return { events: chunks(asked.body, words(ANSWER)), delayMillis: 5 };
};

async function open({ load, provider, agensight }: Host, by: Route): Promise<Json> {
  const { OpenAI } = await load('openai');
  const { url } = await provider(by);
  return agensight.instrument(new OpenAI({ apiKey: 'k', baseURL: `${url}/v1`, maxRetries: 0 }));
}

/** Asks for a tool, whole or streamed, until its result is there. */
const toolRoute: Route = ({ body }) => {
  const isDone = body.messages.some(({ role }: Json) => role === 'tool');
  const one = call('call_1', 'get_weather', { city: 'A' }, body.stream ? 0 : undefined);
  const asked = { role: 'assistant', content: null, tool_calls: [one] };
  if (body.stream) {
    const finish = isDone ? 'stop' : 'tool_calls';
    return { events: chunks(body, isDone ? words(ANSWER) : [asked], finish) };
  }
  return { json: completion(isDone ? { content: ANSWER } : asked) };
};

export const programs: Program[] = [
  {
    name: 'openai, create, its response, streams, responses, embeddings, helpers',
    packages: ['openai'],
    async run(host) {
      const openai = await open(host, route);
      const { completions } = openai.chat;
      const streaming = { ...CHAT, stream: true };
      const pending = completions.create(CHAT);
      return {
        pending: [pending instanceof Promise, Object.prototype.toString.call(pending)],
        keys: Object.keys(await pending),
        request_id: (await completions.create(CHAT).withResponse()).request_id,
        raw: await (await completions.create(CHAT).asResponse()).json(),
        stream: await textOf(await completions.create(streaming)),
        readable: await new Response(
          (await completions.create(streaming)).toReadableStream(),
        ).text(),
        response: await openai.responses.create({ model: 'gpt-4.1', input: 'How warm is it?' }),
        embedding: await openai.embeddings.create({ model: 'text-embedding-3-small', input: 'a' }),
        helper: (await completions.stream(CHAT).finalChatCompletion()).choices[0].message.content,
      };
    },
    rows: [
      { table: 'spans', where: { kind: 'llm' }, are: times(7, { status: 'ok' }) },
      { table: 'spans', where: { kind: 'embedding' }, are: [{ status: 'ok' }] },
      { table: 'completions', where: { content: ANSWER }, are: times(7) },
      { table: 'completions', have: times(4, { content: ANSWER, ...TOKENS }) },
    ],
  },
  {
    name: 'openai, abort, break and tee of a stream',
    packages: ['openai'],
    async run(host) {
      const openai = await open(host, route);
      const stream = (options?: object) =>
        openai.chat.completions.create({ ...CHAT, stream: true }, options);
      const controller = new AbortController();
      const aborted = await host.attempt(async () => {
        let count = 0;
        for await (const _ of await stream({ signal: controller.signal }))
          if (++count === 2) controller.abort();
        return count;
      });
      let broken = 0;
      for await (const _ of await stream()) if (++broken === 1) break;
      const [left, right] = (await stream()).tee();
      const early = await host.attempt(() => stream({ signal: AbortSignal.abort() }));
      return { aborted, broken, tee: [await textOf(left), await textOf(right)], early };
    },
    rows: [
      { table: 'spans', where: { kind: 'llm' }, have: times(3) },
      { table: 'completions', have: [{ content: ANSWER }] },
    ],
  },
  {
    name: 'openai, runTools, whole and streamed',
    packages: ['openai'],
    async run(host) {
      const openai = await open(host, toolRoute);
      const weather = {
        name: 'get_weather',
        description: 'The weather.',
        parameters: { type: 'object', properties: { city: { type: 'string' } } },
        parse: JSON.parse,
        function: host.agensight.span('look', async ({ city }: Json) => `27 in ${city}`),
      };
      const request = { ...CHAT, tools: [{ type: 'function', function: weather }] };
      return host.agensight.trace('ask', async () => {
        const streamed = openai.chat.completions.runTools({ ...request, stream: true });
        const seen: string[] = [];
        streamed.on('content', (delta: string) => seen.push(delta));
        const whole = await openai.chat.completions.runTools(request).finalContent();
        return [whole, await streamed.finalContent(), seen, await streamed.totalUsage()];
      })();
    },
    rows: [
      { table: 'traces', are: [{ name: 'ask' }] },
      { table: 'spans', where: { kind: 'llm' }, are: times(4, { status: 'ok' }) },
      { table: 'completions', where: { content: ANSWER }, are: times(2) },
    ],
  },
  {
    name: 'openai, a retry after 429, and the error when there is none',
    packages: ['openai'],
    async run(host) {
      const openai = await open(host, ({ number }) =>
        number === 2
          ? { json: completion({ content: ANSWER }) }
          : { ...refusal(429), headers: { 'retry-after-ms': '5' } },
      );
      const answer = await openai.chat.completions.create(CHAT, { maxRetries: 1 });
      const error = await host.attempt(() => openai.chat.completions.create(CHAT));
      return [answer.choices, error];
    },
    rows: [
      { table: 'spans', where: { kind: 'llm' }, are: [{ status: 'ok' }, { status: 'error' }] },
      { table: 'completions', where: { content: ANSWER }, are: [TOKENS] },
    ],
  },
  {
    name: 'openai, a subclass, a Proxy, withOptions, private fields',
    packages: ['openai'],
    async run({ load, provider, agensight }) {
      const { OpenAI } = await load('openai');
      const { url } = await provider(answered);
      class Mine extends (OpenAI as new (options: object) => object) {
        #greeting = 'hello';
        ask(this: Json) {
          return this.chat.completions.create(CHAT);
        }
        greet() {
          return this.#greeting;
        }
      }
      const mine = agensight.instrument(new Mine({ apiKey: 'k', baseURL: `${url}/v1` }) as Json);
      const bound = new Proxy(mine, {
        get(target, key) {
          const value = Reflect.get(target, key);
          return typeof value === 'function' ? value.bind(target) : value;
        },
      });
      const copy = mine.withOptions({ timeout: 1_234 });
      return {
        mine: (await mine.ask()).choices[0].message,
        greeting: mine.greet(),
        proxied: (await listOf(await bound.chat.completions.create({ ...CHAT, stream: true })))
          .length,
        copy: [copy.timeout, copy instanceof OpenAI, (await copy.chat.completions.create(CHAT)).id],
        names: [OpenAI.Chat.Completions.prototype.create.name, OpenAI.name],
      };
    },
    rows: [{ table: 'spans', where: { kind: 'llm' }, are: times(3, { status: 'ok' }) }],
  },
];
