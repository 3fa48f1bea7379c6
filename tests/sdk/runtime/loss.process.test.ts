import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Edge, reply } from '../support/edge.ts';

const SDK = join(import.meta.dirname, '../../../sdk/index.ts');
const NOWHERE = 'http://127.0.0.1:9';
const TOKEN = 'agn_secret_of_the_program';

let edge: Edge;
let folder: string;

beforeEach(async () => {
  edge = await new Edge().open();
  folder = mkdtempSync(join(tmpdir(), 'agensight-loss-'));
});

afterEach(async () => {
  await edge.close();
  rmSync(folder, { recursive: true, force: true });
});

interface Ended {
  readonly code: number | null;
  readonly signal: string | null;
  /** Lines of ours on standard error. */
  readonly lines: string[];
  readonly errors: string;
  readonly output: string;
}

/** Starts a program with three spans, whose records are six. */
function spawnProgram(
  body: string,
  options: object = {},
  env: object = {},
): ChildProcessWithoutNullStreams {
  const given = {
    mode: 'dev',
    token: TOKEN,
    endpoint: NOWHERE,
    exitTimeoutMillis: 100,
    ...options,
  };
  const program = `
    import { init, span, trace, flush, shutdown, status } from ${JSON.stringify(SDK)};
    init(${JSON.stringify(given)});
    const work = span('work', (i) => i);
    for (let i = 0; i < 3; i++) work(i);
    ${body}`;
  return spawn(process.execPath, ['--input-type=module', '-e', program], {
    cwd: folder,
    env: { ...process.env, AGENSIGHT_LOG: 'error', ...env },
  });
}

/** Runs the program, and returns how it ended. */
async function run(body: string, options: object = {}, env: object = {}): Promise<Ended> {
  const child = spawnProgram(body, options, env);
  let errors = '';
  let output = '';
  child.stderr.on('data', (chunk: Buffer) => {
    errors += chunk.toString();
  });
  child.stdout.on('data', (chunk: Buffer) => {
    output += chunk.toString();
    if (output.includes('kill me')) child.kill('SIGTERM');
  });
  return new Promise((resolve) =>
    child.on('close', (code, signal) => {
      const lines = errors.split('\n').filter((line) => line.startsWith('agensight: '));
      resolve({ code, signal, lines, errors, output });
    }),
  );
}

const LOST =
  /^agensight: 6 records were not delivered to http:\/\/127\.0\.0\.1:9 \(.+\)\. They are lost: await flush\(\) .*`spool: true`.*\.$/;

describe('a program that ends with undelivered records says so in one line', () => {
  it.each([
    ['after the last turn of its event loop', '', 0],
    ['by process.exit()', 'process.exit(3);', 3],
    ['by an uncaught exception', "throw new Error('mine');", 1],
    ['after a flush that could not deliver', 'await flush({ timeoutMillis: 50 });', 0],
    ['after a shutdown that could not deliver', 'await shutdown({ timeoutMillis: 50 });', 0],
  ])('%s', async (_, body, code) => {
    const ended = await run(body);
    expect(ended.code).toBe(code);
    expect(ended.lines).toEqual([expect.stringMatching(LOST)]);
    expect(ended.errors).not.toContain(TOKEN);
  });

  it('by a signal', async () => {
    const ended = await run("setTimeout(() => {}, 60_000); console.log('kill me');");
    expect(ended).toMatchObject({ signal: 'SIGTERM', lines: [expect.stringMatching(LOST)] });
  });

  it('by a signal with a listener of its own', async () => {
    const body = `process.on('SIGTERM', () => process.exit(7));
      setTimeout(() => {}, 60_000); console.log('kill me');`;
    expect(await run(body)).toMatchObject({ code: 7, lines: [expect.stringMatching(LOST)] });
  });

  it('with the reason, without credentials, and without the token that a server repeats', async () => {
    const body = { error: { message: `busy ${TOKEN}\n\u001b[31mred` } };
    edge.replies.push(...Array.from({ length: 50 }, () => reply(503, body)));
    const endpoint = edge.url.replace('http://', 'http://user:password@');
    const { lines, errors } = await run('', {
      endpoint: `${endpoint}/in/?key=1`,
      exitTimeoutMillis: 2_000,
    });
    expect(lines).toHaveLength(1);
    expect(lines[0]).toContain(`delivered to ${edge.url}/in (503 busy [token] [31mred)`);
    expect(errors).not.toMatch(/agn_secret|password|key=1/);
  });

  it('with the sum of several configurations for one endpoint, and each other endpoint', async () => {
    const { lines } = await run(`
      init({ mode: 'dev', token: 't', endpoint: ${JSON.stringify(NOWHERE)} });
      work(1);
      init({ mode: 'dev', token: 't', endpoint: 'http://127.0.0.1:10' });
      work(1);`);
    expect(lines).toEqual([
      expect.stringMatching(
        /^agensight: 2 records were not delivered to http:\/\/127\.0\.0\.1:10 .*; 8 records were not delivered to http:\/\/127\.0\.0\.1:9 /,
      ),
    ]);
  });

  it('in the mode local, when another process holds the file', async () => {
    const body = `
      const { DatabaseSync } = await import('node:sqlite');
      const other = new DatabaseSync('traces.db');
      other.exec('BEGIN EXCLUSIVE');
      process.exit(0);`;
    const { lines } = await run(body, { mode: 'local', localFile: 'traces.db' });
    expect(lines).toEqual([
      expect.stringMatching(
        /^agensight: 6 records were not written to traces\.db \(database is locked\)\. .*another process holds the file/,
      ),
    ]);
  });

  it.each([
    ['cannot be written', '', { spool: '/dev/null/spool' }, 'cannot be written: ENOTDIR: .+'],
    [
      'is full',
      `const { randomBytes } = await import('node:crypto');
       for (let i = 0; i < 2_000; i++) {
         work(randomBytes(500).toString('hex'));
         if (i % 100 === 0) await new Promise(setImmediate);
       }
       await new Promise(setImmediate);`,
      { spool: 'spool', maxSpoolBytes: 1_048_576, maxBatchBytes: 100_000 },
      String.raw`is full \(maxSpoolBytes\)`,
    ],
  ])('when the spool %s', async (_, body, options, reason) => {
    const { lines } = await run(`${body} process.exit(0)`, options);
    const cure = new RegExp(String.raw`records were .*\)\. They are lost: the spool ${reason}\.$`);
    expect(lines).toEqual([expect.stringMatching(cure)]);
  });

  it('once for each thread, about its own records', async () => {
    const body = `
      const { Worker } = await import('node:worker_threads');
      const code = \`import(${JSON.stringify(SDK)}).then(({ init, span }) => {
        init({ mode: 'dev', token: 't', endpoint: 'http://127.0.0.1:10' });
        span('in a worker', () => 1)();
        process.exit(0);
      })\`;
      await new Promise((end) => new Worker(code, { eval: true }).on('exit', end));`;
    const { lines } = await run(body);
    expect(lines).toEqual([
      expect.stringContaining('2 records were not delivered to http://127.0.0.1:10 '),
      expect.stringMatching(LOST),
    ]);
  });
});

