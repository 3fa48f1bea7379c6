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
  ])('%j ends with %i', async (args, code, said) => {
    const run = await runCli(args);
    expect(run.code).toBe(code);
    expect(run.stdout).toContain(said);
    if (code === 2) expect(run.stderr).toContain('Usage: agensight');
  });

  it('runs as its sources stand, without a build', async () => {
    const run = await runCli(['help'], { file: SOURCES });
    expect(run).toMatchObject({ code: 0, stdout: `${overview(COMMANDS)}\n`, stderr: '' });
  });

  it.each([
    [['pusch'], "Did you mean 'push'?"],
    [['statsu'], "Did you mean 'status'?"],
    [['frobnicate'], 'There are: '],
    [['help', 'tial'], "Did you mean 'tail'?"],
    [['push', '--nope'], "Unknown option '--nope'"],
    [['push', '--since'], 'argument missing'],
    [['push', 'a', 'b'], "'b' is too much"],
    [['tail', '-n', 'many'], '--number must be a number'],
    [['tail', '--from', 'moon'], "--from must be 'local' or 'cloud'"],
    [['export', '--since', 'yesterday'], '--since must be a time'],
    [['doctor', '--endpoint', 'not a url'], '--endpoint must be an http:// or https:// URL'],
    [['push', '--mode', 'test'], "--mode must be 'dev' or 'prod'"],
  ])('%j is wrong usage, ends with 2 and says why', async (args, said) => {
    const run = await runCli(args);
    expect(run.stderr).toContain(said);
    expect(run).toMatchObject({ code: 2, stdout: '' });
  });

  it('puts what went wrong into JSON for a program', async () => {
    const run = await runCli(['push', '--json']);
    expect(run.code).toBe(1);
    expect(JSON.parse(run.stderr)).toEqual({
      error: { message: expect.stringContaining('there is no token'), cure: expect.any(String) },
    });
  });

  it('ends quietly when who reads it stops', async () => {
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
  ])('are option %j, then environment %j, then local.env', async (args, env, said) => {
    const run = await runCli(['doctor', ...args], { cwd: withLocalEnv(), env });
    expect(run.stderr).toContain(said);
  });
});

describe('help', () => {
  it('is the same both ways', async () => {
    const [asked, flag] = await Promise.all([runCli(['help', 'push']), runCli(['push', '-h'])]);
    expect(asked).toMatchObject({ code: 0, stderr: '', stdout: flag.stdout });
    expect(asked.stdout).toContain('Usage: agensight push [FILE]');
  });

  it.each(COMMANDS)('of $name tells its options and the exit codes', (command) => {
    const help = helpOf(command);
    const options = Object.keys({ ...command.options, ...COMMON_OPTIONS });
    expect(options.filter((name) => !help.includes(`--${name}`))).toEqual([]);
    expect(help).toContain('Exit codes: 0');
    expect(overview(COMMANDS)).toContain(`  ${command.name} `);
    for (const line of help.split('\n')) expect(line.length).toBeLessThanOrEqual(110);
  });

  it.each(COMMANDS)('of $name has a section in docs/cli.md, which knows its options', (command) => {
    expect(GUIDE.includes(`\n## ${command.name}\n`)).toBe(true);
    const missing = Object.keys(command.options).filter((name) => !GUIDE.includes(`--${name}`));
    expect(missing).toEqual([]);
  });
});
