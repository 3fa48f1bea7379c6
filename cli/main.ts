#!/usr/bin/env node
/** `npx agensight`: finds the command, runs it and maps the outcome to an exit code. */
import { parseArgs } from 'node:util';
import { VERSION } from '../sdk/platform/version.ts';
import { COMMANDS } from './commands/index.ts';
import { COMMON_OPTIONS, type Command } from './shell/command.ts';
import { CliError, UsageError } from './shell/errors.ts';
import { helpOf, nearest, overview } from './shell/help.ts';
import { createOutput, type Output } from './shell/output.ts';
import { readDisplay, readSettings } from './shell/settings.ts';
import { plain } from './shell/terminal-text.ts';

// A closed pipe (`| head`) is not an error.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  process.exit(error.code === 'EPIPE' ? 0 : 1);
});
process.stderr.on('error', () => {});

const out = createOutput(process.stdout, process.stderr, readDisplay(process.stdout));
process.exitCode = await main(process.argv.slice(2));

/** Runs a command line and returns its exit code. */
async function main([first, ...rest]: readonly string[]): Promise<number> {
  try {
    if (first === undefined) {
      out.remark(overview(COMMANDS));
      return 2;
    }
    if (first === '--version' || first === '-v') return await show(VERSION);
    if (first === '--help' || first === '-h') return await show(overview(COMMANDS));
    if (first === 'help') {
      return await show(rest[0] === undefined ? overview(COMMANDS) : helpOf(find(rest[0])));
    }
    return await runCommand(find(first), rest);
  } catch (error) {
    return report(error, out, rest.includes('--json'));
  }
}

async function show(text: string): Promise<number> {
  await out.print(text);
  return 0;
}

function find(name: string): Command {
  const found = COMMANDS.find((command) => command.name === name);
  if (found) return found;
  const names = COMMANDS.map((command) => command.name);
  const guess = nearest(name, [...names, 'help']);
  const hint = guess ? `Did you mean '${guess}'?` : `Commands: ${names.join(', ')}.`;
  throw new UsageError(`unknown command '${plain(name)}'`, { hint });
}

async function runCommand(command: Command, argv: readonly string[]): Promise<number> {
  const { values, positionals } = parse(command, argv);
  if (values.help) return show(helpOf(command));
  if (positionals.length > command.maxArgs) {
    const surplus = plain(positionals[command.maxArgs] ?? '');
    throw new UsageError(`unexpected argument '${surplus}'`, { hint: seeHelp(command) });
  }
  const settings = readSettings(values, command.options);
  const isSuccess = await command.run({
    values: values as never,
    args: positionals,
    settings,
    out,
  });
  return isSuccess ? 0 : 1;
}

function seeHelp({ name }: Command): string {
  return `See: agensight help ${name}`;
}

function parse(command: Command, argv: readonly string[]) {
  try {
    return parseArgs({
      args: [...argv],
      options: { ...command.options, ...COMMON_OPTIONS },
      allowPositionals: true,
      allowNegative: false,
    }) as { values: Record<string, string | boolean | undefined>; positionals: string[] };
  } catch (error) {
    // Node appends advice about positional arguments that begin with a dash.
    const [problem = ''] = (error as Error).message.split('. To specify');
    throw new UsageError(plain(problem), { hint: seeHelp(command), cause: error });
  }
}

/** Writes an error to standard error, as JSON when asked for, and returns the exit code. */
function report(error: unknown, { remark }: Output, isJson: boolean): number {
  const isExpected = error instanceof CliError;
  const message = plain(error instanceof Error ? error.message : String(error));
  const code = isExpected ? error.code : 'AGENSIGHT_CLI_INTERNAL';
  const hint = isExpected ? error.hint : '';
  if (isJson) remark(JSON.stringify({ error: { code, message, hint: hint || null } }));
  else {
    remark(`agensight: ${message}`);
    for (const line of hint.split('\n').filter(Boolean)) remark(`  ${plain(line)}`);
  }
  if (!isExpected && error instanceof Error && error.stack) remark(plain(error.stack));
  return error instanceof UsageError ? 2 : 1;
}
