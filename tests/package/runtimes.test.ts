/** The packed package, installed by npm into an empty project, on every runtime that it promises. */
import { execFile } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { promisify } from 'node:util';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { Edge } from '../sdk/support/edge.ts';
import { installRuntimes, RUNTIMES } from './runtimes.ts';

const run = promisify(execFile);
const root = join(import.meta.dirname, '../..');
let project: string;
let edge: Edge;

beforeAll(async () => {
  if (!existsSync(join(root, 'dist/agensight.js'))) throw new Error('first: npm run build');
  project = mkdtempSync(join(tmpdir(), 'agensight-runtimes-'));
  const pack = ['pack', '--json', '--ignore-scripts', '--pack-destination', project];
  const [packed] = await Promise.all([run('npm', pack, { cwd: root }), installRuntimes()]);
  const [{ filename }] = JSON.parse(packed.stdout) as [{ filename: string }];
  writeFileSync(join(project, 'package.json'), '{ "private": true }');
  const install = ['install', `./${filename}`, '--prefer-offline', '--no-audit', '--no-fund'];
  await run('npm', install, { cwd: project });
});

afterAll(() => rmSync(project, { recursive: true, force: true }));

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
  try {
    return { code: 0, ...(await run(runtime, [file], { cwd: project })) };
  } catch (error) {
    return error as Ended;
  }
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
