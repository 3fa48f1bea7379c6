import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { fromJSONSchema } from 'zod';
import { DEFAULT_ENDPOINT } from '../../wire/protocol.ts';
import { openApiDocument } from '../support/openapi.ts';
import type { EventParts } from './support/http-event.ts';
import { jsonSpan } from './support/otlp-body.ts';
import { SPAN } from './support/python-request.ts';
import { GOOD_TOKEN } from './support/recording-store.ts';
import { createTestHandler } from './support/test-handler.ts';

const ROOT = new URL('../../', import.meta.url);
const BATCH_ID = '01890a5d-ac96-774b-bcce-b302099a8057';

interface Content {
  'application/json': { schema: object };
}

interface Operation {
  readonly security?: readonly object[];
  readonly requestBody?: { readonly content: Content };
  readonly responses: Readonly<Record<string, { $ref: string } | { content: Content }>>;
}

interface Document {
  readonly security: readonly Readonly<Record<string, unknown>>[];
  readonly servers: readonly {
    url: string;
    variables: Readonly<Record<string, { default: string }>>;
  }[];
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: {
    readonly schemas: object;
    readonly responses: Readonly<Record<string, { content: Content }>>;
    readonly securitySchemes: Readonly<Record<string, { in?: string; name?: string }>>;
  };
}

/** The document as it is published. */
const DOCUMENT: Document = JSON.parse(readFileSync(new URL('docs/openapi.json', ROOT), 'utf8'));

const OPERATIONS = Object.entries(DOCUMENT.paths).flatMap(([path, operations]) =>
  Object.entries(operations).map(([method, operation]) => ({ path, method, operation })),
);

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

/** Why a value does not have the form of a published schema; empty when it has. */
function problemsOf(schema: object, value: unknown): string {
  const text = JSON.stringify({ ...schema, $defs: DOCUMENT.components.schemas })
    .replaceAll('#/components/schemas/', '#/$defs/')
    // JSON Schema patterns are Unicode-aware; zod compiles them without the flag.
    .replaceAll(String.raw`\\p{Cc}\\p{Cs}`, String.raw`\\u0000-\\u001f\\u007f-\\u009f`);
  return fromJSONSchema(JSON.parse(text)).safeParse(value).error?.message ?? '';
}

/** The published schema of an answer. */
function answerSchema({ responses }: Operation, status: number): object {
  const response = responses[status];
  if (response === undefined) throw new Error(`${status} is not documented`);
  const { content } =
    '$ref' in response
      ? (DOCUMENT.components.responses[response.$ref.split('/').at(-1) ?? ''] as {
          content: Content;
        })
      : response;
  return content['application/json'].schema;
}

/** A valid body for each schema of a request. */
const BODIES: Readonly<Record<string, object>> = {
  Batch: { batch_id: BATCH_ID, traces: [{ id: 't' }], spans: [{ trace_id: 't', id: 's' }] },
  ExportTraceServiceRequest: {
    resourceSpans: [{ scopeSpans: [{ spans: [jsonSpan()] }] }],
  },
  ExportLogsServiceRequest: {
    resourceLogs: [{ scopeLogs: [{ logRecords: [{ eventName: 'gen_ai.choice' }] }] }],
  },
  PythonCreate: { data: { id: SPAN, span_id: SPAN, trace_id: SPAN, message_index: 0, name: 'x' } },
  Validate: { token: GOOD_TOKEN },
  ExportMetricsServiceRequest: { resourceMetrics: [] },
  CreateFeedback: { key: 'helpful', score: 1 },
  Run: { id: SPAN, name: 'x', run_type: 'chain' },
  RunBatch: { post: [{ id: SPAN, name: 'x', run_type: 'chain' }], patch: [] },
  AgentsExport: { data: [{ object: 'trace', id: SPAN }] },
  Ingestion: { batch: [{ type: 'trace-create', body: { id: SPAN } }] },
};

const MULTIPART: Partial<EventParts> = {
  headers: { 'content-type': 'multipart/form-data; boundary=b' },
  body: `--b\r\nContent-Disposition: form-data; name="post.${SPAN}"\r\n\r\n{"id":"${SPAN}"}\r\n--b--\r\n`,
};

/** A request to an operation with a valid body. */
function requestTo({ path, method, operation }: (typeof OPERATIONS)[number]): EventParts {
  const content = operation.requestBody?.content;
  if (content && 'multipart/form-data' in content) {
    return { method: method.toUpperCase(), path, ...MULTIPART };
  }
  const schema = content?.['application/json'].schema ?? {};
  const name = '$ref' in schema ? String(schema.$ref).split('/').at(-1) : undefined;
  const body = name === undefined ? undefined : BODIES[name];
  return { method: method.toUpperCase(), path, ...(body ? json(body) : {}) };
}

