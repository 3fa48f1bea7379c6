import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { bodyOf } from './support/http-event.ts';
import { createTestHandler } from './support/test-handler.ts';

interface HostileCase {
  file: string;
  headers: Record<string, string>;
  what: string;
  status: string;
}

const FOLDER = new URL('../cases/hostile/', import.meta.url);
const CASES: HostileCase[] = JSON.parse(readFileSync(new URL('cases.json', FOLDER), 'utf8'));
const CONTROL = bytesOf('00-control.bin');
const PROTOBUF = { 'content-type': 'application/x-protobuf' };

function bytesOf(file: string): Buffer {
  return readFileSync(new URL(file, FOLDER));
}

describe('a hostile OTLP body', () => {
  it.each(CASES)('$file ($what) is answered $status', async ({ file, headers, status }) => {
    const { send, store } = createTestHandler();
    const answer = await send({ path: '/v1/traces', headers, body: bytesOf(file) });
    expect(answer.statusCode).toBe(Number(status));
    if (answer.statusCode !== 200) expect(store.batches).toEqual([]);

    const control = await send({ path: '/v1/traces', headers: PROTOBUF, body: CONTROL });
    expect(control.statusCode).toBe(200);
    expect(store.batches.at(-1)?.spans).toHaveLength(2);
  });
});

/** Sends one body, and returns what was stored. */
async function stored(file: string) {
  const { headers } = CASES.find((each) => each.file === file) ?? { headers: {} };
  const { send, store } = createTestHandler();
  const answer = await send({ path: '/v1/traces', headers, body: bytesOf(file) });
  const [batch] = store.batches;
  return {
    spans: batch?.spans ?? [],
    completions: batch?.completions ?? [],
    prompts: batch?.prompts ?? [],
    sessions: batch?.sessions ?? [],
    batch,
    answer: bodyOf(answer).toString(),
  };
}

describe('in a hostile body', () => {
  it('the same records are read from both encodings', async () => {
    const [protobuf, json] = [await stored('00-control.bin'), await stored('00-control.json')];
    expect({ ...json.batch, batch_id: '' }).toEqual({ ...protobuf.batch, batch_id: '' });
  });

  it.each([
    ['00-control.bin', 2],
    ['09-content-type-charset.json', 1],
    ['16-zero-ids.bin', 1],
    ['18-bad-hex-ids.json', 2],
    ['19-timestamps.bin', 2],
    ['21-end-before-start.bin', 2],
    ['23-nul-characters.bin', 2],
    ['25-invalid-utf8.bin', 1],
    ['26-1mb-attribute.bin', 1],
    ['27-5000-spans.bin', 5_000],
    ['32-unknown-fields.bin', 2],
    ['33-unknown-fields.json', 1],
    ['44-orphan.bin', 1],
    ['51-10k-attributes.bin', 1],
    ['56-mixed-batch.bin', 4],
  ])('%s, %s spans are stored', async (file, count) => {
    expect((await stored(file)).spans).toHaveLength(count);
  });

  it('rejected spans are counted', async () => {
    expect((await stored('16-zero-ids.bin')).answer).toContain('must not be all zeros');
    expect((await stored('18-bad-hex-ids.json')).answer).toContain('"rejectedSpans":"3"');
    expect((await stored('19-timestamps.bin')).answer).toContain('start_time_unix_nano');
    expect((await stored('56-mixed-batch.bin')).answer).toContain('span_id must be');
  });

  it('upper-case ids are stored in lower case, in the trace of their siblings', async () => {
    const { spans } = await stored('18-bad-hex-ids.json');
    expect(new Set(spans.map(({ trace_id }) => trace_id)).size).toBe(1);
  });

  it('token counts of any form become numbers, and large ones are kept as digits', async () => {
    const { spans, completions } = await stored('29-int64-forms.json');
    expect(completions).toMatchObject([
      { prompt_tokens: 1217, completion_tokens: 47, total_tokens: 1264 },
    ]);
    expect(JSON.stringify(spans)).toContain('"big.string":"9223372036854775807"');
    const { completions: ofTypes } = await stored('31-token-types.bin');
    expect(ofTypes).toMatchObject([
      {
        prompt_tokens: 1217,
        completion_tokens: 47,
        total_tokens: 1264,
        cached_tokens: 5_000_000_000,
      },
    ]);
    expect(ofTypes?.[0]).not.toHaveProperty('reasoning_tokens');
  });

  it('NUL is replaced everywhere', async () => {
    const { batch, sessions } = await stored('23-nul-characters.bin');
    expect(sessions).toMatchObject([{ id: 'ses\ufffdsion' }]);
    expect(JSON.stringify(batch)).not.toMatch(/\\u0000|\\ud[89a-f]/i);
  });

  it('a text of 1 MB is stored whole', async () => {
    const { prompts } = await stored('26-1mb-attribute.bin');
    expect(prompts).toHaveLength(1);
    expect(Buffer.byteLength(prompts[0]?.content ?? '')).toBeGreaterThanOrEqual(1_000_000);
    expect(prompts[0]?.content).not.toContain('[cut');
  });

  it('keys of Object.prototype are ordinary keys', async () => {
    const { spans } = await stored('46-prototype-keys.bin');
    expect(spans[0]?.attributes).toMatchObject({ constructor: 'y', toString: 't' });
    expect(({} as { polluted?: unknown }).polluted).toBeUndefined();
  });

  it('broken inner JSON is kept as text', async () => {
    const { spans, prompts } = await stored('48-bad-inner-json.bin');
    expect(spans.length).toBeGreaterThan(0);
    expect(prompts.length).toBeGreaterThan(0);
  });

  it('a gzip bomb costs bounded memory', async () => {
    const { send } = createTestHandler();
    const [{ headers } = { headers: {} }] = CASES.filter(({ file }) => file === '11-gzip-bomb.bin');
    const body = bytesOf('11-gzip-bomb.bin');
    const before = process.memoryUsage().rss;
    for (let i = 0; i < 10; i++) await send({ path: '/v1/traces', headers, body });
    expect(process.memoryUsage().rss - before).toBeLessThan(150_000_000);
  });
});
