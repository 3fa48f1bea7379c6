/**
 * What the commands know of their surroundings, decided once: option, environment variable,
 * `.agensight/local.env` of `npm start` (unless an endpoint or a Supabase URL is given), default.
 * Nothing else here reads the environment.
 */
import { readFileSync } from 'node:fs';
import { parseEnv } from 'node:util';
import type { Options } from './option.ts';

/** Where `npm start` writes how to connect to it. */
export const LOCAL_ENV = '.agensight/local.env';

/** A value, and who said so: `--endpoint`, `AGENSIGHT_ENDPOINT`, the file, or `default`. */
export interface Setting {
  readonly value: string;
  readonly from: string;
}

interface Source {
  /** Without the dashes. */
  readonly option: string;
  /** Read in this order. */
  readonly variables: readonly string[];
  readonly fallback?: string;
}

const SOURCES = {
  token: { option: 'token', variables: ['AGENSIGHT_TOKEN'] },
  endpoint: {
    option: 'endpoint',
    variables: ['AGENSIGHT_ENDPOINT'],
    fallback: 'http://127.0.0.1:4318',
  },
  file: {
    option: 'file',
    variables: ['AGENSIGHT_LOCAL_FILE'],
    fallback: '.agensight/agensight.db',
  },
  spool: { option: 'spool', variables: ['AGENSIGHT_SPOOL'], fallback: '.agensight/spool' },
  supabaseUrl: { option: 'supabase-url', variables: ['SUPABASE_URL'] },
  supabaseKey: {
    option: 'supabase-key',
    variables: ['SUPABASE_SECRET_KEY', 'SUPABASE_PUBLISHABLE_KEY'],
  },
  userToken: { option: 'user-token', variables: ['SUPABASE_USER_TOKEN'] },
  project: { option: 'project', variables: ['AGENSIGHT_PROJECT'] },
} as const satisfies Record<string, Source>;

type Name = keyof typeof SOURCES;

export type Settings = Readonly<Record<Name, Setting | undefined>> & {
  readonly endpoint: Setting;
  readonly file: Setting;
  readonly spool: Setting;
};

/** Options of commands that send. */
export const SEND_OPTIONS = {
  token: { type: 'string', value: 'TOKEN', help: 'ingest token (AGENSIGHT_TOKEN)' },
  endpoint: {
    type: 'string',
    value: 'URL',
    help: 'ingest endpoint (AGENSIGHT_ENDPOINT; default http://127.0.0.1:4318)',
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
    help: 'SQLite file (AGENSIGHT_LOCAL_FILE; default .agensight/agensight.db)',
  },
} as const satisfies Options;

type Environment = Readonly<Record<string, string | undefined>>;

/** The settings of a command line. */
export function readSettings(
  options: Readonly<Record<string, string | boolean | undefined>>,
  environment: Environment = process.env,
): Settings {
  // What stands in local.env belongs together: half of it would mix two servers.
  const isElsewhere = [SOURCES.endpoint, SOURCES.supabaseUrl].some(
    ({ option, variables: [variable] }) => options[option] || environment[variable],
  );
  const file = isElsewhere ? {} : readLocalEnv();
  const decide = ({ option, variables, fallback }: Source): Setting | undefined => {
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
  };
  return Object.fromEntries(
    Object.entries(SOURCES).map(([name, source]) => [name, decide(source)]),
  ) as unknown as Settings;
}

function readLocalEnv(): Environment {
  try {
    return parseEnv(readFileSync(LOCAL_ENV, 'utf8'));
  } catch {
    return {};
  }
}

/**
 * Whether and how wide to draw. Colours only on a terminal and without `NO_COLOR`
 * (https://no-color.org); `FORCE_COLOR` asks for them anywhere, as it does of Node.
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

/** How much of a token stands in the table `tokens`. */
export const PREFIX_LENGTH = 12;

/** A token as it may be shown: enough of it to be recognised in the table `tokens`. */
export function maskToken(token: string): string {
  return token.length > 24 ? `${token.slice(0, PREFIX_LENGTH)}…` : '…';
}
