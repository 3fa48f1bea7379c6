import { once } from 'node:events';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { COMMANDS } from '../../cli/commands/index.ts';
import { COMMON_OPTIONS } from '../../cli/shell/command.ts';
import { helpOf, overview } from '../../cli/shell/help.ts';
import { emptyFolder, runCli, SOURCES, startCli } from './support/run-cli.ts';

const GUIDE = readFileSync(new URL('../../docs/cli.md', import.meta.url), 'utf8');

describe('the command line', () => {
  it.each([
    [[], 2, ''],
    [['--help'], 0, 'Usage: agensight <command>'],
    [['help'], 0, 'Usage: agensight <command>'],
    [['--version'], 0, '0.0.0-source'],
  ])('%j ends with %i', async (args, code, output) => {
    const run = await runCli(args);
    expect(run.code).toBe(code);
    expect(run.stdout).toContain(output);
    if (code === 2) expect(run.stderr).toContain('Usage: agensight');
  });

  it('runs from its sources, without a build', async () => {
    const run = await runCli(['help'], { file: SOURCES });
    expect(run).toMatchObject({ code: 0, stdout: `${overview(COMMANDS)}\n`, stderr: '' });
  });

  it.each([
    [['pusch'], "unknown command 'pusch'\n  Did you mean 'push'?"],
    [['statsu'], "Did you mean 'status'?"],
    [['frobnicate'], 'Commands: doctor, '],
    [['help', 'tial'], "Did you mean 'tail'?"],
    [['push', '--nope'], "Unknown option '--nope'"],
    [['push', '--since'], 'argument missing'],
    [['push', 'a', 'b'], "unexpected argument 'b'"],
    [['tail', '-n', 'many'], '--number must be a number'],
    [['tail', '--from', 'moon'], "--from must be 'local' or 'cloud'"],
    [['export', '--since', 'yesterday'], '--since must be a time'],
    [['doctor', '--endpoint', 'not a url'], '--endpoint must be an http:// or https:// URL'],
    [['migrate', '--database-url', 'mysql://x/y'], '--database-url must be a URL such as'],
    [
      ['doctor', '--endpoint', 'ftp://x', '--supabase-url', 'y'],
      '--endpoint must be an http:// or https:// URL without credentials, query and fragment; --supabase-url must be an http:// or https:// URL of only scheme, host and port',
    ],
    [['push', '--mode', 'test'], "--mode must be 'dev' or 'prod'"],
  ])('%j is invalid usage, which ends with 2', async (args, message) => {
    const run = await runCli(args);
    expect(run.stderr).toContain(message);
    expect(run).toMatchObject({ code: 2, stdout: '' });
  });

  it.each([
    [['push', '--json'], 1, 'AGENSIGHT_CLI_SETTING_MISSING', 'no token is set'],
    [['push', '--json', '--nope'], 2, 'AGENSIGHT_CLI_USAGE', "Unknown option '--nope'"],
  ])('%j reports an error as JSON with a code', async (args, exitCode, code, message) => {
    const run = await runCli(args);
    expect(run.code).toBe(exitCode);
    expect(JSON.parse(run.stderr)).toEqual({
      error: { code, message: expect.stringContaining(message), hint: expect.any(String) },
    });
  });

  it('ends with 0 when the reader closes the pipe', async () => {
    const folder = emptyFolder();
    const child = startCli(['help', 'push'], { cwd: folder });
    child.stdout?.destroy();
    const [code] = await once(child, 'close');
    expect(code).toBe(0);
  });
});

describe('the settings', () => {
  const FILE = 'AGENSIGHT_ENDPOINT=http://127.0.0.1:1\n';

  function withLocalEnv(): string {
    const cwd = emptyFolder();
    mkdirSync(join(cwd, '.agensight'));
    writeFileSync(join(cwd, '.agensight/local.env'), FILE);
    return cwd;
  }

  it.each([
    [
      ['--endpoint', 'http://127.0.0.1:3'],
      { AGENSIGHT_ENDPOINT: 'http://127.0.0.1:2' },
      ':3/ (--endpoint)',
    ],
    [[], { AGENSIGHT_ENDPOINT: 'http://127.0.0.1:2' }, ':2/ (AGENSIGHT_ENDPOINT)'],
    [[], {}, ':1/ (AGENSIGHT_ENDPOINT in .agensight/local.env)'],
    [[], { SUPABASE_URL: 'http://127.0.0.1:9' }, ':4318/ (default)'],
  ])('are option %j, then environment %j, then local.env', async (args, env, source) => {
    const run = await runCli(['doctor', ...args], { cwd: withLocalEnv(), env });
    expect(run.stderr).toContain(source);
  });

  it('are validated only for commands with the option', async () => {
    const env = { AGENSIGHT_ENDPOINT: 'not a url', SUPABASE_URL: 'not a url' };
    expect(await runCli(['status'], { env })).toMatchObject({ code: 2 });
    const run = await runCli(['migrate', '--status'], { env });
    expect(run.stderr).toContain('no database is set');
  });
});

describe('help', () => {
  it('is the same from `help` and from -h', async () => {
    const [help, flag] = await Promise.all([runCli(['help', 'push']), runCli(['push', '-h'])]);
    expect(help).toMatchObject({ code: 0, stderr: '', stdout: flag.stdout });
    expect(help.stdout).toContain('Usage: agensight push [FILE]');
  });

  it.each(COMMANDS)('of $name lists its options and the exit codes', (command) => {
    const help = helpOf(command);
    const options = Object.keys({ ...command.options, ...COMMON_OPTIONS });
    expect(options.filter((name) => !help.includes(`--${name}`))).toEqual([]);
    expect(help).toContain('Exit codes: 0');
    expect(overview(COMMANDS)).toContain(`  ${command.name} `);
    for (const line of help.split('\n')) expect(line.length).toBeLessThanOrEqual(110);
  });

  it.each(COMMANDS)('of $name has a section in docs/cli.md with its options', (command) => {
    expect(GUIDE.includes(`\n## ${command.name}\n`)).toBe(true);
    const missing = Object.keys(command.options).filter((name) => !GUIDE.includes(`--${name}`));
    expect(missing).toEqual([]);
  });
});