describe('a program says nothing', () => {
  it.each([
    ['when all was delivered', '', {}],
    ['when all was delivered by a flush', 'await flush(); process.exit(0);', {}],
    ['when it is disabled', '', { enabled: false, endpoint: NOWHERE }],
    ['when the spool has kept them', 'process.exit(0);', { spool: 'spool', endpoint: NOWHERE }],
    [
      'after a shutdown that left them in the spool',
      'await shutdown({ timeoutMillis: 50 });',
      {
        spool: 'spool',
        endpoint: NOWHERE,
      },
    ],
    ['when the file of the mode local has them', 'process.exit(0);', { mode: 'local' }],
    ['with the option', 'process.exit(0);', { log: 'silent', endpoint: NOWHERE }],
  ])('%s', async (_, body, options) => {
    const { code, errors } = await run(body, {
      endpoint: edge.url,
      exitTimeoutMillis: 10_000,
      ...options,
    });
    expect({ code, errors }).toEqual({ code: 0, errors: '' });
    if ('spool' in options) expect(readdirSync(join(folder, 'spool'))).toHaveLength(1);
  });

  it('with AGENSIGHT_LOG=silent, neither warnings nor the line', async () => {
    const { errors } = await run('', {}, { AGENSIGHT_LOG: 'SILENT' });
    expect(errors).toBe('');
  });

  it('with AGENSIGHT_LOG=warn, and by default, about warnings too', async () => {
    for (const level of ['warn', '']) {
      const { errors, lines } = await run('', {}, { AGENSIGHT_LOG: level });
      expect(errors).toContain('AgensightWarning: delivery failed and is tried again');
      expect(lines).toHaveLength(1);
    }
  });
});

describe('standard error', () => {
  it('may be closed: the program ends as it would', async () => {
    const { code } = await run("(await import('node:fs')).closeSync(2); process.exit(5);");
    expect(code).toBe(5);
  });

  it('may be a pipe that nobody reads any more', async () => {
    const program = spawnProgram("setTimeout(() => process.exit(5), 100); console.log('up');");
    program.stdout.once('data', () => program.stderr.destroy());
    expect(await new Promise((resolve) => program.on('close', resolve))).toBe(5);
  });

  it('may be a full pipe, which delays the exit by a bounded time', async () => {
    const { code, output } = await run(`
      const fs = process.getBuiltinModule('node:fs');
      const write = fs.writeSync;
      let tries = 0;
      fs.writeSync = (fd, ...rest) => {
        if (fd !== 2) return write(fd, ...rest);
        tries += 1;
        throw Object.assign(new Error('EAGAIN'), { code: 'EAGAIN' });
      };
      process.on('exit', () => console.log(tries));
      process.exit(6);`);
    expect({ code, output }).toEqual({ code: 6, output: '11\n' });
  });
});
