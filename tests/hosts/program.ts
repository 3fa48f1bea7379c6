/** What a program of `programs/` is and gets. */
import type * as Agensight from '../../sdk/index.ts';
import type { TableName } from '../../wire/records.ts';
import type { Provider, Route } from './provider/server.ts';
import type { RowCheck, Tables } from './row-checks.ts';

type Init = Parameters<typeof Agensight.init>[0];

export const USUAL_SETS = ['newest', 'previous'] as const;
/** For programs that depend on how a client makes its promises. */
export const EVERY_SET = ['newest', 'between', 'previous'] as const;
/** For programs about what a provider answers, whatever the client is. */
export const ONE_SET = ['newest'] as const;

/** Run without the SDK and with it; both must see the same. */
export interface Program {
  readonly name: string;
  /**
   * What it loads, as it would be imported, before `init()`. A program that needs no package runs once.
   */
  readonly packages?: readonly string[];
  /** The sets that it runs on, if they have its packages; by default `USUAL_SETS`. */
  readonly sets?: readonly string[];
  /** Options of `init()` beside the endpoint and the token. */
  readonly init?: Init;
  /** Does the work and returns what it saw, as plain data that is the same in each run. */
  run(host: Host): unknown;
  /** What the tables must hold by the time that `flush()` returns. */
  readonly rows?: readonly (RowCheck | ((tables: Tables) => string[]))[];
}

/** What a program works with. */
export interface Host {
  /** The package by this name, from the set that the program runs on. */
  // biome-ignore lint/suspicious/noExplicitAny: the package exists in several versions, none of them installed here
  load(specifier: string): Promise<any>;
  /** Starts a provider, which is closed after the program. */
  provider(route: Route): Promise<Provider>;
  /** The functions of the SDK; without it, functions that change nothing. */
  readonly agensight: HostSdk;
  /** True with the SDK: only to pass what a program would not have otherwise. */
  readonly isRecorded: boolean;
  /** What a function returns, or the error that it throws as plain data. */
  attempt(work: () => unknown): Promise<unknown>;
  pause(millis: number): Promise<void>;
  /** Waits until the providers were asked and have answered, and what follows from it has happened. */
  quiet(): Promise<void>;
}

type Wrap = typeof Agensight.span & typeof Agensight.trace;

/** The part of the SDK that programs use. */
export interface HostSdk
  extends Pick<
    typeof Agensight,
    'bind' | 'currentTrace' | 'extract' | 'inject' | 'instrument' | 'serverless' | 'withSession'
  > {
  readonly span: Wrap;
  readonly trace: Wrap;
  readonly agentsTraceProcessor?: unknown;
  readonly tracer?: unknown;
  readonly tracerProvider?: unknown;
}

/** What one run of a program saw, and how its process ended. */
export interface Seen {
  readonly result: unknown;
  readonly thrown: unknown;
  /** Uncaught errors and unhandled rejections. */
  readonly uncaught: readonly string[];
  readonly warnings: readonly string[];
  /** False when the process ended before the program did. */
  readonly isFinished: boolean;
  /** True when something kept the process from ending after the program. */
  readonly isHeld: boolean;
}

export const RECORD_TABLES: readonly TableName[] = [
  'sessions',
  'traces',
  'spans',
  'prompts',
  'completions',
  'tools',
];
