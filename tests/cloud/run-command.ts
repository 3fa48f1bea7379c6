import { spawn } from 'node:child_process';

export interface Ran {
  code: number;
  /** Standard output. */
  out: string;
  /** Standard output and error, as they came. */
  all: string;
}

/** Runs a command to its end, whatever that is. */
export function runCommand(
  command: string,
  args: readonly string[],
  options: { cwd?: string; env?: NodeJS.ProcessEnv } = {},
): Promise<Ran> {
  return new Promise((resolve) => {
    const child = spawn(command, args, { ...options, stdio: ['ignore', 'pipe', 'pipe'] });
    const ran: Ran = { code: -1, out: '', all: '' };
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      ran.out += text;
      ran.all += text;
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      ran.all += text;
    });
    child.on('error', (error) => resolve({ ...ran, all: `${ran.all}${error.message}` }));
    child.on('close', (code) => resolve({ ...ran, code: code ?? -1 }));
  });
}

/**
 * The same for a command that must succeed; its standard output.
 *
 * @throws Error with what the command wrote
 */
export async function mustRun(...args: Parameters<typeof runCommand>): Promise<string> {
  const { code, out, all } = await runCommand(...args);
  if (code !== 0) throw new Error(`${args[0]} ${args[1].join(' ')}: exit ${code}\n${all}`);
  return out;
}
