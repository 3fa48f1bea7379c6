/** Runs the program under test in a separate process. */
import { spawn } from 'node:child_process';
import { join } from 'node:path';

/** How the program ends. */
export type End =
  | 'flush'
  | 'no flush'
  | 'process.exit(1)'
  | 'uncaught exception'
  | 'SIGTERM'
  | 'SIGKILL'
  | 'own handler';

export interface Task {
  /** Module of the SDK: its source, or the built package. */
  readonly sdk: string;
  readonly endpoint: string;
  readonly spool?: string | undefined;
  readonly spans: number;
  readonly end: End;
  readonly isPaced?: boolean | undefined;
  readonly flushMillis: number;
  readonly exitTimeoutMillis: number;
  /** Largest file that the program may write, in kilobytes, to simulate a full disk. */
  readonly diskKilobytes?: number | undefined;
}

export interface Ending {
  readonly code: number | null;
  readonly signal: string | null;
  /** Time from the last span to the end of the process, including the flush. */
  readonly heldMillis: number;
  readonly flushMillis: number | undefined;
  readonly warnings: readonly string[];
  readonly isHandled: boolean;
  readonly errors: string;
}

const PROGRAM = join(import.meta.dirname, 'program.ts');

interface Line {
  readonly recordedAt?: number;
  readonly flushMillis?: number;
  readonly warning?: string;
  readonly handled?: boolean;
}

export async function runProgram(task: Task): Promise<Ending> {
  const program = [process.execPath, PROGRAM, JSON.stringify(task)];
  const limited = [
    'bash',
    '-c',
    `ulimit -f ${task.diskKilobytes} && exec "$@"`,
    'bash',
    ...program,
  ];
  const [command = '', ...args] = task.diskKilobytes === undefined ? program : limited;
  const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  let errors = '';
  child.stdout.on('data', (chunk: Buffer) => {
    output += chunk.toString();
  });
  child.stderr.on('data', (chunk: Buffer) => {
    errors += chunk.toString();
  });
  const ended = await new Promise<{ code: number | null; signal: string | null; at: number }>(
    (resolve) => child.on('close', (code, signal) => resolve({ code, signal, at: Date.now() })),
  );
  const lines = output
    .split('\n')
    .filter((line) => line.startsWith('{'))
    .map((line) => JSON.parse(line) as Line);
  const { recordedAt } = lines.find((one) => one.recordedAt !== undefined) ?? {};
  return {
    code: ended.code,
    signal: ended.signal,
    heldMillis: ended.at - (recordedAt ?? Number.NaN),
    flushMillis: lines.find((one) => one.flushMillis !== undefined)?.flushMillis,
    warnings: lines.flatMap(({ warning }) => (warning === undefined ? [] : [warning])),
    isHandled: lines.some(({ handled }) => handled === true),
    errors,
  };
}
