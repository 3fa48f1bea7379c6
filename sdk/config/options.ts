/**
 * The options of `init`, decided once: argument, then environment variable, then default. One row
 * per option; nothing else in the SDK reads the environment.
 */

import { LIMITS } from '../../wire/protocol.ts';
import { isList, isObject, isText, textOf } from '../platform/values.ts';
import type { Mask } from '../redaction/mask.ts';
import type { OnWarning } from '../report/warnings.ts';
import { snapshot } from '../serialize/snapshot.ts';
import { OptionsError } from './errors.ts';
import {
  callback,
  decide,
  type Environment,
  flag,
  isFilled,
  isWithin,
  type Row,
  rule,
  switchOr,
  text,
  whole,
} from './option.ts';
import { PROVIDER_PACKAGES, type ProviderPackage, readPackages } from './provider-packages.ts';
import { readSession, type Session, type SessionInfo } from './session.ts';

/** Where an application runs: `local` writes a SQLite file, `dev` and `prod` send to the endpoint. */
export type Mode = 'local' | 'dev' | 'prod';

/** Options of {@link init}. Each may also be left to its environment variable, or to its default. */
export interface InitOptions {
  /** Name of the application. `AGENSIGHT_NAME`; default: `OTEL_SERVICE_NAME`, else `app`. */
  name?: string | undefined;
  /** `AGENSIGHT_MODE`; default: `dev` when there is a token, else `local`. */
  mode?: Mode | undefined;
  /** Ingest token, required in `dev` and `prod`. `AGENSIGHT_TOKEN`. */
  token?: string | undefined;
  /** URL of the ingest endpoint. `AGENSIGHT_ENDPOINT`; default: `http://127.0.0.1:4318`. */
  endpoint?: string | undefined;
  /** Session of all traces that name no other. `AGENSIGHT_SESSION` (an id); default: none. */
  session?: Session | undefined;
  /** Who all traces are for that name no other. `AGENSIGHT_USER_ID`; default: the user of the session. */
  userId?: string | undefined;
  /** The same as `userId`. */
  user_id?: string | undefined;
  /** Short texts that every trace carries. `AGENSIGHT_TAGS` (with commas); default: none. */
  tags?: readonly string[] | undefined;
  /** Version of the application. `AGENSIGHT_RELEASE`; default: none. */
  release?: string | undefined;
  /**
   * Where it is deployed, such as `staging`. It stands in the metadata of each trace under
   * OpenTelemetry's name, `deployment.environment.name`. `AGENSIGHT_ENVIRONMENT`; default: none.
   */
  environment?: string | undefined;
  /** Facts that every trace carries, such as a region. Default: none. */
  metadata?: Readonly<Record<string, unknown>> | undefined;
  /**
   * False: no arguments, results, messages, contents of tool calls, or messages of errors are
   * recorded; structure, times, tokens, models and what is set by hand (attributes, tags, metadata)
   * are. `AGENSIGHT_CAPTURE_CONTENT`; default: true.
   */
  captureContent?: boolean | undefined;
  /** Changes or removes values before they leave or are stored. See {@link Mask}. Default: none. */
  mask?: Mask | undefined;
  /**
   * Replaces secrets by marks before anything leaves or is stored: keys of providers, bearer tokens,
   * JSON Web Tokens, private keys, passwords in URLs, card numbers, and what stands under names such
   * as `password`. `AGENSIGHT_MASK_SECRETS`; default: true.
   */
  maskSecrets?: boolean | undefined;
  /**
   * The part of traces that is recorded, from 0 to 1, decided by the trace id: every service comes to
   * the same answer. A trace that came from elsewhere is recorded if it is there.
   * `AGENSIGHT_SAMPLE_RATE`; default: 1.
   */
  sampleRate?: number | undefined;
  /** False: wrapped functions just run. `AGENSIGHT_ENABLED`; default: true. */
  enabled?: boolean | undefined;
  /** Memory for records that wait; beyond it they are dropped. `AGENSIGHT_MAX_QUEUE_BYTES`; default: 64 MiB. */
  maxQueueBytes?: number | undefined;
  /** Size of one request before compression. `AGENSIGHT_MAX_BATCH_BYTES`; default: 1,000,000. */
  maxBatchBytes?: number | undefined;
  /** Longest wait before records leave. `AGENSIGHT_FLUSH_INTERVAL_MILLIS`; default: 1,000. */
  flushIntervalMillis?: number | undefined;
  /** Time for one request. `AGENSIGHT_REQUEST_TIMEOUT_MILLIS`; default: 10,000. */
  requestTimeoutMillis?: number | undefined;
  /** Requests under way at a time. `AGENSIGHT_MAX_CONCURRENT_REQUESTS`; default: 4. */
  maxConcurrentRequests?: number | undefined;
  /** Longest time that the end of the process is held. `AGENSIGHT_EXIT_TIMEOUT_MILLIS`; default: 2,000. */
  exitTimeoutMillis?: number | undefined;
  /**
   * Writes records to disk before anything else, and sends at the next start what could not be sent:
   * a crash, a kill or a day of outage loses nothing. True, or the folder. Without effect in local
   * mode, which is on disk anyway. `AGENSIGHT_SPOOL`; default: false; true is `.agensight/spool`.
   */
  spool?: boolean | string | undefined;
  /** Disk for records that wait; beyond it they wait in memory. `AGENSIGHT_MAX_SPOOL_BYTES`; default: 1 GiB. */
  maxSpoolBytes?: number | undefined;
  /**
   * Keeps a serverless platform awake until a promise is settled: `waitUntil` of `@vercel/functions`
   * or of `cloudflare:workers`, or `after` of `next/server`. Called once per delivery. Default: none.
   */
  waitUntil?: WaitUntil | undefined;
  /**
   * Delivers on SIGTERM and SIGINT, no longer than `exitTimeoutMillis`, and then lets the signal do
   * what it would have done. A program with listeners of its own is left to them.
   * `AGENSIGHT_HANDLE_SIGNALS`; default: true.
   */
  handleSignals?: boolean | undefined;
  /** SQLite file of local mode. `AGENSIGHT_LOCAL_FILE`; default: `.agensight/agensight.db`. */
  localFile?: string | undefined;
  /**
   * Records the calls of the provider packages that the application uses: `openai`,
   * `@anthropic-ai/sdk`, `@google/genai`. True, false, or a list of them.
   * `AGENSIGHT_AUTO_INSTRUMENT` (names with commas between them); default: true.
   */
  autoInstrument?: boolean | readonly ProviderPackage[] | undefined;
  /** Told once per kind of trouble. Default: a process warning. */
  onWarning?: OnWarning | undefined;
}

