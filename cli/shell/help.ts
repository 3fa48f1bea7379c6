/** The help texts, generated from the definitions of the commands. */
import { COMMON_OPTIONS, type Command } from './command.ts';
import type { Options } from './option.ts';

const EXIT_CODES = 'Exit codes: 0 success; 1 a check or the operation failed; 2 invalid usage.';

/** The list of commands. */
export function overview(commands: readonly Command[]): string {
  const width = Math.max(...commands.map(({ name }) => name.length), 'help'.length);
  const lines = [
    ...commands.map(({ name, summary }) => `  ${name.padEnd(width)}  ${summary}`),
    `  ${'help'.padEnd(width)}  show the help of a command: agensight help <command>`,
  ];
  return `Usage: agensight <command> [options]

${lines.join('\n')}

Options:
  --version  print the version
  -h, --help

Settings come from options, then from the environment (AGENSIGHT_TOKEN,
AGENSIGHT_ENDPOINT, SUPABASE_URL, SUPABASE_SECRET_KEY, AGENSIGHT_LOCAL_FILE,
DATABASE_URL), then from .agensight/local.env, which the local stack writes.

${EXIT_CODES}`;
}

/** The help of one command. */
export function helpOf(command: Command): string {
  const usage = ['Usage: agensight', command.name, command.args, '[options]'];
  return `${usage.filter(Boolean).join(' ')}

${command.help.trim()}

Options:
${describe({ ...command.options, ...COMMON_OPTIONS })}

${EXIT_CODES}`;
}

function describe(options: Options): string {
  const heads = Object.entries(options).map(
    ([name, { short, value }]) =>
      `  ${short ? `-${short}, ` : ''}--${name}${value ? ` ${value}` : ''}`,
  );
  const width = Math.max(...heads.map((head) => head.length));
  return Object.values(options)
    .map(({ help }, i) => `${heads[i]?.padEnd(width)}  ${help}`)
    .join('\n');
}

/** The name closest to the input; undefined when none is similar. */
export function nearest(typed: string, names: readonly string[]): string | undefined {
  const [best] = names
    .map((name) => ({ name, distance: distance(typed.slice(0, 40), name) }))
    .filter((candidate) => candidate.distance <= Math.max(1, Math.floor(typed.length / 2)))
    .sort((a, b) => a.distance - b.distance);
  return best?.name;
}

/** Levenshtein distance. */
function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const changed = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(changed, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}
