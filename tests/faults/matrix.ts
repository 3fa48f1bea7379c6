/** The fault matrix: what happens to the server, to the disk and to the process, and what is left. */
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type End, type Ending, runProgram } from './run-program.ts';
import { type Behaviour, FaultyServer } from './server.ts';

export interface Fault {
  readonly what: string;
  /** `down`: nothing listens. */
  readonly server: Behaviour | 'down';
  readonly end: End;
  /** Whether the server recovers while the process still lives. */
  readonly recovers?: 'soon' | 'late';
  /** Whether spans come over time and not in one burst. */
  readonly isPaced?: boolean;
  readonly disk?: 'full';
  /** Whether all spans arrive in the same run, with or without a spool. */
  readonly arrives: boolean | 'perhaps';
  /** With a spool, all arrive at the latest after the next start; unless this says otherwise. */
  readonly arrivesWithSpool?: false;
}

export const FAULTS: readonly Fault[] = [
  { what: 'flush', server: 'ok', end: 'flush', arrives: true },
  { what: 'flush forgotten', server: 'ok', end: 'no flush', arrives: true },
  { what: 'server takes 100 ms', server: 'slow', end: 'flush', isPaced: true, arrives: true },
  { what: '500s, then well', server: 500, end: 'flush', recovers: 'soon', arrives: true },
  { what: '503s past the flush', server: 503, end: 'flush', recovers: 'late', arrives: false },
  { what: 'server hangs', server: 'hang', end: 'flush', arrives: false },
  { what: 'server hangs, flush forgotten', server: 'hang', end: 'no flush', arrives: false },
  { what: 'server down', server: 'down', end: 'flush', arrives: false },
  { what: 'server down, flush forgotten', server: 'down', end: 'no flush', arrives: false },
  { what: 'process.exit(1)', server: 'ok', end: 'process.exit(1)', arrives: false },
  { what: 'process.exit(1), server down', server: 'down', end: 'process.exit(1)', arrives: false },
  { what: 'uncaught exception', server: 'ok', end: 'uncaught exception', arrives: false },
  { what: 'SIGTERM', server: 'ok', end: 'SIGTERM', arrives: true },
  { what: 'SIGTERM, server hangs', server: 'hang', end: 'SIGTERM', arrives: false },
  { what: 'SIGTERM, own handler', server: 'ok', end: 'own handler', arrives: true },
  { what: 'SIGKILL', server: 'ok', end: 'SIGKILL', arrives: 'perhaps' },
  { what: 'SIGKILL, server down', server: 'down', end: 'SIGKILL', arrives: false },
  { what: 'disk full', server: 'ok', end: 'flush', disk: 'full', arrives: true },
  {
    what: 'disk full, server down',
    server: 'down',
    end: 'flush',
    disk: 'full',
    arrives: false,
    arrivesWithSpool: false,
  },
];

/** Times of one run of the matrix, in milliseconds. */
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
  /** Spans that arrived by the end of the process, and by the end of the next one. */
  readonly arrived: number;
  readonly arrivedAfterRestart: number;
  /** Spans that the server got twice. */
  readonly repeated: number;
  /** Files that the spool still has at the very end. */
  readonly files: number;
}

/** The second start has all the time in the world: what counts is that everything arrives. */
const PATIENCE_MILLIS = 30_000;

/** Runs the program under a fault, then starts it once more with everything well. */
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
