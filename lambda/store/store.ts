/** The database as the handler sees it. The only file that knows supabase-js. */
import { createClient } from '@supabase/supabase-js';
import { DATABASE_SCHEMA } from '../../wire/protocol.ts';
import type { Batch, TableName } from '../../wire/records.ts';
import { classifyFault, type DatabaseFault } from './classify-error.ts';
import { httpFetch } from './http-fetch.ts';

/** A project's budget, and what the database has stored of it in the last minute. */
export interface Limits {
  requests_per_minute: number;
  bytes_per_minute: number;
  requests_last_minute: number;
}

/** What a token is good for. */
export interface TokenFacts {
  project_id: string;
  token_id: string;
  scopes: readonly string[];
  /** ISO 8601, or null for a token that does not expire. */
  expires_at: string | null;
  /** Absent where the database has no budgets yet. */
  limits?: Limits;
}

/** The database cannot do it now; the same call may succeed later. */
export interface Later {
  status: 'retry';
  afterSeconds: number;
  /** For the log; contains nothing of the batch. */
  reason: string;
  /** What is wrong is nothing about this call: others will fare no better. */
  isAway?: boolean;
  /** It does not take our key, which may be an old one. */
  isKeyRefused?: boolean;
}

export type Authentication =
  | { status: 'known'; token: TokenFacts }
  | { status: 'unauthorized' }
  | { status: 'forbidden' }
  | Later;

export type StoreResult =
  | { status: 'stored'; stored: Partial<Record<TableName, number>>; repeated: boolean }
  | { status: 'unauthorized' }
  | { status: 'forbidden' }
  | { status: 'refused'; reason: string }
  | Later;

export type SchemaVersion = { status: 'known'; version: number } | Later;

/** A batch that was authenticated and acknowledged earlier. */
export interface AcceptedBatch {
  project_id: string;
  /** ISO 8601. */
  accepted_at: string;
  /** As for {@link Store.ingestBySpan}. */
  names_span_only: boolean;
  batch: StoredBatch;
}

/** `gone`: its project was deleted since. */
export type AcceptedResult =
  | Extract<StoreResult, { status: 'stored' | 'refused' | 'retry' }>
  | { status: 'gone' };

export type Maintenance =
  | { status: 'done'; isFinished: boolean; deleted: Record<string, number> }
  | Later;

/** A batch with the request that brought it, which its receipt names. */
export type StoredBatch = Batch & { request_id?: string };

/** Every call comes back with a result; none rejects. */
export interface Store {
  /** Who is behind the lower-case hex SHA-256 of a token? */
  authenticate(tokenHash: string): Promise<Authentication>;
  /** Stores a batch in one transaction, under the project of the token. */
  ingest(tokenHash: string, batch: StoredBatch): Promise<StoreResult>;
  /** The same where prompts, completions and tools name their span but not its trace. */
  ingestBySpan(tokenHash: string, batch: StoredBatch): Promise<StoreResult>;
  schemaVersion(): Promise<SchemaVersion>;
}

/** What drain and maintain ask of the database besides. */
export interface BackStore extends Store {
  /** Stores a batch without a token: whoever sent it was known when it was accepted. */
  ingestAccepted(accepted: AcceptedBatch): Promise<AcceptedResult>;
  /** Enforces retention and prunes for so long; not finished when there is more to do. */
  maintain(budgetMillis: number): Promise<Maintenance>;
}

export interface StoreOptions {
  url: string;
  secretKey: string;
  /** How long one call may take before it counts as failed. */
  timeoutMillis: number;
}

/** A store in Supabase. Make it once per cold start: it keeps its connections. */
export function createSupabaseStore({ url, secretKey, timeoutMillis }: StoreOptions): BackStore {
  const client = openClient(url, secretKey);

  async function ingest(name: string, tokenHash: string, batch: StoredBatch): Promise<StoreResult> {
    const answer = await call(client, timeoutMillis, name, { token_hash: tokenHash, batch });
    if (answer.fault !== null) return answer.fault;
    const { stored, repeated } = answer.data as Extract<StoreResult, { status: 'stored' }>;
    return { status: 'stored', stored, repeated: repeated === true };
  }

  return {
    authenticate: async (tokenHash) => {
      const answer = await call(client, timeoutMillis, 'authenticate', { token_hash: tokenHash });
      if (answer.fault === null) return { status: 'known', token: answer.data as TokenFacts };
      if (answer.fault.status === 'unauthorized') return { status: 'unauthorized' };
      if (answer.fault.status === 'forbidden') return { status: 'forbidden' };
      // The argument is a hash that we made: whatever else it says, the caller is not at fault.
      return asLater(answer.fault);
    },
    ingest: (tokenHash, batch) => ingest('ingest', tokenHash, batch),
    ingestBySpan: (tokenHash, batch) => ingest('ingest_by_span', tokenHash, batch),
    ingestAccepted: async (accepted) => {
      const answer = await call(client, timeoutMillis, 'ingest_accepted', { ...accepted });
      if (answer.fault === null) {
        const { stored, repeated } = answer.data as Extract<StoreResult, { status: 'stored' }>;
        return { status: 'stored', stored, repeated: repeated === true };
      }
      if (answer.fault.status !== 'refused') return asLater(answer.fault);
      return answer.fault.code === PROJECT_GONE ? { status: 'gone' } : answer.fault;
    },
    maintain: async (budgetMillis) => {
      const args = { p_budget_ms: budgetMillis };
      const answer = await call(client, timeoutMillis, 'maintain', args);
      if (answer.fault !== null) return asLater(answer.fault);
      const { done, deleted } = answer.data as { done: boolean; deleted?: Record<string, number> };
      return { status: 'done', isFinished: done, deleted: deleted ?? {} };
    },
    schemaVersion: async () => {
      const answer = await call(client, timeoutMillis, 'schema_version', {});
      return answer.fault === null
        ? { status: 'known', version: Number(answer.data) }
        : asLater(answer.fault);
    },
  };
}

function openClient(url: string, secretKey: string) {
  return createClient(url, secretKey, {
    db: { schema: DATABASE_SCHEMA },
    // Nobody signs in: with this there is no session to look for before each call.
    accessToken: async () => secretKey,
    global: { fetch: httpFetch },
  });
}

/** Raised by ingest_accepted(). */
const PROJECT_GONE = 'PT410';

type Answer = { fault: null; data: unknown } | { fault: DatabaseFault };

async function call(
  client: ReturnType<typeof openClient>,
  timeoutMillis: number,
  name: string,
  args: Record<string, unknown>,
): Promise<Answer> {
  const { data, error, status } = await client
    .rpc(name, args)
    .abortSignal(AbortSignal.timeout(timeoutMillis));
  return error === null ? { fault: null, data } : { fault: classifyFault(error, status) };
}

function asLater(fault: DatabaseFault): Later {
  if (fault.status === 'retry') return fault;
  return { status: 'retry', afterSeconds: 60, reason: `the database answered ${fault.status}` };
}
