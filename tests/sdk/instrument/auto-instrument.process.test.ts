/** The built package in separate programs, with the published provider packages. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Programs, type Run } from '../support/programs.ts';
import { ProviderServer } from '../support/provider-server.ts';

const PACKAGES = ['openai', '@anthropic-ai/sdk', '@google/genai'];

let programs: Programs;
let server: ProviderServer;

beforeAll(async () => {
  programs = new Programs(PACKAGES);
  server = await new ProviderServer().open();
});
afterAll(async () => {
  programs?.close();
  await server?.close();
});

const run = (name: string, text: string, environment = {}): Promise<Run> =>
  programs.run(programs.write(name, text), { PROVIDER: server.url, ...environment });

/** Creates the clients from the imported classes, and calls each of them in the same turn as `init`. */
const CALLS = `
  const messages = [{ role: 'user', content: 'How warm is it?' }];
  const calls = {
    openai: () => new OpenAI({ apiKey: 'k', baseURL: process.env.PROVIDER + '/v1' })
      .chat.completions.create({ model: 'gpt-asked', messages }),
    anthropic: () => new Anthropic({ apiKey: 'k', baseURL: process.env.PROVIDER })
      .messages.create({ model: 'claude-asked', max_tokens: 9, messages }),
    google: () => new GoogleGenAI({ apiKey: 'k', httpOptions: { baseUrl: process.env.PROVIDER } })
      .models.generateContent({ model: 'gemini-asked', contents: 'How warm is it?' }),
  };
  const main = async () => { await Promise.all(Object.values(calls).map((call) => call())); };
`;

const NAMES = ['chat claude-asked', 'chat gpt-asked', 'generate_content gemini-asked'];

const namesOf = ({ records }: Run): unknown[] => records.spans.map(({ name }) => name).sort();

const IMPORTS = `
  import OpenAI from 'openai';
  import Anthropic from '@anthropic-ai/sdk';
  import { GoogleGenAI } from '@google/genai';
`;
const DYNAMIC = `
  const { default: OpenAI } = await import('openai');
  const { default: Anthropic } = await import('@anthropic-ai/sdk');
  const { GoogleGenAI } = await import('@google/genai');
`;
const REQUIRES = `
  const OpenAI = require('openai');
  const { Anthropic } = require('@anthropic-ai/sdk');
  const { GoogleGenAI } = require('@google/genai');
`;
const OURS = {
  mjs: "import { init, shutdown } from 'agensight';",
  cjs: "const { init, shutdown } = require('agensight');",
};

describe('init() records the provider packages', () => {
  it.each([
    ['imported before it', 'a.mjs', `${IMPORTS} ${OURS.mjs} init(); ${CALLS} await main();`],
    ['imported after it', 'b.mjs', `${OURS.mjs} init(); ${DYNAMIC} ${CALLS} await main();`],
    [
      'imported between its import and its call',
      'c.mjs',
      `${OURS.mjs} ${DYNAMIC} init(); ${CALLS} await main();`,
    ],
    ['required before it', 'd.cjs', `${REQUIRES} ${OURS.cjs} init(); ${CALLS} main();`],
    ['required after it', 'e.cjs', `${OURS.cjs} init(); ${REQUIRES} ${CALLS} main();`],
  ])('%s', async (_, name, text) => {
    const { records, warnings, ...rest } = await run(name, text);
    expect(warnings).toBe('');
    expect(namesOf({ records, warnings, ...rest })).toEqual(NAMES);
    expect(records.completions).toHaveLength(3);
    expect(records.completions.every(({ content }) => content === 'It is 27 °C.')).toBe(true);
  });

  it('in a module that is imported first, and before the packages are evaluated', async () => {
    programs.write('setup.mjs', `${OURS.mjs} init();`);
    const result = await run('f.mjs', `import './setup.mjs'; ${IMPORTS} ${CALLS} await main();`);
    expect(namesOf(result)).toEqual(NAMES);
  });

  it('in clients that exist already', async () => {
    const text = `${IMPORTS} ${OURS.mjs} ${CALLS}
      const client = new OpenAI({ apiKey: 'k', baseURL: process.env.PROVIDER + '/v1' });
      const { create } = client.chat.completions;
      init();
      await client.chat.completions.create({ model: 'gpt-asked', messages });`;
    expect(namesOf(await run('g.mjs', text))).toEqual(['chat gpt-asked']);
  });

  it('in both copies, of a program that requires and imports', async () => {
    const text = `import { createRequire } from 'node:module'; import A from 'openai'; ${OURS.mjs}
      const require = createRequire(import.meta.url);
      const B = require('openai');
      if (A === B) throw new Error('one copy');
      init();
      for (const OpenAI of [A, B]) {
        await new OpenAI({ apiKey: 'k', baseURL: process.env.PROVIDER + '/v1' })
          .chat.completions.create({ model: 'gpt-asked', messages: [{ role: 'user', content: 'a' }] });
      }`;
    expect(namesOf(await run('h.mjs', text))).toEqual(['chat gpt-asked', 'chat gpt-asked']);
  });

  it('once, when the client is also instrumented explicitly', async () => {
    const text = `import OpenAI from 'openai'; import { init, instrument } from 'agensight';
      const client = instrument(new OpenAI({ apiKey: 'k', baseURL: process.env.PROVIDER + '/v1' }));
      init();
      const other = new OpenAI({ apiKey: 'k', baseURL: process.env.PROVIDER + '/v1' });
      instrument(other, { askUsage: true });
      const request = { model: 'gpt-asked', stream: true, messages: [{ role: 'user', content: 'a' }] };
      for (const one of [client, other]) {
        let chunks = 0;
        for await (const chunk of await one.chat.completions.create(request)) chunks += 1;
        console.log(chunks);
      }`;
    const { records, output } = await run('i.mjs', text);
    expect(records.completions.map(({ total_tokens }) => total_tokens)).toEqual([undefined, 18]);
    expect(output).toBe('4\n4\n');
  });
});

