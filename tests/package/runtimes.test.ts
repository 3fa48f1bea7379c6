/** The packed package, installed by npm into an empty project, on every runtime that it promises. */
import { execFile } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { promisify } from 'node:util';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { Edge } from '../sdk/support/edge.ts';
import { ProviderServer } from '../sdk/support/provider-server.ts';
import { factsOf } from './rows.ts';
import { argumentsOf, installRuntimes, MODULES, RUNTIMES } from './runtimes.ts';

const run = promisify(execFile);
const root = join(import.meta.dirname, '../..');
let project: string;
let edge: Edge;
let provider: ProviderServer;

beforeAll(async () => {
  if (!existsSync(join(root, 'dist/agensight.js'))) throw new Error('first: npm run build');
  project = mkdtempSync(join(tmpdir(), 'agensight-runtimes-'));
  const pack = ['pack', '--json', '--ignore-scripts', '--pack-destination', project];
  const [packed] = await Promise.all([run('npm', pack, { cwd: root }), installRuntimes()]);
  const [{ filename }] = JSON.parse(packed.stdout) as [{ filename: string }];
  writeFileSync(join(project, 'package.json'), '{ "private": true }');
  const install = ['install', `./${filename}`, '--prefer-offline', '--no-audit', '--no-fund'];
  await run('npm', install, { cwd: project });
  mkdirSync(join(project, 'app/node_modules'), { recursive: true });
  symlinkSync(join(MODULES, 'openai'), join(project, 'app/node_modules/openai'));
  for (const file of ['conversation.mjs', 'process.mjs', 'tenants.mjs']) {
    cpSync(join(import.meta.dirname, 'consumers', file), join(project, 'app', file));
  }
  provider = await new ProviderServer().open();
});

afterAll(async () => {
  await provider?.close();
  rmSync(project, { recursive: true, force: true });
});

beforeEach(async () => {
  edge = await new Edge().open();
  return () => edge.close();
});

