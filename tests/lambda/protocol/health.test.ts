import { describe, expect, it } from 'vitest';
import { EXPECTED_SCHEMA_VERSION, HEALTH_MILLIS } from '../../../lambda/protocol/health.ts';
import { functionUrlEvent } from '../support/http-event.ts';
import { createTestHandler } from '../support/test-handler.ts';

const EVENT = functionUrlEvent({ method: 'GET', path: '/v1/health' });
const EXPECTED = { expected_schema_version: EXPECTED_SCHEMA_VERSION, version: '1.2.3' };

describe('GET /v1/health', () => {
  it.each([
    ['as expected', EXPECTED_SCHEMA_VERSION, 200, 'ok'],
    ['newer', EXPECTED_SCHEMA_VERSION + 1, 200, 'ok'],
    ['older', EXPECTED_SCHEMA_VERSION - 1, 503, 'outdated'],
  ])('reports whether the schema is %s', async (_name, version, statusCode, status) => {
    const { handler, store } = createTestHandler();
    store.answers.schemaVersion = { status: 'known', version };
    const answer = await handler(EVENT);
    expect(answer.statusCode).toBe(statusCode);
    expect(JSON.parse(answer.body)).toMatchObject({ status, schema_version: version, ...EXPECTED });
  });

  it('names both versions, and how to migrate', async () => {
    const { handler, store } = createTestHandler();
    const version = EXPECTED_SCHEMA_VERSION - 1;
    store.answers.schemaVersion = { status: 'known', version };
    const { message } = JSON.parse((await handler(EVENT)).body);
    expect(message).toContain(
      `schema ${version}; this version requires ${EXPECTED_SCHEMA_VERSION}`,
    );
    expect(message).toContain('npx supabase db push');
  });

  it('answers 503 when the database is unavailable', async () => {
    const { handler, store } = createTestHandler();
    store.answers.schemaVersion = { status: 'retry', afterSeconds: 5, reason: 'unavailable' };
    const answer = await handler(EVENT);
    expect(answer).toMatchObject({ statusCode: 503, headers: { 'retry-after': '5' } });
    expect(JSON.parse(answer.body)).toMatchObject({
      status: 'unavailable',
      schema_version: null,
      ...EXPECTED,
    });
  });

  it('requires no token, and queries the database once in five seconds', async () => {
    const { handler, store, clock } = createTestHandler();
    await Promise.all(Array.from({ length: 100 }, () => handler(EVENT)));
    clock.millis += HEALTH_MILLIS - 1;
    await handler(EVENT);
    expect(store.healthChecks).toBe(1);
    clock.millis += 1;
    await handler(EVENT);
    expect(store.healthChecks).toBe(2);
    expect(store.authentications).toBe(0);
  });
});
