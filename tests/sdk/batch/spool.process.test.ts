import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import {
  chmodSync,
  cpSync,
  mkdtempSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { flush, init, shutdown, span, status, trace, type Warning } from '../../../sdk/index.ts';
import { active } from '../../../sdk/runtime/runtime.ts';
import { Edge, reply } from '../support/edge.ts';

const NOWHERE = 'http://127.0.0.1:9';
const SDK = join(import.meta.dirname, '../../../sdk/index.ts');

let edge: Edge;
let folder: string;
let warnings: Warning[];
let before: ReturnType<typeof status>;

beforeEach(async () => {
  edge = await new Edge().open();
  folder = mkdtempSync(join(tmpdir(), 'agensight-spool-'));
  warnings = [];
  active.warned.clear();
  before = status();
});

afterEach(async () => {
  await shutdown({ timeoutMillis: 0 });
  active.report.counts.spooled = 0;
  await edge.close();
  rmSync(folder, { recursive: true, force: true });
});

function start(options: object = {}): void {
  init({
    mode: 'dev',
    token: 'token',
    endpoint: edge.url,
    spool: folder,
    onWarning: (warning) => warnings.push(warning),
    ...options,
  });
}

const work = span('work', (value: unknown) => value);
const inputs = (): unknown[] => edge.records().spans.map(({ input }) => input);

const turn = (): Promise<void> => new Promise(setImmediate);

/** Paths of the files of the spool. */
const files = (): string[] =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));

/** Records while the server is down, up to the exit of the process. */
async function leaveBehind(values: readonly unknown[], options: object = {}): Promise<void> {
  start({ endpoint: NOWHERE, ...options });
  for (const value of values) work(value);
  await shutdown({ timeoutMillis: 0 });
}

/** Simulates a crash now: copies the folder under a pid that does not exist. */
function dieNow(): string[] {
  const [file = ''] = files();
  const owner = dirname(file);
  const [, ...rest] = basename(owner).split('.');
  const dead = join(dirname(owner), ['999999999', ...rest].join('.'));
  cpSync(owner, dead, { recursive: true });
  return readdirSync(dead).map((name) => join(dead, name));
}

/** Removes the folder of this process, so that only that of the crashed one is left. */
function forgetClosed(): void {
  for (const file of files()) if (file.includes('closed.')) rmSync(file);
}

describe('a record', () => {
  it('is on disk at the end of its turn, readable by its owner only', async () => {
    start({ endpoint: NOWHERE });
    trace({ name: 'root', session: 'the session' }, () => work('the value'))();
    await turn();
    const [file = '', ...others] = files();
    expect(others).toEqual([]);
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(statSync(dirname(file)).mode & 0o777).toBe(0o700);
    dieNow();
    await shutdown({ timeoutMillis: 0 });
    forgetClosed();
    start();
    await flush();
    expect(inputs()).toContain('the value');
    expect(edge.records().sessions.map(({ id }) => id)).toEqual(['the session']);
  });

  it('is removed from disk when it is delivered', async () => {
    start();
    for (let i = 0; i < 20; i++) {
      work(i);
      await flush();
    }
    expect(files().length).toBeLessThan(3);
    await shutdown();
    expect(readdirSync(folder, { recursive: true })).toHaveLength(1);
    expect(inputs()).toHaveLength(20);
  });

  it('waits on disk when memory is full', async () => {
    start({ endpoint: NOWHERE, maxQueueBytes: 65_536 });
    for (let i = 0; i < 500; i++) work(`${i} ${'x'.repeat(2_000)}`);
    const { created, dropped, pending } = status();
    expect(dropped - before.dropped).toBe(0);
    expect(pending).toBe(created - before.created);
    await shutdown({ timeoutMillis: 0 });
    start({ maxQueueBytes: 65_536 });
    await flush();
    expect(new Set(inputs()).size).toBe(500);
  });

  it('stays on disk until both halves of its batch are settled', async () => {
    start();
    edge.replies.push(reply(413), reply(200), reply(503, {}, { 'retry-after': '1' }));
    for (const value of [1, 2, 3, 4]) work(value);
    await flush({ timeoutMillis: 300 });
    dieNow();
    await shutdown({ timeoutMillis: 0 });
    start();
    await flush();
    expect(new Set(inputs())).toEqual(new Set([1, 2, 3, 4]));
  });
});

