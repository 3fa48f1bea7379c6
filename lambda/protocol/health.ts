/** `GET /v1/health`: whether the database answers and has the schema that this code writes. */
import { PATHS } from '../../wire/protocol.ts';
import { type HttpResponse, jsonResponse } from '../http/response.ts';
import type { Store } from '../store/store.ts';

export const HEALTH_PATH = PATHS.health;

/** The schema version that this code requires. The database may be newer: migrations run first. */
export const EXPECTED_SCHEMA_VERSION = 1;

/** How long an answer is cached. The route needs no token and must not become load on Postgres. */
export const HEALTH_MILLIS = 5_000;

export interface HealthRoute {
  answer(): Promise<HttpResponse>;
}

export function createHealthRoute(store: Store, now: () => number, version: string): HealthRoute {
  let cached: { response: Promise<HttpResponse>; untilMillis: number } | null = null;
  return {
    answer: () => {
      if (cached === null || cached.untilMillis <= now()) {
        cached = { response: checkHealth(store, version), untilMillis: now() + HEALTH_MILLIS };
      }
      return cached.response;
    },
  };
}

async function checkHealth(store: Store, version: string): Promise<HttpResponse> {
  const expected = { expected_schema_version: EXPECTED_SCHEMA_VERSION, version };
  const schema = await store.schemaVersion();
  if (schema.status === 'retry') {
    const body = {
      status: 'unavailable',
      schema_version: null,
      ...expected,
      message: 'The database is unavailable. Batches are kept if the overflow is configured.',
    };
    return jsonResponse(503, body, { 'retry-after': String(schema.afterSeconds) });
  }
  const isCurrent = schema.version >= EXPECTED_SCHEMA_VERSION;
  const status = isCurrent ? 'ok' : 'outdated';
  const body = { status, schema_version: schema.version, ...expected };
  if (isCurrent) return jsonResponse(200, body);
  const message = `The database has schema ${schema.version}; this version requires ${EXPECTED_SCHEMA_VERSION}. Apply its migrations: "npx supabase db push".`;
  return jsonResponse(503, { ...body, message });
}
