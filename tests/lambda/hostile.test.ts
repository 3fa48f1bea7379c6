import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { createTestHandler } from './test-handler.ts';

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