describe('every documented operation', () => {
  it.each(OPERATIONS)('$method $path reads and answers as documented', async (given) => {
    const parts = requestTo(given);
    const { send } = createTestHandler();
    const response = await send(parts);
    const status = Number(Object.keys(given.operation.responses).find((code) => code < '300'));
    expect(response.statusCode).toBe(status);
    const schema = answerSchema(given.operation, status);
    expect(problemsOf(schema, JSON.parse(response.body))).toBe('');
    expect(problemsOf(schema, 'no object')).not.toBe('');
    const request = given.operation.requestBody?.content['application/json']?.schema;
    if (request) expect(problemsOf(request, JSON.parse(String(parts.body)))).toBe('');
  });

  it.each(OPERATIONS)('$method $path answers 405 to another method', async (given) => {
    const { send } = createTestHandler();
    const response = await send({ ...requestTo(given), method: 'DELETE' });
    expect(response.statusCode).toBe(405);
    expect(response.headers.allow).toBe(given.method.toUpperCase());
    const schema = answerSchema(given.operation, 405);
    expect(problemsOf(schema, JSON.parse(response.body))).toBe('');
  });

  it.each(OPERATIONS)('$method $path answers 404 below a wrong endpoint', async (given) => {
    const { send } = createTestHandler();
    const response = await send({ ...requestTo(given), path: `/wrong${given.path}` });
    expect(response.statusCode).toBe(404);
    const schema = answerSchema(given.operation, 404);
    expect(problemsOf(schema, JSON.parse(response.body))).toBe('');
  });

  it.each(OPERATIONS)('$method $path needs a token as documented', async (given) => {
    const { send } = createTestHandler();
    const parts = requestTo(given);
    const response = await send({ ...parts, headers: { ...parts.headers, authorization: '' } });
    if (given.operation.security) {
      expect(response.statusCode).toBe(200);
    } else {
      expect(response.statusCode).toBe(401);
      const schema = answerSchema(given.operation, 401);
      expect(problemsOf(schema, JSON.parse(response.body))).toBe('');
    }
  });
});

describe('the documented way to authorize', () => {
  const base64 = (text: string) => Buffer.from(text).toString('base64');
  const HEADERS: Readonly<Record<string, Record<string, string>[]>> = {
    bearer: [{ authorization: `Bearer ${GOOD_TOKEN}` }],
    basic: [
      { authorization: `Basic ${base64(`name:${GOOD_TOKEN}`)}` },
      { authorization: `Basic ${base64(`${GOOD_TOKEN}:`)}` },
    ],
    apiKey: [{ [DOCUMENT.components.securitySchemes.apiKey?.name ?? '']: GOOD_TOKEN }],
  };

  it('is one of those that the endpoint accepts', () => {
    expect(DOCUMENT.security).toEqual(Object.keys(HEADERS).map((name) => ({ [name]: [] })));
    expect(Object.keys(DOCUMENT.components.securitySchemes)).toEqual(Object.keys(HEADERS));
  });

  it.each(
    Object.entries(HEADERS).flatMap(([name, all]) => all.map((headers) => ({ name, headers }))),
  )('is accepted: $name', async ({ headers }) => {
    const { send } = createTestHandler();
    const parts = json(BODIES.Batch);
    const response = await send({
      path: '/v1/batch',
      ...parts,
      headers: { authorization: '', ...parts.headers, ...headers },
    });
    expect(response.statusCode).toBe(200);
  });
});

it('the documented server is the local stack by default', () => {
  expect(DOCUMENT.servers).toMatchObject([
    { url: '{endpoint}', variables: { endpoint: { default: DEFAULT_ENDPOINT } } },
  ]);
});

const OTHERS: [string, string, unknown, number][] = [
  [
    'a batch with a rejected record',
    '/v1/batch',
    { batch_id: BATCH_ID, traces: [{ id: 't' }, { id: 7 }] },
    200,
  ],
  ['a malformed batch', '/v1/batch', [], 400],
  ['rejected spans', '/v1/traces', { resourceSpans: [{ scopeSpans: [{ spans: [{}] }] }] }, 200],
  ['no spans', '/v1/traces', {}, 200],
  ['a malformed export request', '/v1/traces', [], 400],
  [
    'a rejected record of the Python SDK',
    '/api/v1/logs/create/span',
    { data: { id: 'no-uuid' } },
    400,
  ],
  ['an invalid token', '/api/v1/auth/validate', { token: 'x' }, 401],
];

describe('the documented answer', () => {
  it.each(OTHERS)('is given to %s', async (_name, path, body, status) => {
    const { send } = createTestHandler();
    const response = await send({ path, ...json(body) });
    expect(response.statusCode).toBe(status);
    const { post } = DOCUMENT.paths[path] ?? {};
    const schema = answerSchema(post as Operation, status);
    expect(problemsOf(schema, JSON.parse(response.body))).toBe('');
  });

  it('is given by the health check of a database that is unavailable', async () => {
    const { send, store } = createTestHandler();
    store.answers.schemaVersion = { status: 'retry', afterSeconds: 5, reason: 'x' };
    const response = await send({ method: 'GET', path: '/v1/health' });
    expect(response.statusCode).toBe(503);
    const { get } = DOCUMENT.paths['/v1/health'] ?? {};
    const schema = answerSchema(get as Operation, 503);
    expect(problemsOf(schema, JSON.parse(response.body))).toBe('');
  });
});
