/** Structured answers: the client parses them, on promises of its own. */

import { EVERY_SET, type Host, type Program } from '../program.ts';
import { CHAT, completion, MESSAGES, MODEL, QUESTION, TOKENS } from '../provider/chat.ts';
import { FAILURES } from '../provider/failures.ts';
import { message, response } from '../provider/responses.ts';
import { type Json, type Route, refusal } from '../provider/server.ts';
import { some, sumIs, times } from '../row-checks.ts';

const JSON_ANSWER = '{"celsius":27}';

const count = Object.keys(FAILURES).length;
const failed = [
  { table: 'spans', where: { kind: 'llm' }, are: times(count, { status: 'error', error: some }) },
  { table: 'prompts', are: times(count, { role: 'user', content: QUESTION }) },
  { table: 'completions', where: { content: some }, are: [] },
] as const;

/** Fails in each way, one after the other. */
async function failEach(host: Host, ask: (url: string, options: object) => unknown) {
  const seen: Record<string, unknown> = {};
  for (const [how, failure] of Object.entries(FAILURES)) {
    const { route, options } = failure();
    const { url } = await host.provider(route);
    seen[how] = await host.attempt(() => ask(url, options));
    await host.pause(20);
  }
  return seen;
}

const METHODS: Record<string, (openai: Json, options: object | undefined) => unknown> = {
  'chat.completions.parse': (openai, options) => openai.chat.completions.parse(CHAT, options),
  'responses.parse': (openai, options) =>
    openai.responses.parse({ model: MODEL, input: QUESTION }, options),
  'responses.stream': (openai, options) =>
    openai.responses.stream({ model: MODEL, input: QUESTION }, options).finalResponse(),
  'chat.completions.stream': (openai, options) =>
    openai.chat.completions.stream(CHAT, options).finalChatCompletion(),
};

const failures = Object.entries(METHODS).map(
  ([method, ask]): Program => ({
    name: `openai, ${method} that fails in five ways`,
    packages: ['openai'],
    sets: EVERY_SET,
    async run(host) {
      const { OpenAI } = await host.load('openai');
      return failEach(host, (url, options) =>
        ask(new OpenAI({ apiKey: 'k', baseURL: `${url}/v1`, maxRetries: 0 }), options),
      );
    },
    rows: failed,
  }),
);

const aborted: Program = {
  name: 'openai, chat.completions.parse that is aborted before it begins',
  packages: ['openai'],
  sets: EVERY_SET,
  async run(host) {
    const { OpenAI } = await host.load('openai');
    const { url, asked } = await host.provider(() => refusal(500));
    const openai = new OpenAI({ apiKey: 'k', baseURL: `${url}/v1`, maxRetries: 0 });
    const signal = AbortSignal.abort();
    const got = await host.attempt(() => openai.chat.completions.parse(CHAT, { signal }));
    await host.pause(50);
    return { got, requests: asked.length };
  },
};

const structured: Program = {
  name: 'LangChain, structured output that fails in five ways',
  packages: ['@langchain/openai', 'zod'],
  async run(host) {
    const { ChatOpenAI } = await host.load('@langchain/openai');
    const { z } = await host.load('zod');
    return failEach(host, (url, { timeout, ...options }: { timeout?: number }) => {
      const model = new ChatOpenAI({
        apiKey: 'k',
        model: MODEL,
        maxRetries: 0,
        timeout,
        configuration: { baseURL: `${url}/v1` },
      });
      const parser = model.withStructuredOutput(z.object({ celsius: z.number() }));
      return parser.invoke(QUESTION, options);
    });
  },
  rows: failed,
};

const route: Route = ({ path }) => ({
  json: path.endsWith('/responses')
    ? response([message(JSON_ANSWER)])
    : completion({ content: JSON_ANSWER }),
});
const one = [
  { table: 'spans', where: { kind: 'llm' }, are: [{ status: 'ok', ended_at: some }] },
  { table: 'prompts', are: [{ role: 'user', content: QUESTION }] },
  { table: 'completions', are: [{ role: 'assistant', content: JSON_ANSWER, ...TOKENS }] },
] as const;

const PARSED: Record<string, (openai: Json, format: Json, host: Host) => unknown> = {
  'chat.completions.parse': async (openai, { chat }) => {
    const answer = await openai.chat.completions.parse({ ...CHAT, response_format: chat });
    return [answer.choices[0].message.parsed, answer._request_id, answer.usage];
  },
  'chat.completions.parse().withResponse()': async (openai, { chat }) => {
    const pending = openai.chat.completions.parse({ ...CHAT, response_format: chat });
    const { data, response: raw, request_id } = await pending.withResponse();
    return [data.choices[0].message.parsed, raw.status, request_id];
  },
  'responses.parse': async (openai, { text }) => {
    const request = { model: MODEL, input: QUESTION, text: { format: text } };
    const answer = await openai.responses.parse(request);
    return [answer.output_parsed, answer.output_text];
  },
  'chat.completions.parse of an instrumented client': async (openai, { chat }, { agensight }) => {
    const client = agensight.instrument(openai);
    const answer = await client.chat.completions.parse({ ...CHAT, response_format: chat });
    return answer.choices[0].message.parsed;
  },
};

const answers = Object.entries(PARSED).map(
  ([how, ask]): Program => ({
    name: `openai, ${how} that is answered`,
    packages: ['openai', 'openai/helpers/zod', 'zod'],
    sets: EVERY_SET,
    init: { autoInstrument: !how.includes('instrumented') },
    async run(host) {
      const { OpenAI } = await host.load('openai');
      const { zodResponseFormat, zodTextFormat } = await host.load('openai/helpers/zod');
      const { z } = await host.load('zod');
      const Weather = z.object({ celsius: z.number() });
      const { url } = await host.provider(route);
      const openai = new OpenAI({ apiKey: 'k', baseURL: `${url}/v1` });
      const [chat, text] = [zodResponseFormat, zodTextFormat].map((of) => of(Weather, 'weather'));
      return ask(openai, { chat, text }, host);
    },
    rows: one,
  }),
);

const wrapped: Program = {
  name: 'openai, responses.parse in a span of kind llm, counted once',
  packages: ['openai'],
  sets: EVERY_SET,
  async run({ load, provider, agensight }) {
    const { OpenAI } = await load('openai');
    const { url } = await provider(route);
    const openai = new OpenAI({ apiKey: 'k', baseURL: `${url}/v1` });
    const ask = agensight.span({ name: 'ask', kind: 'llm' }, async (input: string) => {
      const { output_text, usage } = await openai.responses.parse({ model: MODEL, input });
      return { content: output_text, usage };
    });
    return ask(QUESTION);
  },
  rows: [
    sumIs('total_tokens', 18),
    { table: 'completions', have: [{ content: JSON_ANSWER, ...TOKENS }] },
  ],
};

const chain: Program = {
  name: 'LangChain, structured output that is answered',
  packages: ['@langchain/openai', 'zod'],
  async run({ load, provider }) {
    const { ChatOpenAI } = await load('@langchain/openai');
    const { z } = await load('zod');
    const { url } = await provider(route);
    const configuration = { baseURL: `${url}/v1` };
    const model = new ChatOpenAI({ apiKey: 'k', model: MODEL, configuration });
    return model.withStructuredOutput(z.object({ celsius: z.number() })).invoke(MESSAGES);
  },
  rows: one,
};

export const programs: Program[] = [...failures, aborted, structured, ...answers, wrapped, chain];
