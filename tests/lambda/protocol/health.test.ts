import { describe, expect, it } from 'vitest';
import { EXPECTED_SCHEMA_VERSION, HEALTH_MILLIS } from '../../../lambda/protocol/health.ts';
import { functionUrlEvent } from '../support/http-event.ts';
import { createTestHandler } from '../support/test-handler.ts';

const EVENT = functionUrlEvent({ method: 'GET', path: '/v1/health' });
const FACTS = { expected_schema_version: EXPECTED_SCHEMA_VERSION, version: '1.2.3' };

describe('GET /v1/health', () => {
  it.each([
    ['as expected', EXPECTED_SCHEMA_VERSION, 200, 'ok'],
    ['newer', EXPECTED_SCHEMA_VERSION + 1, 200, 'ok'],
    ['older', EXPECTED_SCHEMA_VERSION - 1, 503, 'outdated'],
  ])('tells whether the schema is %s', async (_name, version, statusCode, status) => {
    const { handler, store } = createTestHandler();
    store.answers.schemaVersion = { status: 'known', version };
    const answer = await handler(EVENT);
    expect(answer.statusCode).toBe(statusCode);
    expect(JSON.parse(answer.body)).toMatchObject({ status, schema_version: version, ...FACTS });
  });

  it('names the gap, and what closes it', async () => {
    const { handler, store } = createTestHandler();
    const version = EXPECTED_SCHEMA_VERSION - 1;
    store.answers.schemaVersion = { status: 'known', version };
    const { message } = JSON.parse((await handler(EVENT)).body);
    expect(message).toContain(
      `schema ${version}; this version requires ${EXPECTED_SCHEMA_VERSION}`,
    );
    expect(message).toContain('npx supabase db push');
  });

  it('answers 503 when the database is away', async () => {
    const { handler, store } = createTestHandler();
    store.answers.schemaVersion = { status: 'retry', afterSeconds: 5, reason: 'away' };
    const answer = await handler(EVENT);
    expect(answer).toMatchObject({ statusCode: 503, headers: { 'retry-after': '5' } });
    expect(JSON.parse(answer.body)).toMatchObject({
      status: 'unavailable',
      schema_version: null,
      ...FACTS,
    });
  });

  it('needs no token, and asks the database once in five seconds', async () => {
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
