/** What setting up asks of a Supabase project, with its secret key. */
import { DATABASE_SCHEMA } from '../../wire/protocol.ts';
import { Failure, UsageError } from '../shell/command.ts';
import { type Answer, request } from './request.ts';

const PUSH = 'npx agensight init-cloud --migrations, npx supabase link, npx supabase db push';

export class SupabaseAdmin {
  readonly #url: URL;
  readonly #headers: Record<string, string>;

  /** @throws UsageError when the URL is none */
  constructor(url: string, secretKey: string) {
    if (!URL.canParse(url) || !/^https?:$/.test(new URL(url).protocol)) {
      throw new UsageError('SUPABASE_URL must be an http:// or https:// URL');
    }
    this.#url = new URL(url);
    this.#headers = {
      apikey: secretKey,
      'content-type': 'application/json',
      'accept-profile': DATABASE_SCHEMA,
      'content-profile': DATABASE_SCHEMA,
      // Keys of the older kind are JWTs and stand for a role by themselves.
      ...(secretKey.startsWith('eyJ') ? { authorization: `Bearer ${secretKey}` } : {}),
    };
  }

  /** @throws Failure when the key is not taken, or the tables are not there */
  async schemaVersion(): Promise<number> {
    return Number(await this.#rpc('schema_version', {}));
  }

  /** The project of that name, made when there is none; its id. */
  async project(name: string): Promise<string> {
    const found = await this.#get(`projects?select=id&name=eq.${encodeURIComponent(name)}&limit=1`);
    const [first] = found as { id: string }[];
    if (first) return first.id;
    const made = (await this.#rpc('create_project', { project_name: name })) as { id: string };
    return made.id;
  }

  async hasToken(projectId: string): Promise<boolean> {
    const path = `tokens?select=id&project_id=eq.${projectId}&revoked_at=is.null&limit=1`;
    return ((await this.#get(path)) as unknown[]).length > 0;
  }

  /** A token that may write to the project; it cannot be read again. */
  async createToken(projectId: string, name: string): Promise<string> {
    const args = { project_id: projectId, name };
    const made = (await this.#rpc('create_token', args)) as { token: string }[];
    return made[0]?.token ?? '';
  }

  async #rpc(name: string, args: object): Promise<unknown> {
    return this.#take(
      await request(this.#at(`rpc/${name}`), {
        method: 'POST',
        headers: this.#headers,
        body: JSON.stringify(args),
      }),
    );
  }

  async #get(path: string): Promise<unknown> {
    return this.#take(await request(this.#at(path), { headers: this.#headers }));
  }

  #take({ status, json }: Answer): unknown {
    if (status >= 200 && status < 300) return json;
    const { code, message } = (json ?? {}) as { code?: string; message?: string };
    if (code === 'PGRST202' || code === 'PGRST205' || code === '42883') {
      throw new Failure('The tables are not in this Supabase project.', PUSH);
    }
    if (status === 401 || status === 403) {
      throw new Failure('Supabase does not take this key.', 'Use the secret key: sb_secret_...');
    }
    throw new Failure(`Supabase answered ${status}: ${message ?? 'without a reason'}`);
  }

  #at(path: string): URL {
    return new URL(`${this.#url.href.replace(/\/+$/, '')}/rest/v1/${path}`);
  }
}
