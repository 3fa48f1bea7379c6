/** The fault matrix: failures of the server, the disk and the process, and their outcome. */
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type End, type Ending, runProgram } from './run-program.ts';
import { type Behaviour, FaultyServer } from './server.ts';

export interface Fault {
  readonly what: string;
  /** `down`: connections are refused. */
  readonly server: Behaviour | 'down';
  readonly end: End;
  /** When the server recovers; `late` is after the flush. */
  readonly recovers?: 'soon' | 'late';
  /** Whether spans are spread over time instead of one burst. */
  readonly isPaced?: boolean;
  readonly disk?: 'full';
  /** Which spans arrive before the process ends, with or without a spool; null when it varies. */
  readonly arrives: 'all' | 'not all' | null;
  /** With a spool, all arrive at the latest after the next start; unless this says otherwise. */
  readonly arrivesWithSpool?: false;
}

export const FAULTS: readonly Fault[] = [
  { what: 'flush', server: 'ok', end: 'flush', arrives: 'all' },
  { what: 'no flush', server: 'ok', end: 'no flush', arrives: 'all' },
  { what: 'server takes 100 ms', server: 'slow', end: 'flush', isPaced: true, arrives: 'all' },
  { what: '500s, then ok', server: 500, end: 'flush', recovers: 'soon', arrives: 'all' },
  { what: '503s past the flush', server: 503, end: 'flush', recovers: 'late', arrives: 'not all' },
  { what: 'server hangs', server: 'hang', end: 'flush', arrives: 'not all' },
  { what: 'server hangs, no flush', server: 'hang', end: 'no flush', arrives: 'not all' },
  { what: 'server down', server: 'down', end: 'flush', arrives: 'not all' },
  { what: 'server down, no flush', server: 'down', end: 'no flush', arrives: 'not all' },
  { what: 'process.exit(1)', server: 'ok', end: 'process.exit(1)', arrives: 'not all' },
  {
    what: 'process.exit(1), server down',
    server: 'down',
    end: 'process.exit(1)',
    arrives: 'not all',
  },
  { what: 'uncaught exception', server: 'ok', end: 'uncaught exception', arrives: 'not all' },
  { what: 'SIGTERM', server: 'ok', end: 'SIGTERM', arrives: 'all' },
  { what: 'SIGTERM, server hangs', server: 'hang', end: 'SIGTERM', arrives: 'not all' },
  { what: 'SIGTERM, own handler', server: 'ok', end: 'own handler', arrives: 'all' },
  { what: 'SIGKILL', server: 'ok', end: 'SIGKILL', arrives: null },
  { what: 'SIGKILL, server down', server: 'down', end: 'SIGKILL', arrives: 'not all' },
  { what: 'disk full', server: 'ok', end: 'flush', disk: 'full', arrives: 'all' },
  {
    what: 'disk full, server down',
    server: 'down',
    end: 'flush',
    disk: 'full',
    arrives: 'not all',
    arrivesWithSpool: false,
  },
];

/** Size and times of one run of the matrix. */
export interface Scale {
  readonly sdk: string;
  readonly spans: number;
  readonly soonMillis: number;
  readonly lateMillis: number;
  readonly flushMillis: number;
  readonly exitTimeoutMillis: number;
}

export interface Outcome {
  readonly ending: Ending;
  /** Spans that arrived before the process ended, and before the next one ended. */
  readonly arrived: number;
  readonly arrivedAfterRestart: number;
  /** Spans that arrived twice. */
  readonly repeated: number;
  /** Files in the spool after the next process. */
  readonly files: number;
}

/** Exit timeout of the second process, which only has to deliver everything. */
const PATIENCE_MILLIS = 30_000;

/** Time in which the server reads requests of a process that has ended. */
const IN_FLIGHT_MILLIS = 300;

/** Runs the program with a fault, then once more without. */
export async function runFault(fault: Fault, hasSpool: boolean, scale: Scale): Promise<Outcome> {
  const { sdk, spans, flushMillis, exitTimeoutMillis } = scale;
  const folder = mkdtempSync(join(tmpdir(), 'agensight-faults-'));
  const spool = hasSpool ? folder : undefined;
  const server = await new FaultyServer().open();
  const task = { sdk, endpoint: server.url, spool, spans, flushMillis, exitTimeoutMillis };
  try {
    if (fault.server === 'down') await server.close();
    else server.behaviour = fault.server;
    const recovery = setTimeout(
      () => {
        server.behaviour = 'ok';
      },
      fault.recovers === 'soon' ? scale.soonMillis : scale.lateMillis,
    );
    if (!fault.recovers) clearTimeout(recovery);
    const { end, isPaced } = fault;
    const diskKilobytes = fault.disk ? 64 : undefined;
    const ending = await runProgram({ ...task, end, isPaced, diskKilobytes });
    clearTimeout(recovery);
    // Requests that a killed process has sent may still be read.
    await new Promise((resolve) => setTimeout(resolve, IN_FLIGHT_MILLIS));
    const arrived = server.spans.size;
    server.behaviour = 'ok';
    if (fault.server === 'down') await server.open();
    await runProgram({ ...task, spans: 0, end: 'no flush', exitTimeoutMillis: PATIENCE_MILLIS });
    return {
      ending,
      arrived,
      arrivedAfterRestart: server.spans.size,
      repeated: server.repeated,
      files: countFiles(folder),
    };
  } finally {
    await server.close().catch(() => undefined);
    rmSync(folder, { recursive: true });
  }
}

const countFiles = (folder: string): number =>
  readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile())
    .length;
