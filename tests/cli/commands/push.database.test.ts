import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { TestStack } from '../../support/stack.ts';
import { closeServers, nowhere, proxyOf, serve } from '../support/broken-servers.ts';
import { emptyFolder, runCli } from '../support/run-cli.ts';
import {
  createProject,
  normalise,
  runAgent,
  startOnPostgres,
  type TestProject,
  tablesOf,
} from '../support/two-projects.ts';

let stack: TestStack;
/** One run of the agent in mode local. */
let small: string;
/** Many runs, which take several batches. */
let large: string;

beforeAll(async () => {
  stack = await startOnPostgres();
  const folder = emptyFolder();
  small = join(folder, 'small.db');
  large = join(folder, 'large.db');
  await Promise.all([
    runAgent({ AGENSIGHT_MODE: 'local', AGENSIGHT_LOCAL_FILE: small }),
    runAgent({ AGENSIGHT_LOCAL_FILE: large, TIMES: '120', FILLER: '5000' }),
  ]);
});
afterAll(() => stack.close());
afterEach(closeServers);

interface Sent {
  batches: number;
  records: number;
  batches_before: number;
  rejected_count: number;
}

async function push(project: TestProject, args: string[], endpoint = stack.endpoint) {
  const run = await runCli(['push', '--json', ...args], {
    env: { AGENSIGHT_ENDPOINT: endpoint, AGENSIGHT_TOKEN: project.token },
  });
  const sent = (run.code === 0 || run.stdout !== '' ? JSON.parse(run.stdout) : {}) as Sent;
  return { ...run, ...sent };
}

/** A copy without a `.pushed` file of another test. */
function copyOf(file: string): string {
  const copy = join(emptyFolder(), 'agensight.db');
  const database = new DatabaseSync(file);
  database.exec(`VACUUM INTO '${copy}'`);
  database.close();
  return copy;
}

it('produces the same rows as sending directly', async () => {
  const [direct, pushed] = [
    await createProject(stack, 'direct'),
    await createProject(stack, 'pushed'),
  ];
  await runAgent({
    AGENSIGHT_MODE: 'dev',
    AGENSIGHT_ENDPOINT: stack.endpoint,
    AGENSIGHT_TOKEN: direct.token,
  });
  expect(await push(pushed, [copyOf(small)])).toMatchObject({ code: 0, rejected_count: 0 });
  const rows = normalise(await tablesOf(stack, pushed));
  expect(rows).toEqual(normalise(await tablesOf(stack, direct)));
  // Session, trace, 5 spans, 2 + 3 prompts, 2 completions, 1 tool merged with its call.
  expect(rows).toHaveLength(15);
  expect(rows).toContainEqual(
    expect.objectContaining({ table: 'tools', id: 'call_1', output: expect.any(Object) }),
  );
});

describe('a second push', () => {
  it('sends nothing, or with --again batches that the server recognises by their receipts', async () => {
    const project = await createProject(stack, 'twice');
    const file = copyOf(small);
    const first = await push(project, [file]);
    const before = await tablesOf(stack, project);
    const receipts = () =>
      stack.stack.surface.query('select batch_id from agensight.receipts where project_id = $1', [
        project.id,
      ]);
    expect(await receipts()).toHaveLength(first.batches);
    expect(await push(project, [file])).toMatchObject({
      batches: 0,
      batches_before: first.batches,
    });
    expect(await push(project, [file, '--again'])).toMatchObject({ batches: first.batches });
    expect(await receipts()).toHaveLength(first.batches);
    expect(await tablesOf(stack, project)).toEqual(before);
    expect(readFileSync(`${file}.pushed`, 'utf8')).not.toContain('agn_');
  });

  it('sends everything to another project', async () => {
    const file = copyOf(small);
    const first = await push(await createProject(stack, 'a'), [file]);
    expect(await push(await createProject(stack, 'b'), [file])).toMatchObject({
      batches: first.batches,
    });
  });

  it('continues where the first was stopped', async () => {
    const project = await createProject(stack, 'stopped');
    const file = copyOf(large);
    let posts = 0;
    const url = await serve(
      proxyOf(stack.endpoint, { intercept: () => (++posts > 3 ? 403 : undefined) }),
    );
    const failed = await push(project, [file], url);
    expect(failed).toMatchObject({ code: 1, stdout: '' });
    expect(failed.stderr).toContain('in 3 batches before');
    expect(failed.stderr).toContain('it continues there');
    posts = Number.NEGATIVE_INFINITY;
    const second = await push(project, [file], url);
    expect(second).toMatchObject({ code: 0, batches_before: 3 });
    expect(second.batches).toBeGreaterThan(0);
    expect((await tablesOf(stack, project)).traces).toHaveLength(120);
  });

  it('sends few batches besides the new ones', async () => {
    const project = await createProject(stack, 'grown');
    const file = copyOf(large);
    const first = await push(project, [file]);
    await runAgent({ AGENSIGHT_LOCAL_FILE: file });
    const second = await push(project, [file]);
    expect(second.batches).toBeLessThanOrEqual(3);
    expect(second.batches_before).toBeGreaterThanOrEqual(first.batches - 2);
    expect((await tablesOf(stack, project)).traces).toHaveLength(121);
  });
});

