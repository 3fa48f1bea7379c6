/**
 * The settings of a command, resolved once. Precedence: option, environment variable,
 * `.agensight/local.env` as `npm start` writes it (ignored when an endpoint or a Supabase URL is
 * given), default. No other file of the CLI reads the environment.
 */
import { readFileSync } from 'node:fs';
import { parseEnv } from 'node:util';
import { DEFAULT_ENDPOINT, DEFAULT_LOCAL_FILE } from '../../wire/protocol.ts';
import {
  type Form,
  HEADER_VALUE_FORM,
  HTTP_URL_FORM,
  ORIGIN_FORM,
  POSTGRES_URL_FORM,
} from '../../wire/settings.ts';
import { UsageError } from './errors.ts';
import type { Options } from './option.ts';

/** File in which `npm start` writes how to connect to the local stack. */
export const LOCAL_ENV = '.agensight/local.env';

/** A value and its source: `--endpoint`, `AGENSIGHT_ENDPOINT`, the file, or `default`. */
export interface Setting {
  readonly value: string;
  readonly from: string;
}

interface Source {
  /** Without the dashes. */
  readonly option: string;
  /** In order of precedence. */
  readonly variables: readonly string[];
  readonly fallback?: string;
  /** Checked when the command has the option. */
  readonly form?: Form;
}

const SOURCES = {
  token: { option: 'token', variables: ['AGENSIGHT_TOKEN'], form: HEADER_VALUE_FORM },
  endpoint: {
    option: 'endpoint',
    variables: ['AGENSIGHT_ENDPOINT'],
    fallback: DEFAULT_ENDPOINT,
    form: HTTP_URL_FORM,
  },
  file: {
    option: 'file',
    variables: ['AGENSIGHT_LOCAL_FILE'],
    fallback: DEFAULT_LOCAL_FILE,
  },
  spool: { option: 'spool', variables: ['AGENSIGHT_SPOOL'], fallback: '.agensight/spool' },
  supabaseUrl: { option: 'supabase-url', variables: ['SUPABASE_URL'], form: ORIGIN_FORM },
  supabaseKey: {
    option: 'supabase-key',
    variables: ['SUPABASE_SECRET_KEY', 'SUPABASE_PUBLISHABLE_KEY'],
    form: HEADER_VALUE_FORM,
  },
  userToken: {
    option: 'user-token',
    variables: ['SUPABASE_USER_TOKEN'],
    form: HEADER_VALUE_FORM,
  },
  project: { option: 'project', variables: ['AGENSIGHT_PROJECT'] },
  databaseUrl: { option: 'database-url', variables: ['DATABASE_URL'], form: POSTGRES_URL_FORM },
} as const satisfies Record<string, Source>;

type Name = keyof typeof SOURCES;

export type Settings = Readonly<Record<Name, Setting | undefined>> & {
  readonly endpoint: Setting;
  readonly file: Setting;
  readonly spool: Setting;
};

/** Options of commands that send records. */
export const SEND_OPTIONS = {
  token: { type: 'string', value: 'TOKEN', help: 'ingest token (AGENSIGHT_TOKEN)' },
  endpoint: {
    type: 'string',
    value: 'URL',
    help: `ingest endpoint (AGENSIGHT_ENDPOINT; default ${DEFAULT_ENDPOINT})`,
  },
} as const satisfies Options;

/** Options of commands that read the tables in Postgres. */
export const READ_OPTIONS = {
  'supabase-url': { type: 'string', value: 'URL', help: 'Supabase project (SUPABASE_URL)' },
  'supabase-key': {
    type: 'string',
    value: 'KEY',
    help: 'its secret key (SUPABASE_SECRET_KEY), or its publishable key with --user-token',
  },
  'user-token': {
    type: 'string',
    value: 'JWT',
    help: 'access token of a signed-in member (SUPABASE_USER_TOKEN)',
  },
  project: {
    type: 'string',
    value: 'ID',
    help: 'project to read, by id or name (AGENSIGHT_PROJECT; default: that of the token)',
  },
} as const satisfies Options;