/** Keeps a serverless platform awake until a promise is settled. */
export type WaitUntil = (promise: Promise<unknown>) => unknown;

/** What `init` decided. */
export interface Settings {
  readonly name: string;
  readonly mode: Mode;
  readonly token: string;
  readonly endpoint: string;
  readonly session: SessionInfo | undefined;
  readonly userId: string | null;
  readonly tags: readonly string[] | null;
  readonly release: string | null;
  readonly environment: string | null;
  /** JSON text of an object, or null. */
  readonly metadata: string | null;
  readonly captureContent: boolean;
  readonly mask: Mask | undefined;
  readonly maskSecrets: boolean;
  readonly sampleRate: number;
  readonly enabled: boolean;
  readonly maxQueueBytes: number;
  readonly maxBatchBytes: number;
  readonly flushIntervalMillis: number;
  readonly requestTimeoutMillis: number;
  readonly maxConcurrentRequests: number;
  readonly exitTimeoutMillis: number;
  /** Folder, or empty for none. */
  readonly spool: string;
  readonly maxSpoolBytes: number;
  readonly waitUntil: WaitUntil | undefined;
  readonly handleSignals: boolean;
  readonly localFile: string;
  readonly autoInstrument: readonly ProviderPackage[];
  readonly onWarning: OnWarning | undefined;
}

/** The environment of this process; empty where there is none. */
export const processEnvironment = (): Environment => globalThis.process?.env ?? {};

type Given = Omit<Settings, 'mode'> & { readonly mode: Mode | undefined };

