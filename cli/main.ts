#!/usr/bin/env node
/** `npx agensight`: finds the command, runs it, and turns what became of it into an exit code. */
import { parseArgs } from 'node:util';
import { VERSION } from '../sdk/platform/version.ts';
import { COMMANDS } from './commands/index.ts';
import { COMMON_OPTIONS, type Command, Failure, UsageError } from './shell/command.ts';
import { helpOf, nearest, overview } from './shell/help.ts';
import { createOutput, type Output } from './shell/output.ts';
import { readDisplay, readSettings } from './shell/settings.ts';
import { plain } from './shell/terminal-text.ts';

// A reader that has seen enough (`| head`) is no failure.
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
    return explain(error, out, rest.includes('--json'));
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
  const hint = guess ? `Did you mean '${guess}'?` : `There are: ${names.join(', ')}.`;
  throw new UsageError(`'${plain(name)}' is no command. ${hint}`);
}

async function runCommand(command: Command, argv: readonly string[]): Promise<number> {
  const { values, positionals } = parse(command, argv);
  if (values.help) return show(helpOf(command));
  if (positionals.length > command.maxArgs) {
    const surplus = plain(positionals[command.maxArgs] ?? '');
    throw new UsageError(`'${surplus}' is too much. See: agensight help ${command.name}`);
  }
  const settings = readSettings(values);
  const worked = await command.run({ values: values as never, args: positionals, settings, out });
  return worked ? 0 : 1;
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
    const [problem] = (error as Error).message.split('. To specify');
    const message = `${plain(problem ?? '')}. See: agensight help ${command.name}`;
    throw new UsageError(message.replace('..', '.'), { cause: error });
  }
}

/** Says what went wrong, on standard error, or as JSON for who asked for that. */
function explain(error: unknown, { remark }: Output, isJson: boolean): number {
  const isUsage = error instanceof UsageError;
  const message = plain(error instanceof Error ? error.message : String(error));
  const cure = error instanceof Failure ? error.cure : '';
  if (isJson) remark(JSON.stringify({ error: { message, cure: cure || null } }));
  else {
    remark(`agensight: ${message}`);
    if (cure) remark(`  ${cure}`);
  }
  const isKnown = isUsage || error instanceof Failure;
  if (!isKnown && error instanceof Error && error.stack) remark(plain(error.stack));
  return isUsage ? 2 : 1;
}
