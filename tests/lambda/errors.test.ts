import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { ConfigError, readConfig } from '../../lambda/runtime/config.ts';
import { CONFIG_ERRORS, HTTP_ERRORS, type HttpErrorCode } from '../../wire/errors.ts';
import { LIMITS } from '../../wire/protocol.ts';
import type { EventParts } from './support/http-event.ts';
import { READER_TOKEN, tokenOf } from './support/recording-store.ts';
import { createTestHandler, type TestHandler } from './support/test-handler.ts';

const JSON_TYPE = { 'content-type': 'application/json' };
const BATCH = '{"batch_id":"01890a5d-ac96-774b-bcce-b302099a8057","traces":[{"id":"t"}]}';
const native: EventParts = { path: '/v1/batch', headers: JSON_TYPE, body: BATCH };

const LIMITED = {
  project_id: 'p',
  token_id: 't',
  scopes: ['ingest'],
  expires_at: null,
  limits: { requests_per_minute: 1, bytes_per_minute: 1_000_000, requests_last_minute: 0 },
};

interface Trigger {
  name: string;
  parts: EventParts;
  prepare?: (handler: TestHandler) => unknown;
}

/** Requests that are answered with each code, one for each place that answers with it. */
const TRIGGERS: Record<HttpErrorCode, Trigger[]> = {
  malformed: [
    { name: 'a body that is not JSON', parts: { ...native, body: '{' } },
    { name: 'a body that is not a batch', parts: { ...native, body: '[]' } },
    {
      name: 'a body that cannot be decompressed',
      parts: {
        ...native,
        headers: { ...JSON_TYPE, 'content-encoding': 'gzip' },
        body: gzipSync('{}').subarray(0, 15),
      },
    },
    {
      name: 'a batch that the database refuses',
      parts: native,
      prepare: ({ store }) => {
        store.answers.ingest = { status: 'refused', reason: 'the database refused it (22003)' };
      },
    },
    {
      name: 'a record of the Python SDK that is rejected',
      parts: { ...native, path: '/api/v1/logs/create/span', body: '{"data":{}}' },
    },
  ],
  unauthorized: [
    { name: 'no token', parts: { ...native, headers: { ...JSON_TYPE, authorization: '' } } },
    {
      name: 'an unknown token',
      parts: { ...native, headers: { ...JSON_TYPE, authorization: `Bearer ${tokenOf('x')}` } },
    },
    {
      name: 'a token that was revoked a moment ago',
      parts: native,
      prepare: ({ store }) => {
        store.answers.ingest = { status: 'unauthorized' };
      },
    },
  ],
  forbidden: [
    {
      name: 'a token that may only read',
      parts: { ...native, headers: { ...JSON_TYPE, authorization: `Bearer ${READER_TOKEN}` } },
    },
  ],
  not_found: [{ name: 'an unknown path', parts: { ...native, path: '/v2/batch' } }],
  method_not_allowed: [{ name: 'GET for a batch', parts: { ...native, method: 'GET' } }],
  too_large: [
    {
      name: 'a body over the limit',
      parts: { ...native, body: ' '.repeat(LIMITS.maxBodyBytes + 1) },
    },
    {
      name: 'a body over the limit after decompression',
      parts: {
        ...native,
        headers: { ...JSON_TYPE, 'content-encoding': 'gzip' },
        body: gzipSync(Buffer.alloc(LIMITS.maxInflatedBytes + 1, ' ')),
      },
    },
  ],
  unsupported: [
    { name: 'another content type', parts: { ...native, headers: { 'content-type': 'text/csv' } } },
    {
      name: 'another content encoding',
      parts: { ...native, headers: { ...JSON_TYPE, 'content-encoding': 'lz4' } },
    },
  ],
  too_many_requests: [
    {
      name: 'a token over its rate limit',
      parts: native,
      prepare: async ({ store, send }) => {
        store.answers.authenticate = { status: 'known', token: LIMITED };
        await send(native);
      },
    },
  ],
  unavailable: [
    {
      name: 'a batch while the database is unavailable',
      parts: native,
      prepare: ({ store }) => {
        store.answers.ingest = { status: 'retry', afterSeconds: 5, reason: 'x' };
      },
    },
    {
      name: 'a token while the database is unavailable',
      parts: native,
      prepare: ({ store }) => {
        store.answers.authenticate = { status: 'retry', afterSeconds: 5, reason: 'x' };
      },
    },
    {
      name: 'an internal error',
      parts: native,
      prepare: ({ store }) => {
        store.ingest = () => Promise.reject(new Error('bug'));
      },
    },
  ],
};

const CASES = Object.entries(TRIGGERS).flatMap(([code, triggers]) =>
  triggers.map((trigger) => ({ code: code as HttpErrorCode, ...trigger })),
);

describe('an HTTP error', () => {
  it.each(CASES)('$code answers $name with the status of the catalogue', async (given) => {
    const handler = createTestHandler();
    await given.prepare?.(handler);
    const { statusCode, headers, body } = await handler.send(given.parts);
    const { status, isRetryable } = HTTP_ERRORS[given.code];
    const { error } = JSON.parse(body);
    expect({ code: error.code, statusCode }).toEqual({ code: given.code, statusCode: status });
    expect(error.message).not.toBe('');
    expect(Number(headers['retry-after']) > 0).toBe(isRetryable);
  });
});

describe('a ConfigError', () => {
  const ACCESS = { SUPABASE_URL: 'https://x.supabase.co', SUPABASE_SECRET_KEY: 'k' };

  it.each([
    ['AGENSIGHT_CONFIG_MISSING', { ...ACCESS, SUPABASE_URL: '' }],
    ['AGENSIGHT_CONFIG_INVALID', { ...ACCESS, SUPABASE_URL: 'x' }],
    ['AGENSIGHT_CONFIG_INVALID', { ...ACCESS, AGENSIGHT_LOG_LEVEL: 'loud' }],
  ])('has the code %s for %j', (code, environment) => {
    expect(CONFIG_ERRORS).toHaveProperty(code);
    expect(() => readConfig(environment)).toThrow(ConfigError);
    expect(() => readConfig(environment)).toThrow(expect.objectContaining({ code }));
  });
});
