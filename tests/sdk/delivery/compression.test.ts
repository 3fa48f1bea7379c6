import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { flush, init, shutdown, span, status, type Warning } from '../../../sdk/index.ts';
import {
  type Coding,
  codings,
  compress,
  compressSync,
  decompress,
} from '../../../sdk/platform/compression.ts';
import { active } from '../../../sdk/runtime/runtime.ts';
import type { Batch } from '../../../wire/records.ts';
import { plainBody } from '../../support/plain-body.ts';

interface Attempt {
  readonly coding: string | undefined;
  readonly batchId: string;
  readonly spans: number;
  readonly isStored: boolean;
}

/** The answer to a body in a coding that is not in the list. */
type Refusal = 415 | 400;

let server: Server;
let attempts: Attempt[];
let accepted: (string | undefined)[];
let refusal: Refusal;
let before: ReturnType<typeof status>;
let warnings: Warning[];

const work = span('work', (value: unknown) => value);

/** An address of this machine that is not recognised as one. */
const endpoint = (): string => `http://0.0.0.0:${(server.address() as AddressInfo).port}`;

const start = (options: object = {}): void =>
  init({
    mode: 'dev',
    token: 'token',
    endpoint: endpoint(),
    onWarning: (warning) => warnings.push(warning),
    ...options,
  });

beforeEach(async () => {
  attempts = [];
  accepted = ['zstd', 'gzip', undefined];
  refusal = 415;
  warnings = [];
  active.warned.clear();
  before = status();
  server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const coding = request.headers['content-encoding'];
      const batch = JSON.parse(
        plainBody(request.headers, Buffer.concat(chunks)).toString(),
      ) as Batch;
      const isStored = accepted.includes(coding);
      const spans = batch.spans?.length ?? 0;
      attempts.push({ coding, batchId: batch.batch_id, spans, isStored });
      response.writeHead(isStored ? 200 : refusal, { 'content-type': 'application/json' });
      response.end('{}');
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
});

afterEach(async () => {
  await shutdown({ timeoutMillis: 0 });
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
  vi.restoreAllMocks();
});

const tried = (): (string | undefined)[] => attempts.map(({ coding }) => coding);

/** Records by outcome since the test began. */
function since(): object {
  const { sent, rejected, dropped, pending } = status();
  return {
    sent: sent - before.sent,
    rejected: rejected - before.rejected,
    dropped: dropped - before.dropped,
    pending,
  };
}

describe('a batch', () => {
  it('is compressed with zstd, whatever its size', async () => {
    start();
    work(1);
    await flush();
    for (let i = 0; i < 500; i++) work(`${i} ${'x y '.repeat(200)}`);
    await flush();
    expect(new Set(tried())).toEqual(new Set(['zstd']));
    expect(attempts.reduce((sum, { spans }) => sum + spans, 0)).toBe(501);
  });

  it('is sent again with gzip when the server does not read zstd, which is remembered', async () => {
    accepted = ['gzip', undefined];
    start();
    work(1);
    await flush();
    work(2);
    await flush();
    // Another `init` with the same endpoint knows it too.
    start();
    work(3);
    await flush();
    expect(tried()).toEqual(['zstd', 'gzip', 'gzip', 'gzip']);
    expect(attempts[0]?.batchId).toBe(attempts[1]?.batchId);
    expect(since()).toEqual({ sent: 6, rejected: 0, dropped: 0, pending: 0 });
    expect(warnings).toEqual([]);
  });

  it('is sent uncompressed when the server reads no compression', async () => {
    accepted = [undefined];
    start();
    work(1);
    await flush();
    work(2);
    await flush();
    expect(tried()).toEqual(['zstd', 'gzip', undefined, undefined]);
    expect(since()).toMatchObject({ sent: 4, rejected: 0 });
  });

  it('is tried in other codings after a 400 only until one was accepted', async () => {
    accepted = ['gzip', undefined];
    refusal = 400;
    start();
    work(1);
    await flush();
    work(2);
    await flush();
    expect(tried()).toEqual(['zstd', 'gzip', 'gzip']);
    accepted = [];
    work(3);
    await flush();
    expect(tried().slice(3)).toEqual(['gzip']);
    expect(since()).toEqual({ sent: 4, rejected: 2, dropped: 0, pending: 0 });
  });

  it('is refused once when the server refuses every form of it', async () => {
    accepted = [];
    start();
    work(1);
    await flush();
    expect(tried()).toEqual(['zstd', 'gzip', undefined]);
    expect(since()).toEqual({ sent: 0, rejected: 2, dropped: 0, pending: 0 });
  });

  it('is stored once with each of its records when several are refused at a time', async () => {
    accepted = ['gzip', undefined];
    start({ maxBatchBytes: 2_000 });
    for (let i = 0; i < 50; i++) work('x'.repeat(100));
    await flush();
    const stored = attempts.filter(({ isStored }) => isStored);
    expect(stored.reduce((sum, { spans }) => sum + spans, 0)).toBe(50);
    expect(new Set(stored.map(({ batchId }) => batchId)).size).toBe(stored.length);
    expect(since()).toEqual({ sent: 100, rejected: 0, dropped: 0, pending: 0 });
  });

  it('that was compressed in memory is compressed anew for a server that does not read zstd', async () => {
    accepted = ['gzip', undefined];
    start({ maxQueueBytes: 80_000, maxBatchBytes: 8_000, flushIntervalMillis: 3_600_000 });
    for (let i = 0; i < 200; i++) work(`${i} ${'x'.repeat(200)}`);
    await flush();
    const stored = attempts.filter(({ isStored }) => isStored);
    expect(stored.reduce((sum, { spans }) => sum + spans, 0)).toBe(200);
    expect(since()).toEqual({ sent: 400, rejected: 0, dropped: 0, pending: 0 });
  });

  it.each(['127.0.0.1', 'localhost'])('is not compressed for this machine (%s)', async (host) => {
    start({ endpoint: endpoint().replace('0.0.0.0', host) });
    work(1);
    await flush();
    expect(tried()).toEqual([undefined]);
  });
});

describe('a runtime', () => {
  it('without zstd compresses with gzip', async () => {
    const zlib = await import('node:zlib');
    const get = process.getBuiltinModule;
    vi.spyOn(process, 'getBuiltinModule').mockImplementation(((name: string) =>
      name === 'node:zlib'
        ? { ...zlib, zstdCompress: undefined, zstdCompressSync: undefined }
        : get(name)) as typeof get);
    start();
    work(1);
    await flush();
    expect(tried()).toEqual(['gzip']);
  });

  it('without zlib compresses with the streams of the web', async () => {
    const get = process.getBuiltinModule;
    vi.spyOn(process, 'getBuiltinModule').mockImplementation(((name: string) =>
      name === 'node:zlib' ? undefined : get(name)) as typeof get);
    start();
    work(1);
    await flush();
    expect(tried()).toEqual(['gzip']);
  });
});

describe.each<Coding>(['zstd', 'gzip'])('%s', (coding) => {
  it.each([0, 1, 1_000, 131_072, 131_073, 3_000_000])('restores %i bytes', async (size) => {
    const bytes = Buffer.from(Array.from({ length: size }, (_, i) => (i * i) % 251));
    const packed = [compressSync(bytes, coding), await compress(bytes, coding)];
    for (const one of packed) {
      expect(Buffer.compare(decompress(one as Uint8Array, coding) as Uint8Array, bytes)).toBe(0);
    }
  });
});

it('zstd comes first on this version of Node', () => {
  expect(codings()).toEqual(['zstd', 'gzip']);
});
