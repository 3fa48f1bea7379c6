/** The transport of each supported Node, and of the versions of undici that a program may add to it. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { installRuntimes, MODULES, RUNTIMES, UNDICI } from '../../package/runtimes.ts';
import { Programs } from '../support/programs.ts';
import { ProviderServer } from '../support/provider-server.ts';

let programs: Programs;
let server: ProviderServer;

beforeAll(async () => {
  await installRuntimes();
  programs = new Programs(['openai']);
  programs.link(UNDICI, MODULES);
  server = await new ProviderServer().open();
});
afterAll(async () => {
  programs?.close();
  await server?.close();
});

const PROGRAM = `
  import { flush, init, trace } from 'agensight';
  import OpenAI from 'openai';
  init();
  const url = process.env.PROVIDER + '/v1/chat/completions';
  const request = { model: 'gpt-asked', messages: [{ role: 'user', content: 'How warm is it?' }] };
  const options = {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(request),
  };
  const post = async (by, more) => (await by(url, { ...options, ...more })).text();
  const client = new OpenAI({ apiKey: 'k', baseURL: process.env.PROVIDER + '/v1' });
  const stream = { ...request, stream: true, stream_options: { include_usage: true } };
  const calls = {
    'Node, fetch': () => post(fetch),
    'a client': () => client.chat.completions.create(request),
    'a client, a stream': async () => {
      for await (const _ of await client.chat.completions.create(stream));
    },
  };
  for (const name of ${JSON.stringify(UNDICI)}) {
    const { Agent, fetch: its, request: ask } = await import(name);
    calls[name + ', fetch'] = () => post(its);
    calls[name + ', request'] = async () => (await ask(url, options)).body.text();
    calls[name + ', a busy agent'] = () => post(its, { dispatcher: one });
    const one = new Agent({ connections: 1, pipelining: 1 });
    calls[name + ', the same busy agent'] = () => post(its, { dispatcher: one });
  }
  await Promise.all(Object.entries(calls).map(([name, call]) => trace({ name }, call)()));
  console.log(JSON.stringify(Object.keys(calls)));
  await flush();
  process.exit();
`;

describe.each(Object.entries(RUNTIMES).filter(([name]) => name.startsWith('Node')))(
  '%s',
  (_, runtime) => {
    it('records each call once, below the trace that made it', async () => {
      const file = programs.write('versions.mjs', PROGRAM);
      const { records, output, warnings } = await programs.run(
        file,
        { PROVIDER: server.url },
        runtime,
      );
      expect(warnings).toBe('');
      const names = JSON.parse(output) as string[];
      const said = records.spans
        .filter(({ kind }) => kind === 'llm')
        .map(({ id, trace_id, status }) => [
          records.traces.find((trace) => trace.id === trace_id)?.name,
          status,
          records.prompts.find((row) => row.span_id === id)?.content,
          records.completions.find((row) => row.span_id === id)?.content,
          records.completions.find((row) => row.span_id === id)?.total_tokens,
        ]);
      expect(said.sort()).toEqual(
        names.map((name) => [name, 'ok', 'How warm is it?', 'It is 27 °C.', 18]).sort(),
      );
    });
  },
);