describe('an error', () => {
  it('is retried when it is transient', async () => {
    const project = await createProject(stack, 'patience');
    let posts = 0;
    const url = await serve(
      proxyOf(stack.endpoint, { intercept: () => (++posts === 1 ? 503 : undefined) }),
    );
    const run = await push(project, [copyOf(small)], url);
    expect(run).toMatchObject({ code: 0, rejected_count: 0 });
    expect(run.stderr).toContain('status 503); retrying in 0.5 s');
  });

  it('about a batch that is too large splits the batch', async () => {
    const project = await createProject(stack, 'halves');
    const url = await serve(
      proxyOf(stack.endpoint, { intercept: (bytes) => (bytes > 8_000 ? 413 : undefined) }),
    );
    const run = await push(project, [copyOf(large)], url);
    expect(run).toMatchObject({ code: 0, rejected_count: 0 });
    expect((await tablesOf(stack, project)).traces).toHaveLength(120);
  });

  it.each<[string, string[], Record<string, string>, string]>([
    ['no token', [], {}, 'no token is set'],
    ['a truncated token', [], { AGENSIGHT_TOKEN: 'agn_0123' }, 'is not a valid token'],
    [
      'an unknown token',
      [],
      { AGENSIGHT_TOKEN: `agn_${'0'.repeat(64)}` },
      'refused the batch (401',
    ],
    [
      'a missing file',
      ['nowhere.db'],
      { AGENSIGHT_TOKEN: `agn_${'0'.repeat(64)}` },
      'the file nowhere.db (FILE) does not exist',
    ],
  ])('about %s is reported with exit code 1', async (_, args, env, message) => {
    const run = await runCli(['push', ...(args.length > 0 ? args : [copyOf(small)])], {
      env: { AGENSIGHT_ENDPOINT: stack.endpoint, ...env },
    });
    expect(run).toMatchObject({ code: 1, stdout: '' });
    expect(run.stderr).toContain(message);
    expect(run.stderr).not.toContain('0'.repeat(20));
  });

  it('about a Node without SQLite is reported with exit code 1', async () => {
    const run = await runCli(['push', '--dry-run', small], {
      nodeFlags: ['--no-experimental-sqlite'],
    });
    expect(run).toMatchObject({ code: 1, stdout: '' });
    expect(run.stderr).toMatch(/Node [\d.]+ has no node:sqlite.*\n.*Use Node 22\.13 or newer/);
  });
});

describe('the selected records', () => {
  it.each<[string, string[], number]>([
    ['all', [], 16],
    ['recent traces', ['--since', '1h'], 16],
    ['old traces', ['--until', '2026-01-01'], 0],
    ['a session', ['--session', 's-1'], 16],
    ['an unknown session', ['--session', 's-2'], 0],
  ])('are counted by --dry-run: %s', async (_, args, records) => {
    const url = await nowhere();
    const run = await push({ id: '', token: '' }, ['--dry-run', ...args, small], url);
    expect(run).toMatchObject({ code: 0, records });
  });

  it('include spans whose trace was never written', async () => {
    const project = await createProject(stack, 'orphans');
    const file = copyOf(small);
    const database = new DatabaseSync(file);
    database.exec("DELETE FROM traces; UPDATE spans SET attributes = 'no JSON' WHERE name = 'llm'");
    database.close();
    expect(await push(project, [file, '--mode', 'prod'])).toMatchObject({ rejected_count: 0 });
    const { traces, spans } = await tablesOf(stack, project);
    expect(traces).toMatchObject([{ name: 'answer', span_count: 5 }]);
    expect(spans.every(({ mode }) => mode === 'prod')).toBe(true);
    expect(spans).toContainEqual(expect.objectContaining({ name: 'llm', attributes: 'no JSON' }));
  });

  it('can come from a file of lines, whose errors are reported', async () => {
    const project = await createProject(stack, 'lines');
    const file = join(emptyFolder(), 'lines.jsonl');
    const line = (record: object) => `${JSON.stringify({ kind: 'trace', record })}\n`;
    writeFileSync(file, line({ id: 'good' }) + line({ id: 'bad', started_at: 'noon' }));
    const run = await push(project, [file]);
    expect(run).toMatchObject({ code: 1, records: 1, rejected_count: 1 });
    expect(run.stdout).toContain('"field":"started_at"');
    expect((await push(project, [file])).rejected_count).toBe(1);
    writeFileSync(file, `${line({ id: 'good' })}{"kind":"trace"`);
    const truncated = await push(project, [file]);
    expect(truncated.stderr).toContain('line 2 is not valid JSON');
  });
});
