/** Runs a program in processes of its own and tells what it saw. */
import { spawn } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import type { Seen } from './program.ts';

const CHILD = join(import.meta.dirname, 'child.ts');
const CACHE = join(import.meta.dirname, 'packages/node_modules/.compiled');
const TIMEOUT_MILLIS = 120_000;

export interface Observed extends Partial<Seen> {
  readonly exitCode: number | null;
  readonly signal: string | null;
  readonly stdout: string;
}

export interface Process {
  readonly file: string;
  readonly name: string;
  readonly loader: string;
  /** The executable of Node. */
  readonly node: string;
  /** Variables of the SDK; null runs the program without it. */
  readonly environment: Record<string, string> | null;
}

/** What the program saw, and beside it what only explains a failure. */
export async function observe(
  one: Process,
): Promise<{ saw: Observed; notes: { stderr: string; report?: unknown } }> {
  const folder = await mkdtemp(join(tmpdir(), 'agensight-host-'));
  try {
    const outcome = join(folder, 'outcome.json');
    const mode = one.environment ? 'on' : 'off';
    const ended = await run(one, [CHILD, one.file, one.name, mode, one.loader, outcome]);
    const text = await readFile(outcome, 'utf8').catch(() => '{"seen":{},"notes":{}}');
    const { seen, notes } = JSON.parse(text);
    const { stderr, ...saw } = ended;
    return { saw: { ...seen, ...saw }, notes: { ...notes, stderr } };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

interface Ended {
  exitCode: number | null;
  signal: string | null;
  stdout: string;
  stderr: string;
}

function run({ node, environment }: Process, args: string[]): Promise<Ended> {
  const { PATH, HOME, TMPDIR } = process.env;
  return new Promise((resolve, reject) => {
    const child = spawn(node, args, {
      env: {
        PATH,
        HOME,
        TMPDIR,
        NODE_COMPILE_CACHE: CACHE,
        OPENAI_AGENTS_DISABLE_TRACING: '1',
        ...environment,
      },
      stdio: ['ignore', 'pipe', 'pipe'],
      timeout: TIMEOUT_MILLIS,
    });
    let stdout = '';
    let stderr = '';
    child.stdout.on('data', (data) => {
      stdout += data;
    });
    child.stderr.on('data', (data) => {
      stderr += data;
    });
    child.on('error', reject);
    child.on('close', (exitCode, signal) => resolve({ exitCode, signal, stdout, stderr }));
  });
}

/** What differs between two runs, in words. */
export function differences(without: Observed, withSdk: Observed): string[] {
  const keys = new Set([...Object.keys(without), ...Object.keys(withSdk)]) as Set<keyof Observed>;
  return [...keys]
    .filter((key) => !isDeepStrictEqual(without[key], withSdk[key]))
    .map((key) => {
      const [a = 'nothing', b = 'nothing'] = [without[key], withSdk[key]].map((value) =>
        JSON.stringify(value),
      );
      return `${key}: ${around(a, b)} without the SDK, ${around(b, a)} with it`;
    });
}

const BEFORE = 60;
const SHOWN = 240;

/** A text around the first place where it differs from another. */
function around(text: string, other: string): string {
  let at = 0;
  while (at < text.length && text[at] === other[at]) at += 1;
  const from = Math.max(0, at - BEFORE);
  const end = from + SHOWN;
  return `${from > 0 ? '…' : ''}${text.slice(from, end)}${text.length > end ? '…' : ''}`;
}