describe('unused packages', () => {
  const LOADED = `
    const loaded = Object.keys(require.cache).filter((file) => /openai|anthropic|genai/.test(file));
    console.log(loaded.length);`;

  it('are not loaded when they are installed and the program does not use them', async () => {
    const text = `${OURS.cjs} init(); ${LOADED}
      const { Session } = require('node:inspector');
      const session = new Session();
      let scripts = 0;
      session.on('Debugger.scriptParsed', ({ params }) => {
        if (/node_modules.(openai|@anthropic-ai|@google)/.test(params.url)) scripts += 1;
      });
      session.connect();
      session.post('Debugger.enable');
      console.log(scripts);
      session.disconnect();`;
    const { output, warnings } = await run('j.cjs', text);
    expect({ output, warnings }).toEqual({ output: '0\n0\n', warnings: '' });
  });

  it.each([
    ['an option', "init({ autoInstrument: ['openai'] });", {}],
    ['the environment', 'init();', { AGENSIGHT_AUTO_INSTRUMENT: 'openai' }],
  ])('is left alone by %s', async (_, init, environment) => {
    const text = `${IMPORTS} ${OURS.mjs} ${init} ${CALLS} await main();`;
    expect(namesOf(await run('k.mjs', text, environment))).toEqual(['chat gpt-asked']);
  });

  it.each([
    ['an option', 'init({ autoInstrument: false });', {}],
    ['the environment', 'init();', { AGENSIGHT_AUTO_INSTRUMENT: 'false' }],
  ])('may be all of it, by %s', async (_, init, environment) => {
    const text = `${IMPORTS} ${OURS.mjs} ${init} ${CALLS} await main();`;
    expect(namesOf(await run('l.mjs', text, environment))).toEqual([]);
  });
});

it('patches nothing, and records nothing after shutdown()', async () => {
  const text = `${IMPORTS} ${OURS.mjs} ${CALLS}
    import Module from 'node:module';
    const methods = () => [
      OpenAI.Chat.Completions.prototype.create, OpenAI.Responses.prototype.create,
      OpenAI.Embeddings.prototype.create, OpenAI.prototype.fetchWithTimeout,
      Anthropic.Messages.prototype.create, Anthropic.Beta.Messages.prototype.create,
    ];
    const before = methods();
    init();
    const changed = methods().filter((method, index) => method !== before[index]).length;
    await shutdown();
    const left = methods().filter((method, index) => method !== before[index]).length;
    console.log(changed, left);
    await main();
    init();
    await calls.openai();
    await shutdown();`;
  const result = await run('m.mjs', text);
  expect(result.output).toBe('0 0\n');
  expect(namesOf(result)).toEqual(['chat gpt-asked']);
});

describe('a bundle', () => {
  const source = (body: string) =>
    `import OpenAI from 'openai'; import { init, instrument } from 'agensight'; ${body}`;
  const client = "new OpenAI({ apiKey: 'k', baseURL: process.env.PROVIDER + '/v1' })";
  const ask = `chat.completions.create({ model: 'gpt-asked', messages: [{ role: 'user', content: 'a' }] })`;
  const bundled = async (body: string, format: 'esm' | 'cjs'): Promise<Run> => {
    const file = programs.write('source.mjs', source(body));
    return programs.run(await programs.bundle(file, format), { PROVIDER: server.url });
  };

  it.each(['esm', 'cjs'] as const)('is recorded, without a warning: %s', async (format) => {
    const result = await bundled(`init(); init(); ${client}.${ask}.then(() => {});`, format);
    expect(namesOf(result)).toEqual(['chat gpt-asked']);
    expect(result.warnings).toBe('');
  });

  it.each(['esm', 'cjs'] as const)(
    'is recorded once when the client is instrumented, too: %s',
    async (format) => {
      const result = await bundled(`init(); instrument(${client}).${ask}.then(() => {});`, format);
      expect(namesOf(result)).toEqual(['chat gpt-asked']);
      expect(result.warnings).toBe('');
    },
  );
});