/** Options of commands that read the SQLite file of mode `local`. */
export const FILE_OPTIONS = {
  file: {
    type: 'string',
    value: 'FILE',
    help: `SQLite file (AGENSIGHT_LOCAL_FILE; default ${DEFAULT_LOCAL_FILE})`,
  },
} as const satisfies Options;

/** Options of commands that connect to Postgres itself. */
export const DATABASE_OPTIONS = {
  'database-url': {
    type: 'string',
    value: 'URL',
    help: 'postgresql://user:password@host:5432/database (DATABASE_URL)',
  },
} as const satisfies Options;

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Resolves all settings and validates those that the command has options for.
 *
 * @param options parsed options of the command line
 * @param known the options that the command has
 * @throws UsageError that lists every invalid setting
 */
export function readSettings(
  options: Readonly<Record<string, string | boolean | undefined>>,
  known: Options,
  environment: Environment = process.env,
): Settings {
  // The values of local.env belong together: reading half of them would mix two servers.
  const isElsewhere = [SOURCES.endpoint, SOURCES.supabaseUrl].some(
    ({ option, variables: [variable] }) => options[option] || environment[variable],
  );
  const file = isElsewhere ? {} : readLocalEnv();
  const problems: string[] = [];
  const resolve = (source: Source): Setting | undefined => {
    const setting = find(source, options, environment, file);
    if (setting && source.form?.accepts(setting.value) === false && source.option in known) {
      problems.push(`${setting.from} ${source.form.problem}`);
    }
    return setting;
  };
  const settings = Object.entries(SOURCES).map(([name, source]) => [name, resolve(source)]);
  if (problems.length > 0) throw new UsageError(problems.join('; '));
  return Object.fromEntries(settings) as unknown as Settings;
}

function find(
  { option, variables, fallback }: Source,
  options: Readonly<Record<string, string | boolean | undefined>>,
  environment: Environment,
  file: Environment,
): Setting | undefined {
  const given = options[option];
  if (typeof given === 'string') return { value: given, from: `--${option}` };
  for (const [values, suffix] of [
    [environment, ''],
    [file, ` in ${LOCAL_ENV}`],
  ] as const) {
    for (const variable of variables) {
      const value = values[variable];
      if (value) return { value, from: variable + suffix };
    }
  }
  return fallback === undefined ? undefined : { value: fallback, from: 'default' };
}

function readLocalEnv(): Environment {
  try {
    return parseEnv(readFileSync(LOCAL_ENV, 'utf8'));
  } catch {
    return {};
  }
}

/** The variables of OpenTelemetry's exporters, which `doctor` checks. */
export const exporterVariables = (environment: Environment = process.env): Environment =>
  Object.fromEntries(
    Object.entries(environment).filter(([name]) => name.startsWith('OTEL_EXPORTER_OTLP_')),
  );

/**
 * Colours and width of the output. Colours only on a terminal and without `NO_COLOR`
 * (https://no-color.org); `FORCE_COLOR` enables them everywhere, as in Node.
 */
export function readDisplay(
  stream: { readonly isTTY?: boolean; readonly columns?: number },
  environment: Environment = process.env,
): { readonly colour: boolean; readonly columns: number } {
  const { NO_COLOR, FORCE_COLOR, COLUMNS, TERM } = environment;
  const isTerminal = stream.isTTY === true && TERM !== 'dumb';
  const isForced = !!FORCE_COLOR && FORCE_COLOR !== '0';
  const width = stream.columns ?? Number(COLUMNS);
  return {
    colour: !NO_COLOR && (isForced || isTerminal),
    columns: width >= 20 ? width : Number.POSITIVE_INFINITY,
  };
}

/** Characters of a token that the table `tokens` keeps. */
export const PREFIX_LENGTH = 12;

/** A token as it may be shown: only the prefix that the table `tokens` keeps. */
export function maskToken(token: string): string {
  return token.length > 24 ? `${token.slice(0, PREFIX_LENGTH)}…` : '…';
}