interface Ended {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a program that may fail. */
async function program(runtime: string, file: string, text: string): Promise<Ended> {
  writeFileSync(join(project, file), text);
  return ended(runtime, [...argumentsOf(runtime), file]);
}

async function ended(runtime: string, args: string[], env = process.env): Promise<Ended> {
  try {
    return { code: 0, ...(await run(runtime, args, { cwd: project, env })) };
  } catch (error) {
    return error as Ended;
  }
}

const ANSWER = '["It is 27 °C.","It is 27 °C.",[2,4,6]]';

/** Runs a program of the folder `app`, which writes a text and nothing else. */
async function talk(runtime: string, file: string, stdout: string): Promise<void> {
  edge.requests.length = 0;
  const env = { PATH: process.env.PATH, PROVIDER: provider.url };
  const own = { AGENSIGHT_TOKEN: 't', AGENSIGHT_ENDPOINT: edge.url };
  const args = [...argumentsOf(runtime), `app/${file}`];
  const all = { ...env, ...own };
  expect(await ended(runtime, args, all)).toEqual({ code: 0, stdout: `${stdout}\n`, stderr: '' });
}

/** The facts of a conversation with a model, as a runtime records them. */
async function conversationOn(runtime: string): Promise<ReturnType<typeof factsOf>> {
  await talk(runtime, 'process.mjs', ANSWER);
  return factsOf(edge.records());
}

const options = (more: object = {}): string =>
  JSON.stringify({ mode: 'prod', token: 't', endpoint: edge.url, session: 's', ...more });

const ESM = "import { init, span, trace, status } from 'agensight';";
const CJS = "const { init, span, trace, status } = require('agensight');";
const BODY = `
  const step = span('step', async (n) => n + 1);
  const stream = span('stream', async function* () { yield 1; yield 2; });
  trace('root', async () => {
    for await (const n of stream()) await step(n);
    return 'done';
  })().then(console.log);
`;

it('installs the OpenTelemetry API beside it and nothing else', () => {
  const modules = join(project, 'node_modules');
  expect(readdirSync(modules).filter((name) => !name.startsWith('.'))).toEqual([
    '@opentelemetry',
    'agensight',
  ]);
  expect(readdirSync(join(modules, '@opentelemetry'))).toEqual(['api']);
});

const known = Object.entries(RUNTIMES).filter(([, file]) => file !== undefined);
const unknown = Object.entries(RUNTIMES).filter(([, file]) => file === undefined);

// A skip says so, and fails the run in CI.
it.skipIf(unknown.length > 0)('is tried on every runtime that it promises', () => {
  expect(unknown).toEqual([]);
});

describe.each(known as [string, string][])('on %s', (_, runtime) => {
  it.each([
    ['ESM', 'use.mjs', ESM],
    ['CommonJS', 'use.cjs', CJS],
  ])(
    '%s: records, keeps context over awaits and streams, and delivers at the end',
    async (_, file, load) => {
      const ended = await program(runtime, file, `${load} init(${options()}); ${BODY}`);
      expect(ended).toMatchObject({ code: 0, stdout: 'done\n', stderr: '' });
      const { spans, sessions } = edge.records();
      const top = spans.find(({ name }) => name === 'root');
      expect(spans.map(({ name }) => name).sort()).toEqual(['root', 'step', 'step', 'stream']);
      for (const { name, parent_id } of spans) {
        if (name !== 'root') expect(parent_id).toBe(top?.id);
      }
      expect(sessions.map(({ id }) => id)).toEqual(['s']);
    },
  );

  it('records a conversation with a model: a tool, a stream and parallel steps', async () => {
    const facts = await conversationOn(runtime);
    expect(facts.spans).toHaveLength(13);
    expect(facts.completions).toHaveLength(3);
    expect(facts).toEqual(await conversationOn(RUNTIMES['Node 24']));
  });

  it('records two conversations at once into the projects of two instances', async () => {
    const expected = await conversationOn(RUNTIMES['Node 24']);
    await talk(runtime, 'tenants.mjs', `[${ANSWER},${ANSWER}]`);
    for (const token of ['first', 'second']) {
      const records = edge.records(token);
      expect(factsOf(records)).toEqual(expected);
      expect(records.traces).toMatchObject([{ service_name: token }]);
    }
    expect(edge.records('t').spans).toEqual([]);
  });

  it('keeps records on disk when the process exits at once, and sends them at the next start', async () => {
    const spool = options({ spool: join(project, `spool-${edge.url.slice(-5)}`) });
    const burst = 'const f = span("f", (n) => n); for (let n = 0; n < 500; n++) f(n);';
    const first = await program(
      runtime,
      'crash.mjs',
      `${ESM} init(${spool}); ${burst} process.exit(3);`,
    );
    expect(first).toMatchObject({ code: 3, stdout: '' });
    const before = edge.records().spans.length;
    const second = await program(runtime, 'next.mjs', `${ESM} init(${spool});`);
    expect(second).toMatchObject({ code: 0, stderr: '' });
    expect(before).toBe(0);
    expect(edge.records().spans).toHaveLength(500);
  });

  it('writes a SQLite file in local mode, also when the process exits at once', async () => {
    const localFile = join(project, `local-${edge.url.slice(-5)}.db`);
    const text = `${ESM} init({ mode: 'local', localFile: ${JSON.stringify(localFile)} });
      const f = span('f', (n) => n); for (let n = 0; n < 500; n++) f(n); process.exit(0);`;
    expect(await program(runtime, 'local.mjs', text)).toMatchObject({ code: 0 });
    const database = new DatabaseSync(localFile, { readOnly: true });
    expect(database.prepare('select count(*) as n from spans').get()).toEqual({ n: 500 });
    database.close();
  });
});

describe.skipIf(!RUNTIMES.Deno)('on Deno with permissions', () => {
  const deno = (permissions: string[], text: string, ...args: string[]): Promise<Ended> => {
    writeFileSync(join(project, 'deno.mjs'), text);
    const run = ['run', '--no-prompt', ...permissions, 'deno.mjs', ...args];
    return ended(RUNTIMES.Deno as string, run);
  };

  it('needs the network alone when the options are arguments', async () => {
    const text = `import { flush, init, span } from 'agensight';
      init({ mode: 'prod', token: 't', endpoint: Deno.args[0], name: 'with Deno' });
      span('f', (n) => n)(1);
      console.log((await flush()).sent);`;
    const run = await deno(['--allow-net=127.0.0.1'], text, edge.url);
    expect(run).toEqual({ code: 0, stdout: '2\n', stderr: '' });
    expect(edge.records().traces).toMatchObject([{ service_name: 'with Deno' }]);
  });

  it('reports missing permissions as warnings', async () => {
    const text = `import { flush, init, span } from 'agensight';
      const onWarning = ({ code }) => console.log(code);
      init({ mode: 'prod', token: 't', endpoint: Deno.args[0], spool: true, onWarning });
      span('f', (n) => n)(1);
      console.log((await flush({ timeoutMillis: 100 })).pending);`;
    const run = await deno([], text, edge.url);
    const stderr = expect.stringMatching(
      /2 records were not delivered .+\. They are lost: the spool cannot be used: .+--allow-/,
    );
    expect(run).toEqual({ code: 0, stdout: 'spool\nretry\n2\n', stderr });
  });
});
