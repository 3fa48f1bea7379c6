import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  createAgensight,
  flush,
  init,
  shutdown,
  span,
  status,
  tracer,
  type Warning,
} from '../../../sdk/index.ts';
import { active } from '../../../sdk/runtime/runtime.ts';
import { Edge, reply } from '../support/edge.ts';

let edge: Edge;
let warnings: Warning[];
let before: ReturnType<typeof status>;

function start(options: object = {}): void {
  init({
    mode: 'dev',
    token: 'secret-token',
    endpoint: edge.url,
    onWarning: (warning) => warnings.push(warning),
    ...options,
  });
}

/** Numbers of records by outcome since the test began. */
function since(): Omit<
  ReturnType<typeof status>,
  'enabled' | 'rejectedBy' | 'droppedBy' | 'unsampled' | 'maskFailed' | 'mapperFailed'
> {
  const { created, sent, rejected, dropped, pending } = status();
  return {
    created: created - before.created,
    sent: sent - before.sent,
    rejected: rejected - before.rejected,
    dropped: dropped - before.dropped,
    pending,
  };
}

const work = span('work', (value: unknown) => value);

beforeEach(async () => {
  edge = await new Edge().open();
  warnings = [];
  active.warned.clear();
  before = status();
});

afterEach(async () => {
  await shutdown({ timeoutMillis: 0 });
  await edge.close();
});

describe('a batch', () => {
  it('is posted with the token, an id, and a report of the SDK', async () => {
    start();
    work(1);
    await flush();
    const [{ path, headers, batch }] = edge.requests as [(typeof edge.requests)[0]];
    expect(path).toBe('/v1/batch');
    expect(headers).toMatchObject({
      authorization: 'Bearer secret-token',
      'content-type': 'application/json',
    });
    expect(batch.batch_id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-/);
    expect(batch.sdk).toMatchObject({ name: 'agensight-js', process_id: expect.any(String) });
  });

  it('keeps a path of the endpoint', async () => {
    start({ endpoint: `${edge.url}/ingest/` });
    work(1);
    await flush();
    expect(edge.requests[0]?.path).toBe('/ingest/v1/batch');
  });

  it('is sent after the flush interval', async () => {
    start({ flushIntervalMillis: 10 });
    work(1);
    await until(() => edge.requests.length === 1);
  });

  it('is split by size, and all parts arrive', async () => {
    start({ maxBatchBytes: 2_000 });
    for (let i = 0; i < 50; i++) work('x'.repeat(100));
    await flush();
    expect(edge.requests.length).toBeGreaterThan(5);
    expect(edge.records().spans).toHaveLength(50);
    expect(since()).toMatchObject({ created: 100, sent: 100, pending: 0 });
  });
});

describe('the result of a flush', () => {
  it('says why records wait, and nothing when all were sent', async () => {
    start({ requestTimeoutMillis: 60_000 });
    edge.replies.push(
      reply(503, { error: { message: 'secret-token is busy' } }, { 'retry-after': '60' }),
    );
    work(1);
    expect(await flush({ timeoutMillis: 300 })).toMatchObject({
      pending: 2,
      reason: expect.stringContaining('2 pending: 503 [token] is busy'),
    });
    expect(status().reason).toContain('503');
  });

  it('says why records were rejected or dropped', async () => {
    const { flush, init, shutdown, span } = createAgensight();
    init({ mode: 'dev', token: 't', endpoint: edge.url, onWarning: () => undefined });
    const work = span('work', (value: number) => value);
    work(1);
    expect(await flush()).not.toHaveProperty('reason');
    edge.replies.push(reply(401, { error: { message: 'this token is unknown' } }));
    work(2);
    expect((await flush()).reason).toBe('2 rejected: 401 this token is unknown');
    edge.replies.push(() => undefined);
    work(3);
    expect((await shutdown({ timeoutMillis: 100 })).reason).toBe(
      '2 dropped: stopped; 2 rejected: 401 this token is unknown',
    );
  });
});

describe('a response', () => {
  it.each([408, 425, 429, 500, 502, 503])(
    'of %i is tried again under the same id',
    async (code) => {
      start();
      edge.replies.push(reply(code), reply(code));
      work(1);
      expect(await flush()).toMatchObject({ pending: 0 });
      const ids = edge.requests.map(({ batch }) => batch.batch_id);
      expect(ids).toEqual([ids[0], ids[0], ids[0]]);
      expect(since()).toMatchObject({ sent: 2, rejected: 0, dropped: 0 });
      expect(warnings.map(({ code }) => code)).toEqual(['retry']);
    },
  );

  it.each([400, 401, 403, 404])('of %i is final, counted, and reported once', async (code) => {
    start();
    const body = { error: { code: 'no', message: 'this token is unknown' } };
    edge.replies.push(reply(code, body), reply(code, body));
    work(1);
    await flush();
    work(2);
    await flush();
    expect(edge.requests).toHaveLength(2);
    expect(since()).toMatchObject({ sent: 0, rejected: 4, pending: 0 });
    expect(warnings).toEqual([
      { code: 'refused', message: expect.stringContaining('this token is unknown') },
    ]);
    expect(JSON.stringify(warnings)).not.toContain('secret-token');
  });

  it('of 413 splits the batch, down to the record that is too large', async () => {
    start();
    for (let i = 0; i < 4; i++) work(i === 2 ? 'too large' : 'fits');
    const refuseLarge: (typeof edge.replies)[0] = (response, received) => {
      const isLarge = JSON.stringify(received.batch).includes('too large');
      reply(isLarge ? 413 : 200)(response, received);
    };
    for (let i = 0; i < 20; i++) edge.replies.push(refuseLarge);
    await flush();
    expect(since()).toEqual({ created: 8, sent: 6, rejected: 2, dropped: 0, pending: 0 });
    const ids = edge.requests.map(({ batch }) => batch.batch_id);
    expect(new Set(ids).size).toBe(ids.length);
  });

  it('that rejects single records is counted and reported', async () => {
    start();
    const rejection = { kind: 'span', id: 'x', field: 'name', reason: 'too long' };
    edge.replies.push(reply(200, { rejected: [rejection], rejected_count: 1 }));
    work(1);
    await flush();
    expect(since()).toMatchObject({ sent: 1, rejected: 1 });
    expect(warnings[0]?.message).toContain('span name: too long');
  });

  it.each([
    ['seconds', () => '1'],
    ['a date', () => new Date(Date.now() + 1_500).toUTCString()],
  ])('may say in %s how long to wait', async (_, retryAfter) => {
    start();
    edge.replies.push(reply(503, {}, { 'retry-after': retryAfter() }));
    work(1);
    const started = performance.now();
    await flush();
    expect(performance.now() - started).toBeGreaterThan(400);
    expect(since()).toMatchObject({ sent: 2 });
  });
});