describe('the next start', () => {
  it('sends the remaining batches with the same ids, and counts them', async () => {
    start();
    edge.replies.push(reply(503, {}, { 'retry-after': '60' }));
    work('left');
    await flush({ timeoutMillis: 500 });
    expect(await shutdown({ timeoutMillis: 0 })).toMatchObject({ pending: 2 });
    expect(status().dropped).toBe(before.dropped);
    active.report.counts.spooled = 0;
    const { created, sent } = status();
    start();
    expect(status()).toMatchObject({ created: created + 2, pending: 2 });
    await flush();
    expect(status()).toMatchObject({ sent: sent + 2, pending: 0 });
    const [first, second] = edge.requests;
    expect(second?.batch.batch_id).toBe(first?.batch.batch_id);
    expect(second?.batch.spans).toEqual(first?.batch.spans);
    expect(second?.batch.traces).toEqual(first?.batch.traces);
  });

  it('sends no records of another token', async () => {
    await leaveBehind(['of another'], { token: 'another' });
    start();
    await flush();
    expect(edge.requests).toHaveLength(0);
    await shutdown();
    start({ token: 'another' });
    await flush();
    expect(inputs()).toEqual(['of another']);
  });

  it('sends the complete frames of a torn file, and counts the rest', async () => {
    start({ endpoint: NOWHERE });
    for (const value of [1, 2, 3]) {
      work(value);
      await turn();
    }
    const [left = ''] = dieNow();
    truncateSync(left, statSync(left).size - 100);
    await shutdown({ timeoutMillis: 0 });
    forgetClosed();
    start();
    await flush();
    expect(inputs()).toEqual([1, 2]);
    expect(status().droppedBy['spool-torn']).toBe((before.droppedBy['spool-torn'] ?? 0) + 1);
    expect(warnings.filter(({ code }) => code === 'spool-torn')).toHaveLength(1);
  });

  it('ignores a file that is not a segment', async () => {
    await leaveBehind([1]);
    const [file = ''] = files();
    writeFileSync(join(dirname(file), 'notes.txt'), 'not of ours');
    start();
    await flush();
    expect(inputs()).toEqual([1]);
  });

  it('counts records as dropped whose file was removed', async () => {
    await leaveBehind([1]);
    start();
    for (const file of files()) rmSync(file);
    const begin = performance.now();
    await flush();
    // No request is in flight that a flush could wait for.
    expect(performance.now() - begin).toBeLessThan(5_000);
    expect(edge.requests).toHaveLength(0);
    expect(status().droppedBy['spool-lost']).toBe((before.droppedBy['spool-lost'] ?? 0) + 2);
    expect(warnings.filter(({ code }) => code === 'spool-lost')).toHaveLength(1);
  });
});

describe('several processes', () => {
  /** A process that records while the server is down, and then waits. */
  async function other(value: string): Promise<ChildProcess> {
    const child = spawn(process.execPath, [
      '--input-type=module',
      '-e',
      `import { init, span } from ${JSON.stringify(SDK)};
       init({ mode: 'dev', token: 'token', endpoint: '${NOWHERE}', spool: ${JSON.stringify(folder)} });
       span('work', (value) => value)(${JSON.stringify(value)});
       setTimeout(() => console.log('up'), 1); setTimeout(() => {}, 60_000);`,
    ]);
    await once(child.stdout, 'data');
    return child;
  }

  it('leave segments of running processes, and recover those of crashed ones', async () => {
    const [first, second] = await Promise.all([other('first'), other('second')]);
    first.kill('SIGKILL');
    await once(first, 'exit');
    start();
    await flush();
    expect(inputs()).toEqual(['first']);
    await shutdown();
    second.kill('SIGKILL');
    await once(second, 'exit');
    start();
    await flush();
    expect(inputs()).toEqual(['first', 'second']);
  });

  it('detect that the pid of a crashed process was reused', async () => {
    await leaveBehind([1]);
    const owner = dirname(files()[0] ?? '');
    const [, , , ...rest] = basename(owner).split('.');
    renameSync(owner, join(dirname(owner), [process.pid, '1', ...rest].join('.')));
    start();
    await flush();
    expect(inputs()).toEqual([1]);
  });

  it('of another host are left alone while their heartbeat is recent', async () => {
    await leaveBehind([1]);
    const owner = dirname(files()[0] ?? '');
    renameSync(owner, join(dirname(owner), '1.1.otherhost.x'));
    start();
    await flush();
    expect(edge.requests).toHaveLength(0);
  });
});

describe('a disk error', () => {
  it('is reported once, and records wait in memory', async () => {
    writeFileSync(join(folder, 'file'), '');
    start({ spool: join(folder, 'file') });
    for (const value of [1, 2, 3]) {
      work(value);
      await flush();
    }
    expect(inputs()).toEqual([1, 2, 3]);
    expect(warnings.map(({ code }) => code)).toEqual(['spool']);
  });

  it('also when the spool is full: further records wait in memory', async () => {
    start({ endpoint: NOWHERE, maxSpoolBytes: 1_048_576, maxBatchBytes: 100_000 });
    // Records on disk are compressed, so the text must not repeat.
    for (let i = 0; i < 2_000; i++) work(randomBytes(500).toString('hex'));
    await turn();
    const bytes = files().reduce((sum, file) => sum + statSync(file).size, 0);
    expect(bytes).toBeGreaterThan(1_000_000);
    expect(bytes).toBeLessThan(1_300_000);
    expect(warnings.map(({ code }) => code)).toContain('spool-full');
    expect(status().dropped).toBe(before.dropped);
  });

  it('is temporary: later records are on disk again', async () => {
    if (process.getuid?.() === 0) writeFileSync(join(folder, 'spool'), '');
    else chmodSync(folder, 0o500);
    start({ spool: join(folder, 'spool') });
    work('in memory');
    await flush();
    if (process.getuid?.() === 0) rmSync(join(folder, 'spool'));
    else chmodSync(folder, 0o700);
    work('on disk');
    await turn();
    expect(files()).toHaveLength(1);
  });
});
