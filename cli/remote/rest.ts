/** Reading the tables in Postgres, through PostgREST and nothing but `fetch`. */
import { createHash } from 'node:crypto';
import { DATABASE_SCHEMA } from '../../wire/protocol.ts';
import { Failure, UsageError } from '../shell/command.ts';
import { PREFIX_LENGTH, type Setting, type Settings } from '../shell/settings.ts';
import { type Answer, request } from './request.ts';

/** Conditions and order, as PostgREST writes them: `{ trace_id: 'eq.abc', order: 'id' }`. */
export type Query = Readonly<Record<string, string | number>>;

/** Rows that PostgREST gives at once unless it is told otherwise on the server (`max_rows`). */
export const PAGE_ROWS = 1_000;

export const READ_CURE =
  'Set SUPABASE_URL and SUPABASE_SECRET_KEY (or --supabase-url and --supabase-key).';

export class Rest {
  readonly url: URL;
  readonly #headers: Record<string, string>;

  /** @throws UsageError when the URL is none */
  constructor(url: Setting, key: string, userToken: string | undefined) {
    if (!URL.canParse(url.value) || !/^https?:$/.test(new URL(url.value).protocol)) {
      throw new UsageError(`${url.from} must be an http:// or https:// URL`);
    }
    this.url = new URL(url.value);
    // Keys of the older kind are JWTs and stand for a role by themselves.
    const bearer = userToken ?? (key.startsWith('eyJ') ? key : undefined);
    this.#headers = {
      apikey: key,
      'accept-profile': DATABASE_SCHEMA,
      'content-profile': DATABASE_SCHEMA,
      ...(bearer ? { authorization: `Bearer ${bearer}` } : {}),
    };
  }

  /** @throws Failure when the rows cannot be read */
  async rows<Row>(table: string, query: Query): Promise<Row[]> {
    const answer = await this.#get(table, query);
    if (!Array.isArray(answer.json)) throw refused(this.url, answer);
    return answer.json as Row[];
  }

  /** The same as JSON text. */
  async text(table: string, query: Query): Promise<string> {
    const answer = await this.#get(table, query);
    if (!Array.isArray(answer.json)) throw refused(this.url, answer);
    return answer.text;
  }

  /**
   * How many rows there are: counted, or where that takes too long, as Postgres estimates it.
   *
   * @throws Failure when they cannot be counted
   */
  async count(table: string, query: Query): Promise<number> {
    let answer: Answer | undefined;
    for (const how of ['exact', 'estimated']) {
      answer = await request(this.#at(table, { ...query, limit: 0 }), {
        headers: { ...this.#headers, prefer: `count=${how}` },
      });
      const total = /\/(\d+)$/.exec(answer.headers.get('content-range') ?? '')?.[1];
      if (total !== undefined) return Number(total);
      if (answer.status < 500) break;
    }
    throw refused(this.url, answer as Answer);
  }

  /** The project behind a token; undefined when the token is no good, or this key may not ask. */
  async projectOfToken(token: string): Promise<string | undefined> {
    const answer = await request(this.#at('rpc/authenticate', {}), {
      method: 'POST',
      headers: { ...this.#headers, 'content-type': 'application/json' },
      body: JSON.stringify({ token_hash: createHash('sha256').update(token).digest('hex') }),
    });
    const id = (answer.json as { project_id?: unknown } | null | undefined)?.project_id;
    return typeof id === 'string' ? id : undefined;
  }

  async #get(table: string, query: Query): Promise<Answer> {
    const answer = await request(this.#at(table, query), { headers: this.#headers });
    if (answer.status !== 200 && answer.status !== 206) throw refused(this.url, answer);
    return answer;
  }

  #at(path: string, query: Query): URL {
    const url = new URL(`${this.url.href.replace(/\/+$/, '')}/rest/v1/${path}`);
    for (const [name, value] of Object.entries(query)) url.searchParams.set(name, String(value));
    return url;
  }
}

/** The way to the tables; undefined when the settings name none. */
export function openRest({ supabaseUrl, supabaseKey, userToken }: Settings): Rest | undefined {
  if (!supabaseUrl || !supabaseKey) return undefined;
  return new Rest(supabaseUrl, supabaseKey.value, userToken?.value);
}

function refused(url: URL, { status, json }: Answer): Failure {
  const { code, message } = (json ?? {}) as { code?: unknown; message?: unknown };
  const said = typeof message === 'string' ? `${status}: ${message}` : `status ${status}`;
  const text = `${url.origin} does not give the rows (${said})`;
  if (code === 'PGRST205' || code === '42P01') {
    return new Failure(text, 'The tables are not there: npx supabase link, npx supabase db push.');
  }
  if (status === 401 || status === 403) {
    return new Failure(text, 'Use the secret key, or the publishable key with --user-token.');
  }
  if (json === undefined) return new Failure(text, 'SUPABASE_URL is not the URL of Supabase.');
  return new Failure(text, 'Look whether the Supabase project is up.');
}

export interface Project {
  readonly id: string;
  readonly name: string;
}

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/**
 * The project to read: the one that was named, else that of the token, else the only one there is.
 *
 * @throws Failure when there is none, or more than one to choose from
 */
export async function findProject(rest: Rest, { project, token }: Settings): Promise<Project> {
  const wanted = project
    ? { [UUID.test(project.value) ? 'id' : 'name']: `eq.${project.value}` }
    : await ofToken(rest, token?.value);
  const order = { select: 'id,name', order: 'created_at', limit: 11 };
  const found = await rest.rows<Project>('projects', { ...wanted, ...order });
  const [only, second] = found;
  if (only && !second) return only;
  if (!only) {
    throw project
      ? new Failure(
          `there is no project ${project.value} (${project.from})`,
          'Look at the table projects.',
        )
      : new Failure(
          'this key sees no project',
          "Make one: select * from agensight.create_project('my app');",
        );
  }
  const names = found.slice(0, 10).map(({ id, name }) => `${name} (${id})`);
  throw new Failure(
    `there are several projects: ${names.join(', ')}`,
    'Choose one with --project.',
  );
}

async function ofToken(rest: Rest, token: string | undefined): Promise<Query> {
  const id = token && (await rest.projectOfToken(token));
  return id ? { id: `eq.${id}` } : {};
}

/** What the tables know of a token that was refused; null when they know nothing against it. */
export async function fateOf(rest: Rest, token: string): Promise<string | null> {
  const [row] = await rest.rows<{
    name: string;
    expires_at: string | null;
    revoked_at: string | null;
    scopes: string[];
  }>('tokens', {
    select: 'name,expires_at,revoked_at,scopes',
    prefix: `eq.${token.slice(0, PREFIX_LENGTH)}`,
  });
  if (!row) return `it is not among the tokens of ${rest.url.origin}`;
  const isPast = (at: string | null): at is string => at !== null && Date.parse(at) <= Date.now();
  if (isPast(row.revoked_at)) return `'${row.name}' was revoked at ${row.revoked_at}`;
  if (isPast(row.expires_at)) return `'${row.name}' expired at ${row.expires_at}`;
  return row.scopes.includes('ingest') ? null : `'${row.name}' may only ${row.scopes.join(', ')}`;
}
