import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type * as z from 'zod/mini';
import {
  batchReplySchema,
  errorReplySchema,
  healthReplySchema,
  infoReplySchema,
  logsReplySchema,
  pythonReplySchema,
  statusSchema,
  tracesReplySchema,
  validateReplySchema,
} from '../../lambda/protocol/reply-schemas.ts';
import { openApiDocument } from '../support/openapi.ts';
import type { EventParts } from './support/http-event.ts';
import { GOOD_TOKEN } from './support/recording-store.ts';
import { createTestHandler } from './support/test-handler.ts';

const ROOT = new URL('../../', import.meta.url);
const BATCH_ID = '01890a5d-ac96-774b-bcce-b302099a8057';

describe('docs/openapi.json', () => {
  it('is what `npm run types` writes', () => {
    const { version } = JSON.parse(readFileSync(new URL('package.json', ROOT), 'utf8'));
    const written: unknown = JSON.parse(readFileSync(new URL('docs/openapi.json', ROOT), 'utf8'));
    expect(JSON.parse(JSON.stringify(openApiDocument(version)))).toEqual(written);
  });

  it('refers only to schemas and responses that it has', () => {
    const document = openApiDocument('0');
    const refs = JSON.stringify(document).matchAll(/"\$ref":"#\/components\/(\w+)\/(\w+)"/g);
    const components = document.components as Record<string, Record<string, unknown>>;
    const missing = [...refs].filter(([, kind = '', name = '']) => !components[kind]?.[name]);
    expect(missing).toEqual([]);
  });

  it('requires the keys of each record', () => {
    const { Batch } = (openApiDocument('0').components as { schemas: Record<string, unknown> })
      .schemas;
    expect(Batch).toMatchObject({
      required: ['batch_id'],
      properties: {
        spans: { anyOf: [{ items: { required: ['trace_id', 'id'] } }, { type: 'null' }] },
      },
    });
  });
});

const json = (body: unknown): Partial<EventParts> => ({
  headers: { 'content-type': 'application/json' },
  body: JSON.stringify(body),
});

const ANSWERS: [string, EventParts, number, z.ZodMiniType][] = [
  [
    'a batch with a rejected record',
    {
      path: '/v1/batch',
      ...json({ batch_id: BATCH_ID, traces: [{ id: 't' }, { id: 7 }] }),
    },
    200,
    batchReplySchema,
  ],
  ['a malformed batch', { path: '/v1/batch', ...json([]) }, 400, errorReplySchema],
  [
    'rejected spans',
    { path: '/v1/traces', ...json({ resourceSpans: [{ scopeSpans: [{ spans: [{}] }] }] }) },
    200,
    tracesReplySchema,
  ],
  ['accepted spans', { path: '/v1/traces', ...json({}) }, 200, tracesReplySchema],
  [
    'rejected log records',
    {
      path: '/v1/logs',
      ...json({
        resourceLogs: [{ scopeLogs: [{ logRecords: [{ eventName: 'gen_ai.choice' }] }] }],
      }),
    },
    200,
    logsReplySchema,
  ],
  ['a malformed export request', { path: '/v1/traces', ...json([]) }, 400, statusSchema],
  [
    'a record of the Python SDK',
    { path: '/api/v1/logs/create/trace', ...json({ data: { id: 't' } }) },
    200,
    pythonReplySchema,
  ],
  [
    'a rejected record of the Python SDK',
    { path: '/api/v1/logs/create/span', ...json({ data: { id: 'no-uuid' } }) },
    400,
    pythonReplySchema,
  ],
  [
    'a valid token',
    { path: '/api/v1/auth/validate', ...json({ token: GOOD_TOKEN }) },
    200,
    validateReplySchema,
  ],
  ['the health check', { method: 'GET', path: '/v1/health' }, 200, healthReplySchema],
  ['the configuration for LangSmith', { method: 'GET', path: '/info' }, 200, infoReplySchema],
];

describe('the documented answer', () => {
  it.each(ANSWERS)('is given to %s', async (_name, parts, status, schema) => {
    const { send } = createTestHandler();
    const response = await send(parts);
    expect(response.statusCode).toBe(status);
    expect(schema.safeParse(JSON.parse(response.body)).error).toBeUndefined();
  });
});
