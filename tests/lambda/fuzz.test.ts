import { readdirSync, readFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { beforeEach, describe, expect, it } from 'vitest';
import type { HttpEvent } from '../../lambda/http/request.ts';
import { jsonRequest, jsonSpan } from './support/otlp-body.ts';
import { createTestHandler, type TestHandler } from './support/test-handler.ts';

const HOSTILE = new URL('../cases/hostile/', import.meta.url);
const RUNS = { numRuns: 400 };
const ROUTES = [
  ['/v1/traces', 'application/x-protobuf'],
  ['/v1/traces', 'application/json'],
  ['/v1/batch', 'application/json'],
] as const;

const SEEDS = readdirSync(HOSTILE)
  .filter((file) => /^\d.*\.(bin|json)$/.test(file))
  .map((file) => readFileSync(new URL(file, HOSTILE)))
  .filter((body) => body.length > 0 && body.length < 5_000);

/** A body with some bytes changed, removed, repeated or inserted. */
const mutated = fc
  .tuple(
    fc.constantFrom(...SEEDS),
    fc.array(
      fc.record({
        at: fc.nat(),
        kind: fc.constantFrom('set', 'drop', 'double', 'insert'),
        bytes: fc.uint8Array({ minLength: 1, maxLength: 8 }),
      }),
      { minLength: 1, maxLength: 6 },
    ),
  )
  .map(([seed, edits]) =>
    edits.reduce((body, { at, kind, bytes }) => {
      const place = at % (body.length + 1);
      const [before, after] = [body.subarray(0, place), body.subarray(place)];
      switch (kind) {
        case 'set':
          return Buffer.concat([before, bytes, after.subarray(bytes.length)]);
        case 'drop':
          return Buffer.concat([before, after.subarray(bytes.length)]);
        case 'double':
          return Buffer.concat([body, after]);
        default:
          return Buffer.concat([before, bytes, after]);
      }
    }, seed),
  );

/** Any value, in any field of a span in OTLP/JSON. */
const anySpan = fc
  .dictionary(
    fc.constantFrom(...Object.keys(jsonSpan()), 'kind', 'status', 'attributes', 'events'),
    fc.jsonValue(),
  )
  .map(jsonSpan);

/** Nearly valid batches: valid keys with any value. */
const anyBatch = fc.record({
  batch_id: fc.oneof(fc.constant('01890a5d-ac96-774b-bcce-b302099a8057'), fc.jsonValue()),
  sdk: fc.oneof(fc.constant(null), fc.jsonValue()),
  spans: fc.oneof(
    fc.jsonValue(),
    fc.array(
      fc.record({
        trace_id: fc.oneof(fc.string({ unit: 'binary' }), fc.jsonValue()),
        id: fc.string({ unit: 'binary' }),
        started_at: fc.oneof(fc.date().map(String), fc.string()),
        attributes: fc.jsonValue({ stringUnit: 'binary' }),
      }),
    ),
  ),
});

describe('any body', () => {
  let lambda: TestHandler;

  beforeEach(() => {
    lambda = createTestHandler();
  });

  /** Sends a body, and expects an answer below 500 without an internal error. */
  async function survives(
    path: string,
    type: string,
    body: Uint8Array,
    encoding = '',
  ): Promise<void> {
    lambda.logged.length = 0;
    const headers = { 'content-type': type, 'content-encoding': encoding };
    const answer = await lambda.send({ path, headers, body });
    expect([200, 400, 413, 415]).toContain(answer.statusCode);
    // A log line with level error is a bug that the handler caught.
    expect(lambda.logged.filter(({ level }) => level === 'error')).toEqual([]);
  }

  it.each(ROUTES)('%s with %s survives random bytes', async (path, type) => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 300 }), (body) => survives(path, type, body)),
      RUNS,
    );
  });

  it.each(ROUTES)('%s with %s survives bodies that were damaged', async (path, type) => {
    await fc.assert(
      fc.asyncProperty(mutated, (body) => survives(path, type, body)),
      RUNS,
    );
  });

  it('gzip survives damage', async () => {
    await fc.assert(
      fc.asyncProperty(mutated, fc.nat(), fc.nat({ max: 255 }), (body, at, byte) => {
        const zipped = gzipSync(body);
        zipped[at % zipped.length] = byte;
        return survives('/v1/traces', 'application/x-protobuf', zipped, 'gzip');
      }),
      RUNS,
    );
  });

  it.each(ROUTES)('%s with %s survives any JSON', async (path, type) => {
    await fc.assert(
      fc.asyncProperty(fc.json({ stringUnit: 'binary' }), (json) =>
        survives(path, type, Buffer.from(json)),
      ),
      RUNS,
    );
  });

  it('OTLP survives any value in any field of a span', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(anySpan), (spans) =>
        survives('/v1/traces', 'application/json', jsonRequest(...spans)),
      ),
      RUNS,
    );
  });

  it('a batch survives any value in any field, and what is stored is clean', async () => {
    await fc.assert(
      fc.asyncProperty(anyBatch, async (batch) => {
        await survives('/v1/batch', 'application/json', Buffer.from(JSON.stringify(batch)));
        const stored = JSON.stringify(lambda.store.batches.splice(0));
        expect(stored).not.toMatch(/\\u0000|\\ud[89a-f]/i);
        expect(stored.isWellFormed()).toBe(true);
      }),
      RUNS,
    );
  });

  it('each record is stored or rejected, and none disappears', async () => {
    const record = fc.oneof(
      fc.record({ trace_id: fc.string(), id: fc.string(), kind: fc.string() }),
      fc.jsonValue(),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(record, { minLength: 1 }), async (spans) => {
        const batch = { batch_id: '01890a5d-ac96-774b-bcce-b302099a8057', spans };
        const headers = { 'content-type': 'application/json' };
        const answer = await lambda.send({ headers, body: JSON.stringify(batch) });
        const reply = JSON.parse(answer.body);
        expect(reply.stored.spans + reply.rejected_count).toBe(spans.length);
      }),
      RUNS,
    );
  });

  it('an event of any shape is answered', async () => {
    const part = fc.oneof(fc.constant(undefined), fc.anything());
    const event = fc.record(
      {
        rawPath: fc.oneof(fc.constant('/v1/traces'), part),
        headers: fc.oneof(fc.dictionary(fc.string(), part), part),
        body: part,
        isBase64Encoded: part,
        requestContext: fc.oneof(
          fc.record({
            http: fc.oneof(fc.constant({ method: 'POST' }), part),
            stage: part,
            domainName: part,
          }),
          part,
        ),
      },
      { requiredKeys: [] },
    );
    await fc.assert(
      fc.asyncProperty(fc.oneof(event, part), async (anything) => {
        const answer = await lambda.handler(anything as HttpEvent);
        expect([401, 404, 405]).toContain(answer.statusCode);
      }),
      RUNS,
    );
  });
});