const ROWS: { readonly [K in keyof Given]: Row<Given[K]> } = {
  name: text<string>((env) => env.OTEL_SERVICE_NAME || 'app'),
  mode: rule<Mode | undefined>(undefined, "'local', 'dev' or 'prod'", (given) =>
    ['local', 'dev', 'prod'].some((mode) => mode === given),
  ),
  token: rule(
    '',
    'the token, without spaces',
    (given) => isText(given) && /^[\x21-\x7e]+$/.test(given),
  ),
  endpoint: rule(
    'http://127.0.0.1:4318',
    'an http:// or https:// URL',
    (given) => isText(given) && /^https?:$/.test(URL.parse(given)?.protocol ?? ''),
  ),
  session: {
    check: (given) => {
      const facts = readSession(given);
      return isText(facts) ? { problem: facts } : { value: facts };
    },
    fallback: undefined,
  },
  userId: text<string | null>(null),
  tags: rule<readonly string[] | null>(
    null,
    `a list of up to ${LIMITS.maxTags} texts`,
    (given) => isList(given) && given.length <= LIMITS.maxTags && given.every(textOf),
    (spelled) => spelled.split(/\s*,\s*/),
    (given) => [...(given as string[])],
  ),
  release: text<string | null>(null),
  environment: text<string | null>(null),
  metadata: rule<string | null>(
    null,
    'an object',
    (given) => isObject(given) && !isList(given),
    null,
    snapshot,
  ),
  captureContent: flag(true),
  mask: callback<Mask>(),
  maskSecrets: flag(true),
  sampleRate: rule(
    1,
    'a number from 0 (none) to 1 (all)',
    (given) => isWithin(given, 0, 1),
    Number,
  ),
  enabled: flag(true),
  maxQueueBytes: whole(67_108_864, 65_536, Number.MAX_SAFE_INTEGER),
  // Worst case, each UTF-16 unit is three bytes on the wire.
  maxBatchBytes: whole(1_000_000, 1_024, Math.floor(LIMITS.maxInflatedBytes / 4)),
  flushIntervalMillis: whole(1_000, 0, 3_600_000),
  requestTimeoutMillis: whole(10_000, 1, 600_000),
  maxConcurrentRequests: whole(4, 1, 64),
  exitTimeoutMillis: whole(2_000, 0, 600_000),
  spool: rule(
    '',
    'true, false or a folder',
    (given) => typeof given === 'boolean' || isFilled(given),
    switchOr((folder) => folder),
    (given) => (given === true ? '.agensight/spool' : given || ''),
  ),
  maxSpoolBytes: whole(1_073_741_824, 1_048_576, Number.MAX_SAFE_INTEGER),
  waitUntil: callback<WaitUntil>(),
  handleSignals: flag(true),
  localFile: text<string>('.agensight/agensight.db'),
  autoInstrument: rule<readonly ProviderPackage[]>(
    PROVIDER_PACKAGES,
    `true, false or a list of ${PROVIDER_PACKAGES.join(', ')}`,
    readPackages,
    switchOr((names) => names.split(/[\s,]+/)),
    readPackages,
  ),
  onWarning: callback<OnWarning>(),
};

/**
 * Settings from the argument of `init` and an environment. A bad argument throws
 * {@link OptionsError}; a bad variable is replaced by the default and told in `problems`, because
 * whoever deploys must not be able to stop a program by a typo.
 */
export function resolveOptions(
  argument: InitOptions,
  env: Environment,
): { readonly settings: Settings; readonly problems: readonly string[] } {
  if (!isObject(argument)) {
    throw new OptionsError('init', 'takes an object: init({ name })');
  }
  for (const key of Object.keys(argument)) {
    if (!(key in ROWS || key === 'user_id')) {
      throw new OptionsError(key, `does not exist; use one of: ${Object.keys(ROWS).join(', ')}`);
    }
  }
  const problems: string[] = [];
  const decided: Record<string, unknown> = {};
  for (const [key, row] of Object.entries(ROWS) as [keyof Given, Row<unknown>][]) {
    const alias = key === 'userId' ? argument.user_id : undefined;
    decided[key] = decide(key, row, argument[key] ?? alias, env, problems);
  }
  const given = decided as unknown as Given;
  const mode = given.mode ?? (given.token === '' ? 'local' : 'dev');
  if (given.enabled && mode !== 'local' && given.token === '') {
    throw new OptionsError(
      'token',
      `is missing, and mode '${mode}' needs it: pass it or set AGENSIGHT_TOKEN, or use mode 'local'`,
    );
  }
  return { settings: { ...given, mode }, problems };
}
