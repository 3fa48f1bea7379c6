/**
 * Resolves the options of `init`: argument, then environment variable, then default. One row per
 * option; no other file of the SDK reads the environment.
 */

import { DEFAULT_ENDPOINT, DEFAULT_LOCAL_FILE, LIMITS } from '../../wire/protocol.ts';
import {
  DEFAULT_PERSONAL,
  PERSONAL_KINDS,
  type PersonalKind,
} from '../../wire/redaction/personal.ts';
import type { Masking } from '../../wire/redaction/redact-text.ts';
import { isObject } from '../../wire/values.ts';
import { attempt, hasFields, isList, isText, textOf } from '../platform/values.ts';
import type { Mask } from '../redaction/mask.ts';
import type { LogLevel, OnWarning } from '../report/warnings.ts';
import { snapshot } from '../serialize/snapshot.ts';
import type { InitOptions, Mode, WaitUntil } from './init-options.ts';
import {
  callback,
  type Environment,
  flag,
  isFilled,
  isWithin,
  OptionsError,
  type Row,
  resolveOption,
  rule,
  switchOr,
  text,
  whole,
} from './option.ts';
import { PROVIDER_PACKAGES, type ProviderPackage, readPackages } from './provider-packages.ts';
import { readSession, type SessionInfo } from './session.ts';

/** The resolved options. */
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
  /** Of the options `maskSecrets` and `maskPersonal`. */
  readonly masking: Masking;
  readonly sampleRate: number;
  readonly enabled: boolean;
  readonly maxQueueBytes: number;
  readonly maxBatchBytes: number;
  readonly flushIntervalMillis: number;
  readonly requestTimeoutMillis: number;
  readonly maxConcurrentRequests: number;
  readonly exitTimeoutMillis: number;
  /** Path of the folder; empty for no spool. */
  readonly spool: string;
  readonly maxSpoolBytes: number;
  readonly waitUntil: WaitUntil | undefined;
  readonly handleSignals: boolean;
  readonly localFile: string;
  readonly autoInstrument: readonly ProviderPackage[];
  readonly onWarning: OnWarning | undefined;
  readonly log: LogLevel;
}

/**
 * The environment variables of this process. None on runtimes without `process`; a variable that may not
 * be read, as on Deno without `--allow-env`, counts as not set.
 */
export function processEnvironment(): Environment {
  const env: Environment = globalThis.process?.env ?? {};
  return new Proxy<Environment>({}, { get: (_, name) => attempt(() => env[String(name)]) });
}

type Given = Omit<Settings, 'mode' | 'masking'> & {
  readonly mode: Mode | undefined;
  readonly maskSecrets: boolean;
  readonly maskPersonal: readonly PersonalKind[] | undefined;
};

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
    DEFAULT_ENDPOINT,
    'an http:// or https:// URL',
    (given) => isText(given) && /^https?:$/.test(URL.parse(given)?.protocol ?? ''),
  ),
  session: {
    check: (given) => {
      const session = readSession(given);
      return isText(session) ? { problem: session } : { value: session };
    },
    fallback: undefined,
  },
  userId: text<string | null>(null),
  tags: rule<readonly string[] | null>(
    null,
    `a list of up to ${LIMITS.maxTags} texts`,
    (given) => isList(given) && given.length <= LIMITS.maxTags && given.every(textOf),
    (variable) => variable.split(/\s*,\s*/),
    (given) => [...(given as string[])],
  ),
  release: text<string | null>(null),
  environment: text<string | null>(null),
  metadata: rule<string | null>(null, 'an object', isObject, null, snapshot),
  captureContent: flag(true),
  mask: callback<Mask>(),
  maskSecrets: flag(true),
  maskPersonal: rule<readonly PersonalKind[] | undefined>(
    undefined,
    `true, false or a list of ${PERSONAL_KINDS.join(', ')}`,
    readKinds,
    switchOr((names) => names.split(/[\s,]+/)),
    readKinds,
  ),
  sampleRate: rule(
    1,
    'a number from 0 (none) to 1 (all)',
    (given) => isWithin(given, 0, 1),
    Number,
  ),
  enabled: flag(true),
  maxQueueBytes: whole(67_108_864, 65_536, Number.MAX_SAFE_INTEGER),
  // A UTF-16 unit takes up to three bytes in UTF-8.
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
  localFile: text<string>(DEFAULT_LOCAL_FILE),
  autoInstrument: rule<readonly ProviderPackage[]>(
    PROVIDER_PACKAGES,
    `true, false or a list of ${PROVIDER_PACKAGES.join(', ')}`,
    readPackages,
    switchOr((names) => names.split(/[\s,]+/)),
    readPackages,
  ),
  onWarning: callback<OnWarning>(),
  log: rule<LogLevel>(
    'warn',
    "'warn', 'error' or 'silent'",
    (given) => ['warn', 'error', 'silent'].some((level) => level === given),
    (variable) => variable.toLowerCase(),
  ),
};

/** The kinds of personal data that a value names; undefined if it is invalid. */
function readKinds(given: unknown): readonly PersonalKind[] | undefined {
  if (typeof given === 'boolean') return given ? PERSONAL_KINDS : [];
  return isList(given) && given.every((kind) => PERSONAL_KINDS.includes(kind))
    ? [...given]
    : undefined;
}

/**
 * Settings from the argument of `init` and an environment. An invalid variable is replaced by the
 * default and reported in `problems`, so that a typo in a deployment cannot stop the program.
 *
 * @throws {OptionsError} when the argument has an invalid or unknown option, or the token is missing.
 */
export function resolveOptions(
  argument: InitOptions,
  env: Environment,
): { readonly settings: Settings; readonly problems: readonly string[] } {
  if (!hasFields(argument)) {
    throw new OptionsError('AGENSIGHT_OPTIONS_INVALID', 'init', 'takes an object: init({ name })');
  }
  for (const key of Object.keys(argument)) {
    if (!(key in ROWS || key === 'user_id')) {
      throw new OptionsError(
        'AGENSIGHT_OPTION_UNKNOWN',
        key,
        `does not exist; use one of: ${Object.keys(ROWS).join(', ')}`,
      );
    }
  }
  const problems: string[] = [];
  const decided: Record<string, unknown> = {};
  for (const [key, row] of Object.entries(ROWS) as [keyof Given, Row<unknown>][]) {
    const alias = key === 'userId' ? argument.user_id : undefined;
    decided[key] = resolveOption(key, row, argument[key] ?? alias, env, problems);
  }
  const given = decided as unknown as Given;
  const mode = given.mode ?? (given.token === '' ? 'local' : 'dev');
  if (given.enabled && mode !== 'local' && given.token === '') {
    throw new OptionsError(
      'AGENSIGHT_TOKEN_MISSING',
      'token',
      `is missing, and mode '${mode}' needs it: pass it or set AGENSIGHT_TOKEN, or use mode 'local'`,
    );
  }
  const { maskSecrets, maskPersonal, ...rest } = given;
  const personal = maskPersonal ?? (maskSecrets ? DEFAULT_PERSONAL : []);
  const masking = { secrets: maskSecrets, personal };
  return { settings: { ...rest, mode, masking }, problems };
}
