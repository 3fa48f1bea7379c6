/** The PostgREST client: reads tables and calls functions with `fetch` alone. */
import * as z from 'zod/mini';
import { DATABASE_SCHEMA } from '../../wire/protocol.ts';
import { CliError } from '../shell/errors.ts';
import type { Settings } from '../shell/settings.ts';
import { type HttpResponse, request } from './request.ts';

/** Filters and order in PostgREST's syntax: `{ trace_id: 'eq.abc', order: 'id' }`. */
export type Query = Readonly<Record<string, string | number>>;

/** Rows per page: PostgREST's default limit (`max_rows`). */
export const PAGE_ROWS = 1_000;

export const READ_HINT =
  'Set SUPABASE_URL and SUPABASE_SECRET_KEY (or --supabase-url and --supabase-key).';

/** PostgREST's code for a schema that the Data API does not serve. */
const SCHEMA_NOT_EXPOSED = 'PGRST106';

const SCHEMA_HINT =
  'Apply the migrations: npx agensight migrate, or npx agensight init-cloud --migrations and npx supabase db push.';
const EXPOSE_HINT = `Add ${DATABASE_SCHEMA} to the exposed schemas: Project Settings, Data API.`;

export class Rest {
  readonly url: URL;
  readonly #headers: Readonly<Record<string, string>>;

  /**
   * @param url of the Supabase project
   * @param key secret or publishable key
   * @param userToken access token of a signed-in member, for the publishable key
   */
  constructor(url: string, key: string, userToken?: string) {
    this.url = new URL(url);
    // A legacy key is a JWT that carries its role, so it is the bearer token as well.
    const bearer = userToken ?? (key.startsWith('eyJ') ? key : undefined);
    this.#headers = {
      apikey: key,
      'accept-profile': DATABASE_SCHEMA,
      'content-profile': DATABASE_SCHEMA,
      ...(bearer ? { authorization: `Bearer ${bearer}` } : {}),
    };
  }

  /** @throws CliError when the rows cannot be read or have another form */
  async rows<Row>(table: string, query: Query, row: z.ZodMiniType<Row>): Promise<Row[]> {
    return this.#parse(z.array(row), await this.#get(table, query));
  }

  /**
   * The rows as JSON text, for values that `JSON.parse` would change.
   *
   * @throws CliError when the rows cannot be read
   */
  async text(table: string, query: Query): Promise<string> {
    const response = await this.#get(table, query);
    this.#parse(z.array(z.unknown()), response);
    return response.text;
  }

  /**
   * The number of rows: exact, or Postgres' estimate when counting times out.
   *
   * @throws CliError when the rows cannot be counted
   */
  async count(table: string, query: Query): Promise<number> {
    let response: HttpResponse | undefined;
    for (const method of ['exact', 'estimated']) {
      response = await request(this.#at(table, { ...query, limit: 0 }), {
        headers: { ...this.#headers, prefer: `count=${method}` },
      });
      const total = /\/(\d+)$/.exec(response.headers.get('content-range') ?? '')?.[1];
      if (total !== undefined) return Number(total);
      if (response.status < 500) break;
    }
    throw this.#error(response as HttpResponse);
  }

  /**
   * Calls a function.
   *
   * @throws CliError when it cannot be called or its result has another form
   */
  async rpc<Result>(name: string, args: object, result: z.ZodMiniType<Result>): Promise<Result> {
    const response = await request(this.#at(`rpc/${name}`, {}), {
      method: 'POST',
      headers: { ...this.#headers, 'content-type': 'application/json' },
      body: JSON.stringify(args),
    });
    if (response.status < 200 || response.status > 299) throw this.#error(response);
    return this.#parse(result, response);
  }

  async #get(table: string, query: Query): Promise<HttpResponse> {
    const response = await request(this.#at(table, query), { headers: this.#headers });
    if (response.status !== 200 && response.status !== 206) throw this.#error(response);
    return response;
  }

  #at(path: string, query: Query): URL {
    const url = new URL(`${this.url.href.replace(/\/+$/, '')}/rest/v1/${path}`);
    for (const [name, value] of Object.entries(query)) url.searchParams.set(name, String(value));
    return url;
  }

  #parse<T>(schema: z.ZodMiniType<T>, response: HttpResponse): T {
    const { success, data, error } = schema.safeParse(response.json);
    if (success) return data;
    if (response.json === undefined) throw this.#error(response);
    const [issue] = error.issues;
    const problem = `${issue?.path.join('.') || 'the body'}: ${issue?.message}`;
    throw new CliError(`${this.url.origin} answered in an unexpected form (${problem})`, {
      code: 'AGENSIGHT_CLI_REJECTED',
      hint: 'Check that SUPABASE_URL is the URL of the Supabase project.',
      cause: error,
    });
  }

  #error({ status, json }: HttpResponse): CliError {
    const { data } = PostgrestError.safeParse(json);
    const reason = data?.message ? `${status}: ${data.message}` : `status ${status}`;
    const message = `${this.url.origin} refused the request (${reason})`;
    if (/^(PGRST202|PGRST205|42P01|42883)$/.test(data?.code ?? '')) {
      const missing = `${this.url.origin} does not have the tables of Agensight (${reason})`;
      return new CliError(missing, { code: 'AGENSIGHT_CLI_SCHEMA_MISSING', hint: SCHEMA_HINT });
    }
    if (data?.code === SCHEMA_NOT_EXPOSED) {
      const hidden = `${this.url.origin} does not serve the schema ${DATABASE_SCHEMA} (${reason})`;
      return new CliError(hidden, { code: 'AGENSIGHT_CLI_SCHEMA_MISSING', hint: EXPOSE_HINT });
    }
    if (status === 401 || status === 403) {
      const hint = 'Use the secret key (sb_secret_...), or the publishable key with --user-token.';
      return new CliError(message, { code: 'AGENSIGHT_CLI_UNAUTHORIZED', hint });
    }
    const hint =
      json === undefined
        ? 'SUPABASE_URL is not the URL of a Supabase project.'
        : 'Check whether the Supabase project is running.';
    return new CliError(message, { code: 'AGENSIGHT_CLI_REJECTED', hint });
  }
}

const PostgrestError = z.object({
  code: z.optional(z.nullable(z.string())),
  message: z.optional(z.string()),
});

/** The client for the settings; undefined when they have no URL or key. */
export function openRest({ supabaseUrl, supabaseKey, userToken }: Settings): Rest | undefined {
  if (!supabaseUrl || !supabaseKey) return undefined;
  return new Rest(supabaseUrl.value, supabaseKey.value, userToken?.value);
}
