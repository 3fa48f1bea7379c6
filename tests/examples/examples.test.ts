/** Runs every example against mock providers, and compares its records with what it claims. */
import { execFile } from 'node:child_process';
import { mkdtempSync, readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { build } from 'esbuild';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { EXPECTED, type Recorded } from './expected.ts';
import { startProviders } from './providers.ts';

const run = promisify(execFile);
const EXAMPLES = fileURLToPath(new URL('../../examples/', import.meta.url));
const RUNNER = fileURLToPath(new URL('./run-examples.ts', import.meta.url));

/** The examples of each process. Each process takes about a second to load its packages. */
const BATCHES = [
  ['openai', 'long-agent', 'nextjs-route', 'lambda-handler', 'vercel-ai'],
  [
    'anthropic',
    'google-genai',
    'bedrock',
    'http-sessions',
    'local-sql',
    'masking',
    'queue-worker',
    'mcp',
  ],
  ['langchain'],
];

let folder: string;
let close: () => Promise<void>;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'agensight-examples-'));
  const providers = await startProviders();
  close = providers.close;
  const env = { PATH: process.env.PATH ?? '', AGENSIGHT_MODE: 'local', ...providers.env };
  const options = { env, cwd: folder };
  const nest = async (): Promise<void> => {
    const file = await compileNest();
    const AGENSIGHT_LOCAL_FILE = join(folder, 'nestjs.db');
    await run(process.execPath, [file], { cwd: folder, env: { ...env, AGENSIGHT_LOCAL_FILE } });
  };
  const batches = BATCHES.map((names) =>
    run(process.execPath, [RUNNER, folder, ...names], options),
  );
  await Promise.all([...batches, nest()]);
}, 180_000);
afterAll(() => close());

/** Compiles with `experimentalDecorators`, as Nest's own build does. */
async function compileNest(): Promise<string> {
  const outfile = join(EXAMPLES, `../node_modules/.cache/agensight/nestjs-${process.pid}.mjs`);
  await build({
    entryPoints: [join(EXAMPLES, 'nestjs/app.ts')],
    outfile,
    bundle: true,
    packages: 'external',
    platform: 'node',
    format: 'esm',
    target: 'es2022',
    tsconfig: join(EXAMPLES, 'nestjs/tsconfig.json'),
  });
  return outfile;
}

type Row = Record<string, unknown>;

/** The records of an example, in short. */
function recorded(example: string): Recorded {
  const database = new DatabaseSync(join(folder, `${example}.db`), { readOnly: true });
  const rows = (sql: string): Row[] => database.prepare(sql).all();
  try {
    return {
      traces: rows('SELECT name, session_id, user_id FROM traces ORDER BY started_at, id').map(
        ({ name, session_id, user_id }) => [name, session_id, user_id].filter(Boolean).join(' | '),
      ),
      spans: rows(
        `SELECT s.name, s.kind, s.status, p.name AS parent FROM spans s
         LEFT JOIN spans p ON p.trace_id = s.trace_id AND p.id = s.parent_id
         ORDER BY s.started_at, s.id`,
      ).map(({ name, kind, status, parent }) => `${parent ?? ''} > ${name} (${kind}, ${status})`),
      prompts: rows(
        `SELECT role, content FROM prompts JOIN spans ON spans.id = span_id
         ORDER BY started_at, span_id, message_index`,
      ).map(({ role, content }) => `${role}: ${content ?? '–'}`),
      completions: rows(
        `SELECT model, prompt_tokens, completion_tokens, content FROM completions
         JOIN spans ON spans.id = span_id ORDER BY started_at, span_id`,
      ).map(
        (row) => `${row.model} ${row.prompt_tokens}+${row.completion_tokens} ${row.content ?? '–'}`,
      ),
      tools: rows('SELECT DISTINCT name, arguments FROM tools WHERE arguments IS NOT NULL').map(
        ({ name, arguments: given }) => `${name} ${given}`,
      ),
    };
  } finally {
    database.close();
  }
}

describe('the records of an example', () => {
  it.each(Object.entries(EXPECTED))('%s', (name, expected) => {
    const { traces, spans, prompts, completions, tools } = recorded(name);
    const got = { traces, spans, prompts, completions, tools };
    // Two requests run concurrently, and either may begin first.
    for (const list of Object.values(got)) list.sort();
    for (const list of Object.values(expected)) list.sort();
    expect(got).toEqual(expected);
  });

  it('are checked for every file in examples/', () => {
    const files = readdirSync(EXAMPLES).map((name) => name.replace(/\.ts$/, ''));
    // tests/line tests the demo of the local stack.
    expect([...Object.keys(EXPECTED), 'multi-agent-chat'].sort()).toEqual(files.sort());
  });
});

it('type-checks the example for NestJS under its own settings', async () => {
  const tsc = fileURLToPath(new URL('../../node_modules/typescript/bin/tsc', import.meta.url));
  const { stdout } = await run(process.execPath, [tsc, '-p', join(EXAMPLES, 'nestjs')]).catch(
    (error: { stdout: string }) => error,
  );
  expect(stdout).toBe('');
});