describe('flush', () => {
  it('resolves by its deadline when the server hangs, with the pending records', async () => {
    start();
    edge.replies.push(() => undefined);
    work(1);
    const started = performance.now();
    expect(await flush({ timeoutMillis: 100 })).toMatchObject({ pending: 2 });
    expect(performance.now() - started).toBeLessThan(1_000);
  });

  it('resolves by its deadline when the server is down', async () => {
    start({ endpoint: 'http://127.0.0.1:9' });
    work(1);
    expect(await flush({ timeoutMillis: 100 })).toMatchObject({ pending: 2 });
    expect(warnings).toMatchObject([{ code: 'retry' }]);
  });

  it('resolves at once without records, initialised or not', async () => {
    expect(await flush()).toMatchObject({ pending: 0 });
    start();
    expect(await flush()).toMatchObject({ pending: 0 });
  });

  it('waits for records made before it, not for later ones', async () => {
    start();
    work(1);
    const flushed = flush();
    edge.replies.push(reply(200), () => undefined);
    work(2);
    await flushed;
    expect(edge.records().spans.map(({ input }) => input)).toEqual([1]);
  });
});

describe('shutdown', () => {
  it('delivers, stops, and counts records that it could not deliver', async () => {
    start();
    work(1);
    expect(await shutdown()).toMatchObject({ pending: 0 });
    work(2);
    expect(since()).toMatchObject({ created: 2, sent: 2 });
    start({ endpoint: 'http://127.0.0.1:9' });
    work(3);
    await shutdown({ timeoutMillis: 50 });
    expect(since()).toMatchObject({ created: 4, sent: 2, dropped: 2, pending: 0 });
    expect(status().enabled).toBe(false);
  });
});

describe('a span that ends late', () => {
  it('after another init is sent to the endpoint of its own', async () => {
    start({ name: 'first' });
    const late = tracer.startSpan('late');
    start({ name: 'second' });
    await flush();
    late.end();
    await flush();
    expect(edge.records().traces).toMatchObject([{ name: 'late', service_name: 'first' }]);
  });

  it('after shutdown is dropped and counted, and nothing is sent', async () => {
    start();
    const late = tracer.startSpan('late');
    await shutdown();
    late.end();
    expect(since()).toMatchObject({ created: 2, dropped: 2, pending: 0 });
    expect(edge.requests).toHaveLength(0);
  });
});

describe('init', () => {
  it('called again replaces all options, and still delivers earlier records', async () => {
    const other = await new Edge().open();
    start({ name: 'first' });
    work(1);
    start({ name: 'second', endpoint: other.url });
    work(2);
    await flush();
    expect(edge.records().traces.map(({ service_name }) => service_name)).toEqual(['first']);
    expect(other.records().traces.map(({ service_name }) => service_name)).toEqual(['second']);
    expect(active.retired.size).toBe(0);
    await other.close();
  });
});

describe('the queue', () => {
  it('drops records beyond its limit, counts them, and reports it once', async () => {
    start({ maxQueueBytes: 65_536, endpoint: 'http://127.0.0.1:9' });
    const noise = (): string =>
      Array.from({ length: 40 }, () => Math.random().toString(36)).join('');
    for (let i = 0; i < 1_000; i++) work(noise());
    const { created, dropped, pending } = since();
    expect(created).toBe(2_000);
    expect(dropped).toBeGreaterThan(500);
    expect(dropped + pending).toBe(created);
    expect(warnings.filter(({ code }) => code === 'queue-full')).toHaveLength(1);
  });

  it('holds a burst of 50,000 spans within its default limit and delivers all of them', async () => {
    start();
    const messages = [{ role: 'user', content: 'Where is the aquarium? '.repeat(20) }];
    const chat = span('chat', (_: object[]) => ({ content: 'In the park. '.repeat(30) }));
    for (let i = 0; i < 50_000; i++) chat(messages);
    expect(since()).toMatchObject({ created: 200_000, dropped: 0 });
    await flush({ timeoutMillis: 50_000 });
    expect(since()).toMatchObject({ sent: 200_000, pending: 0 });
    const ids = new Set(edge.requests.flatMap(({ batch }) => batch.spans?.map(({ id }) => id)));
    expect(ids.size).toBe(50_000);
  });
});

async function until(isTrue: () => boolean): Promise<void> {
  for (let i = 0; i < 200 && !isTrue(); i++) await new Promise((next) => setTimeout(next, 10));
  expect(isTrue()).toBe(true);
}
