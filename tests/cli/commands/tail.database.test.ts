import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { TraceTree } from '../../../cli/traces/trace-rows.ts';
import { TestStack } from '../../support/stack.ts';
import { nowhere } from '../support/broken-servers.ts';
import { emptyFolder, runCli, startCli } from '../support/run-cli.ts';
import { runAgent } from '../support/two-projects.ts';

let stack: TestStack;
let file: string;

beforeAll(async () => {
  stack = await TestStack.start(null);
  file = join(emptyFolder(), 'agensight.db');
  await Promise.all([
    runAgent({ AGENSIGHT_LOCAL_FILE: file, TIMES: '3' }),
    runAgent({ ...stack.stack.env, TIMES: '3' }),
  ]);
});
afterAll(() => stack.close());

const environment = (): Record<string, string> => ({ ...stack.stack.env });

const TREE = `✔ answer  [\\d:]{8}  [\\d.]+ ms  5 spans  1 error  240 tokens  travel-desk  session s-1  [0-9a-f]{32}
   answer  [\\d.]+ ms
   ├─ llm  llm  [\\d.]+ ms  gpt-4o-mini-2024-07-18  120 tokens
   ├─ get_weather  tool  [\\d.]+ ms
   ├─ llm  llm  [\\d.]+ ms  gpt-4o-mini-2024-07-18  120 tokens
   └─ fail  [\\d.]+ ms  RangeError: out of range with "quotes"
`;

/** Waits until the output of a running tail contains a text. */
async function until(child: ChildProcess, text: string, seen: { text: string }): Promise<void> {
  for (let i = 0; i < 300 && !seen.text.includes(text); i++) await sleep(100);
  expect(seen.text).toContain(text);
  expect(child.exitCode).toBe(null);
}

describe.each(['local', 'cloud'])('tail --from %s', (place) => {
  const args = (...more: string[]) => ['tail', '--from', place, '--file', file, ...more];

  it('shows the newest traces as trees', async () => {
    const run = await runCli(args('--once', '-n', '2'), { env: environment() });
    expect(run.stdout).toMatch(new RegExp(`^(${TREE}){2}$`));
    expect(run.code).toBe(0);
  });

  it('prints the same as JSON', async () => {
    const run = await runCli(args('--once', '-n', '1', '--json', '--spans', '2'), {
      env: environment(),
    });
    const tree = JSON.parse(run.stdout) as TraceTree;
    expect(tree.trace).toMatchObject({ name: 'answer', span_count: 5, error_count: 1 });
    expect(tree.spans.map(({ name }) => name)).toEqual(['answer', 'llm']);
    const alone = await runCli(args('--once', '--trace', tree.trace.id, '--json'), {
      env: environment(),
    });
    expect((JSON.parse(alone.stdout) as TraceTree).spans).toHaveLength(5);
  });

  it('shows new traces until Ctrl-C, which ends it with 0', async () => {
    const child = startCli(args('-n', '0', '--interval', '0.2'), { env: environment() });
    const seen = { text: '' };
    child.stdout?.setEncoding('utf8').on('data', (text: string) => {
      seen.text += text;
    });
    let remarks = '';
    child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      remarks += text;
    });
    while (!remarks.includes('reading')) await sleep(50);
    await sleep(500);
    expect(seen.text).toBe('');
    const to = place === 'local' ? { AGENSIGHT_LOCAL_FILE: file } : environment();
    await runAgent(to);
    await until(child, 'RangeError', seen);
    expect(seen.text).toMatch(new RegExp(`^${TREE}$`));
    child.kill('SIGINT');
    expect(await once(child, 'close')).toEqual([0, null]);
  });
});

it('uses colours with FORCE_COLOR, and never with NO_COLOR', async () => {
  const args = ['tail', '--once', '-n', '1', '--file', file];
  const [plain, forced, refused] = await Promise.all([
    runCli(args),
    runCli(args, { env: { FORCE_COLOR: '1' } }),
    runCli(args, { env: { FORCE_COLOR: '1', NO_COLOR: '1' } }),
  ]);
  expect(plain.stdout).not.toContain('\u001b');
  expect(forced.stdout).toContain('\u001b[31m');
  expect(refused.stdout).toBe(plain.stdout);
});

it.each<[string, string[], string]>([
  ['trace', ['--trace', 'nope\u001b]0;x'], 'the trace nope␛]0;x does not exist'],
  ['project', ['--project', 'nope'], 'project nope (--project) does not exist'],
])('ends with 1 for an unknown %s', async (_, args, message) => {
  const run = await runCli(['tail', '--once', ...args], { env: environment() });
  expect(run).toMatchObject({ code: 1, stdout: '' });
  expect(run.stderr).toContain(message);
});

describe('status', () => {
  it('counts the local file and the cloud', async () => {
    const traces = await stack.rows('traces');
    const run = await runCli(['status', '--json', '--file', file], { env: environment() });
    const { local, cloud, spool } = JSON.parse(run.stdout);
    expect(cloud).toMatchObject({ counts: { traces: traces.length, spans: traces.length * 5 } });
    expect(cloud.last_batch_at).toMatch(/^\d{4}-.*Z$/);
    expect(local.counts.spans).toBe(local.counts.traces * 5);
    expect(local.last_trace_at).toMatch(/^\d{4}-.*Z$/);
    expect(spool).toBe(null);
    const words = await runCli(['status', '--file', file], { env: environment() });
    expect(words.stdout).toMatch(/traces +\d+ +\d+\n/);
  });

  it('counts the records in the spool', async () => {
    const cwd = emptyFolder();
    const spool = join(cwd, 'spool');
    await runAgent({
      AGENSIGHT_ENDPOINT: await nowhere(),
      AGENSIGHT_TOKEN: stack.token,
      AGENSIGHT_SPOOL: spool,
      AGENSIGHT_EXIT_TIMEOUT_MILLIS: '100',
      FLUSH_MILLIS: '100',
    });
    const run = await runCli(['status', '--json', '--spool', spool], { cwd });
    expect(JSON.parse(run.stdout)).toMatchObject({
      local: null,
      cloud: null,
      spool: { folder: spool, records: 17, files: 1 },
    });
  });

  it('reports places that do not exist', async () => {
    const run = await runCli(['status']);
    expect(run).toMatchObject({ code: 0, stderr: '' });
    expect(run.stdout).toMatch(/local +no file\nspool +no folder\ncloud +not configured/);
  });
});

it('shows a trace in the cloud without its root as running, and export leaves the name of its span out', async () => {
  const trace_id = 'a'.repeat(32);
  const started_at = '2026-01-02T03:04:05Z';
  const span = { trace_id, id: '1', parent_id: 'lost', name: 'first step', started_at };
  const body = JSON.stringify({ batch_id: crypto.randomUUID(), spans: [span] });
  expect(await stack.post('/v1/batch', body)).toMatchObject({ status: 200 });
  const args = ['--from', 'cloud', '--trace', trace_id];
  const shown = await runCli(['tail', '--once', ...args], { env: environment() });
  expect(shown.stdout).toMatch(/^… first step {2}.*running/);
  const exported = await runCli(['export', ...args], { env: environment() });
  const lines = exported.stdout.split('\n').filter(Boolean);
  const traces = lines.map((line) => JSON.parse(line)).filter(({ kind }) => kind === 'trace');
  expect(traces).toMatchObject([{ record: { id: trace_id } }]);
  expect(traces[0].record.name ?? null).toBe(null);
});
