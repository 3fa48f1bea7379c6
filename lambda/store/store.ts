/** The database as the functions use it. The only file that imports supabase-js. */
import { createClient } from '@supabase/supabase-js';
import type * as z from 'zod/mini';
import { DATABASE_SCHEMA } from '../../wire/protocol.ts';
import type { Batch } from '../../wire/records.ts';
import {
  type Limits,
  maintenanceSchema,
  storedSchema,
  type TokenInfo,
  tokenSchema,
  versionSchema,
} from './answers.ts';
import { classifyError, type DatabaseError } from './classify-error.ts';
import { httpFetch } from './http-fetch.ts';

export type { Limits, TokenInfo };

/** The call failed, but may succeed later. */
export interface Retryable {
  status: 'retry';
  afterSeconds: number;
  /** For the log; quotes nothing of the batch. */
  reason: string;
  /** The database as a whole is unavailable: other calls would fail too. */
  isUnavailable?: boolean;
  /** The database does not accept our key, which may have been rotated. */
  isKeyRefused?: boolean;
}

export type Authentication =
  | { status: 'known'; token: TokenInfo }
  | { status: 'unauthorized' }
  | { status: 'forbidden' }
  | Retryable;

/** Rows by table. */
export type Counts = Readonly<Record<string, number>>;

export type StoreResult =
  | { status: 'stored'; stored: Counts; repeated: boolean }
  | { status: 'unauthorized' }
  | { status: 'forbidden' }
  | { status: 'refused'; reason: string }
  | Retryable;

export type SchemaVersion = { status: 'known'; version: number } | Retryable;

/** A batch that was authenticated and acknowledged earlier. */
export interface AcceptedBatch {
  project_id: string;
  /** ISO 8601. */
  accepted_at: string;
  /** As for {@link Store.ingestBySpan}. */
  names_span_only: boolean;
  batch: StoredBatch;
}

/** `gone`: the project has been deleted since. */
export type AcceptedResult =
  | Extract<StoreResult, { status: 'stored' | 'refused' | 'retry' }>
  | { status: 'gone' };

export type Maintenance = { status: 'done'; isFinished: boolean; deleted: Counts } | Retryable;

/** A batch with the id of the request that carried it, for its receipt. */
export type StoredBatch = Batch & { request_id?: string };

/** Every call resolves to a result; none rejects. */
export interface Store {
  /** Looks up a token by the lower-case hex SHA-256 of it. */
  authenticate(tokenHash: string): Promise<Authentication>;
  /** Stores a batch in one transaction, in the project of the token. */
  ingest(tokenHash: string, batch: StoredBatch): Promise<StoreResult>;
  /** The same for prompts, completions and tools that name their span but not its trace. */
  ingestBySpan(tokenHash: string, batch: StoredBatch): Promise<StoreResult>;
  schemaVersion(): Promise<SchemaVersion>;
}

/** The calls that drain and maintain make in addition. */
export interface WorkerStore extends Store {
  /** Stores a batch without a token: its sender was authenticated when it was accepted. */
  ingestAccepted(accepted: AcceptedBatch): Promise<AcceptedResult>;
  /** Applies retention for up to `budgetMillis`; not finished when there is more to delete. */
  maintain(budgetMillis: number): Promise<Maintenance>;
}

export interface StoreOptions {
  url: string;
  secretKey: string;
  /** Timeout of one call. */
  timeoutMillis: number;
}

/** A store in Supabase. Create one per cold start: it keeps its connections. */
export function createSupabaseStore({ url, secretKey, timeoutMillis }: StoreOptions): WorkerStore {
  const client = openClient(url, secretKey);
  const rpc = <T>(name: string, args: Record<string, unknown>, schema: z.ZodMiniType<T>) =>
    call(client, timeoutMillis, name, args, schema);

  async function ingest(name: string, tokenHash: string, batch: StoredBatch): Promise<StoreResult> {
    const answer = await rpc(name, { token_hash: tokenHash, batch }, storedSchema);
    return answer.error ?? storedResult(answer.data);
  }

  return {
    authenticate: async (tokenHash) => {
      const { data, error } = await rpc('authenticate', { token_hash: tokenHash }, tokenSchema);
      if (error === null) return { status: 'known', token: data };
      if (error.status === 'unauthorized') return { status: 'unauthorized' };
      if (error.status === 'forbidden') return { status: 'forbidden' };
      // The argument is a hash of our own, so no other error is caused by the client.
      return asRetryable(error);
    },
    ingest: (tokenHash, batch) => ingest('ingest', tokenHash, batch),
    ingestBySpan: (tokenHash, batch) => ingest('ingest_by_span', tokenHash, batch),
    ingestAccepted: async (accepted) => {
      const { data, error } = await rpc('ingest_accepted', { ...accepted }, storedSchema);
      if (error === null) return storedResult(data);
      if (error.status !== 'refused') return asRetryable(error);
      return error.code === PROJECT_GONE ? { status: 'gone' } : error;
    },
    maintain: async (budgetMillis) => {
      const args = { p_budget_ms: budgetMillis };
      const { data, error } = await rpc('maintain', args, maintenanceSchema);
      if (error !== null) return asRetryable(error);
      return { status: 'done', isFinished: data.done, deleted: data.deleted ?? {} };
    },
    schemaVersion: async () => {
      const { data, error } = await rpc('schema_version', {}, versionSchema);
      return error === null ? { status: 'known', version: data } : asRetryable(error);
    },
  };
}

function openClient(url: string, secretKey: string) {
  return createClient(url, secretKey, {
    db: { schema: DATABASE_SCHEMA },
    // With a fixed token, supabase-js does not look for a session before each call.
    accessToken: async () => secretKey,
    global: { fetch: httpFetch },
  });
}

/** Raised by `ingest_accepted()`. */
const PROJECT_GONE = 'PT410';

/** Seconds after which to retry an answer that needs an operator. */
const RETRY_LATE_SECONDS = 60;

type Answer<T> = { error: null; data: T } | { error: DatabaseError; data: null };

async function call<T>(
  client: ReturnType<typeof openClient>,
  timeoutMillis: number,
  name: string,
  args: Record<string, unknown>,
  schema: z.ZodMiniType<T>,
): Promise<Answer<T>> {
  const { data, error, status } = await client
    .rpc(name, args)
    .abortSignal(AbortSignal.timeout(timeoutMillis));
  if (error !== null) return { error: classifyError(error, status), data: null };
  const parsed = schema.safeParse(data);
  if (parsed.success) return { error: null, data: parsed.data };
  // Another version of the schema, or a server that is not the Data API.
  return { error: retryLate(`${name}() returned an unexpected value`), data: null };
}

function storedResult({ stored, repeated = false }: z.output<typeof storedSchema>) {
  return { status: 'stored' as const, stored, repeated };
}

function asRetryable(error: DatabaseError): Retryable {
  return error.status === 'retry' ? error : retryLate(`the database answered ${error.status}`);
}

function retryLate(reason: string): Retryable & { isUnavailable: boolean; isKeyRefused: boolean } {
  return {
    status: 'retry',
    afterSeconds: RETRY_LATE_SECONDS,
    reason,
    isUnavailable: false,
    isKeyRefused: false,
  };
}
