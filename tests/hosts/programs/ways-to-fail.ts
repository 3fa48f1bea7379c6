/** Ways to fail: the SDK adds no unhandled rejection and takes none away. */

import { EVERY_SET, type Host, type Program } from '../program.ts';
import { CLAUDE } from '../provider/anthropic.ts';
import { CHAT, chunk } from '../provider/chat.ts';
import { type Json, type Route, refusal } from '../provider/server.ts';

type Ways = Record<string, () => unknown>;

const route: Route = ({ body }) =>
  body.user === 'cut'
    ? {
        events: [chunk({ role: 'assistant', content: 'It ' }), chunk({ content: 'is' })],
        delayMillis: 3,
        isCut: true,
      }
    : refusal(500, 'boom');
const CUT = { ...CHAT, user: 'cut', stream: true };
const AFTER_MILLIS = 20;
const END_MILLIS = 200;

const drain = async (stream: AsyncIterable<unknown>): Promise<void> => {
  for await (const _ of stream);
};
const leave = async (stream: AsyncIterable<unknown>): Promise<void> => {
  for await (const _ of stream) break;
};
const ignore = (): void => {};

/** Does each, and counts the rejections that nobody handled. */
async function count(
  ways: Ways,
  { pause, quiet, attempt }: Host,
  hasProvider = true,
): Promise<unknown> {
  const seen: Record<string, unknown> = {};
  let unhandled = 0;
  process.on('unhandledRejection', () => {
    unhandled += 1;
  });
  for (const [name, way] of Object.entries(ways)) {
    const got = (await attempt(async () => void (await way()))) as Json;
    seen[name] = got?.class ?? null;
    await pause(AFTER_MILLIS);
  }
  await (hasProvider ? quiet() : pause(END_MILLIS));
  return { seen, unhandled };
}

const openaiWays = ({ chat: { completions }, responses }: Json, { quiet }: Host): Ways => ({
  forgotten: () => void completions.create(CHAT),
  caught: () => void completions.create(CHAT).catch(ignore),
  awaited: () => completions.create(CHAT),
  'withResponse()': () => completions.create(CHAT).withResponse(),
  'asResponse()': () => completions.create(CHAT).asResponse(),
  'finally, then caught': () => completions.create(CHAT).finally(ignore).catch(ignore),
  'parse, forgotten': () => void completions.parse(CHAT),
  'parse, caught': () => void completions.parse(CHAT).catch(ignore),
  'a stream': () => completions.create({ ...CHAT, stream: true }),
  'a helper': () => completions.stream(CHAT).done(),
  'a helper, forgotten': () => void completions.stream(CHAT),
  'a stream that breaks': async () => drain(await completions.create(CUT)),
  'a stream that is left': async () => leave(await completions.create(CUT)),
  'half of a tee': async () => drain((await completions.create(CUT)).tee()[0]),
  responses: () => responses.create({ model: 'm', input: 'x' }),
  'a helper of responses': () => responses.stream({ model: 'm', input: 'x' }).finalResponse(),
  aborted: () => completions.create(CHAT, { signal: AbortSignal.abort() }),
  'lost a race': () => Promise.race([completions.create(CHAT), Promise.reject(new Error('first'))]),
  'awaited late': async () => {
    const pending = completions.create(CHAT);
    await quiet();
    await pending;
  },
});

const anthropicWays = ({ messages }: Json): Ways => ({
  forgotten: () => void messages.create(CLAUDE),
  awaited: () => messages.create(CLAUDE),
  'withResponse()': () => messages.create(CLAUDE).withResponse(),
  'a helper': () => messages.stream(CLAUDE).finalMessage(),
  'a helper, forgotten': () => void messages.stream(CLAUDE),
});

const googleWays = ({ models }: Json): Ways => {
  const request = { model: 'g', contents: 'x' };
  return {
    forgotten: () => void models.generateContent(request),
    awaited: () => models.generateContent(request),
    'a stream': () => models.generateContentStream(request),
  };
};

const fail = (): never => {
  throw new Error('no');
};
const functionWays = ({ agensight }: Host): Ways => {
  const wrap = <Args extends unknown[], Result>(fn: (...args: Args) => Result) =>
    agensight.span('work', fn) as (...args: Args) => Result;
  const rejecting = wrap(async () => fail());
  const unreadable = wrap(
    () => new ReadableStream({ pull: (controller) => controller.enqueue(1), cancel: fail }),
  );
  return {
    'an async function': rejecting,
    'an async function, caught later': () => void rejecting().catch(ignore),
    'an async function, forgotten': () => void rejecting(),
    'a generator': () =>
      drain(
        wrap(async function* () {
          yield 1;
          fail();
        })(),
      ),
    // biome-ignore lint/suspicious/noThenProperty: a promise of another make
    'a thenable': () => void wrap(() => ({ then: (_: unknown, no: Json) => no?.('no') }))(),
    'a stream': () => drain(wrap(() => new ReadableStream({ pull: fail }))()),
    'a stream that fails to be left': () => leave(unreadable()),
    'two of Promise.all': () => Promise.all([rejecting(), rejecting()]),
    'a callback that throws': wrap(() => fail()),
  };
};

const settings = (baseURL: string) => ({ apiKey: 'k', baseURL, maxRetries: 0 });

export const programs: Program[] = [
  {
    name: 'ways to fail, openai',
    packages: ['openai'],
    sets: EVERY_SET,
    async run(host) {
      const { OpenAI } = await host.load('openai');
      const { url } = await host.provider(route);
      return count(openaiWays(new OpenAI(settings(url)), host), host);
    },
  },
  {
    name: 'ways to fail, openai, a client that is instrumented and asks for usage',
    packages: ['openai'],
    sets: EVERY_SET,
    init: { autoInstrument: false },
    async run(host) {
      const { OpenAI } = await host.load('openai');
      const { url } = await host.provider(route);
      const client = new OpenAI(settings(url));
      host.agensight.instrument(client, { askUsage: true });
      return count(openaiWays(client, host), host);
    },
  },
  {
    name: 'ways to fail, Anthropic',
    packages: ['@anthropic-ai/sdk'],
    async run(host) {
      const { Anthropic } = await host.load('@anthropic-ai/sdk');
      const { url } = await host.provider(route);
      return count(anthropicWays(new Anthropic(settings(url))), host);
    },
  },
  {
    name: 'ways to fail, Gemini',
    packages: ['@google/genai'],
    async run(host) {
      const { GoogleGenAI } = await host.load('@google/genai');
      const { url } = await host.provider(route);
      const httpOptions = { baseUrl: url, retryOptions: { attempts: 1 } };
      return count(googleWays(new GoogleGenAI({ apiKey: 'k', httpOptions })), host);
    },
  },
  {
    name: 'ways to fail, functions',
    run: (host) => count(functionWays(host), host, false),
  },
  {
    name: 'a rejection that nobody handles ends the process',
    packages: ['openai'],
    sets: EVERY_SET,
    async run({ load, provider, quiet }) {
      const { OpenAI } = await load('openai');
      const { url } = await provider(route);
      process.on('unhandledRejection', (error: Json) => process.stdout.write(`${error.status}\n`));
      void new OpenAI(settings(url)).chat.completions.create(CHAT);
      await quiet();
    },
  },
];
