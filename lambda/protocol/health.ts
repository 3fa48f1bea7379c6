/** `GET /v1/health`: is the database there, and does it have the schema that this code writes? */
import { PATHS } from '../../wire/protocol.ts';
import { type Answer, jsonAnswer } from '../http/response.ts';
import type { Store } from '../store/store.ts';

export const HEALTH_PATH = PATHS.health;

/** The schema that this code needs. The database may be newer: migrations run first. */
export const EXPECTED_SCHEMA_VERSION = 1;

/** No token is needed here, so the answer is remembered: it cannot be used to load Postgres. */
export const HEALTH_MILLIS = 5_000;

export interface HealthDoor {
  answer(): Promise<Answer>;
}

export function createHealthDoor(store: Store, now: () => number, version: string): HealthDoor {
  let remembered: { answer: Promise<Answer>; untilMillis: number } | null = null;
  return {
    answer: () => {
      if (remembered === null || remembered.untilMillis <= now()) {
        remembered = { answer: ask(store, version), untilMillis: now() + HEALTH_MILLIS };
      }
      return remembered.answer;
    },
  };
}

async function ask(store: Store, version: string): Promise<Answer> {
  const facts = { expected_schema_version: EXPECTED_SCHEMA_VERSION, version };
  const schema = await store.schemaVersion();
  if (schema.status === 'retry') {
    const body = {
      status: 'unavailable',
      schema_version: null,
      ...facts,
      message: 'The database does not answer. Batches are kept where the overflow is set up.',
    };
    return jsonAnswer(503, body, { 'retry-after': String(schema.afterSeconds) });
  }
  const isCurrent = schema.version >= EXPECTED_SCHEMA_VERSION;
  const status = isCurrent ? 'ok' : 'outdated';
  const known = { status, schema_version: schema.version, ...facts };
  if (isCurrent) return jsonAnswer(200, known);
  const message = `The database has schema ${schema.version}; this code needs ${EXPECTED_SCHEMA_VERSION}. Run "npx supabase db push" with the migrations of this version.`;
  return jsonAnswer(503, { ...known, message });
}
