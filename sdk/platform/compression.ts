/**
 * Compression by the content codings of HTTP. Zstandard at level 1 costs less than half of gzip's
 * processor time on batches of spans, and its result is a fifth smaller.
 */
import { builtin } from './platform.ts';
import { shared } from './shared.ts';

export type Coding = 'zstd' | 'gzip';

/** Up to this size, handing the bytes to another thread costs more than compressing them at once. */
const MAX_SYNC_BYTES = 131_072;
/** Bytes that the other thread returns at a time. */
const CHUNK_BYTES = 262_144;

/** Codings that the runtime announces and that fail. */
const broken: Set<Coding> = shared('broken-codings', () => new Set());

/** The codings that this runtime compresses with, the best first. */
export function codings(): Coding[] {
  const zlib = builtin('node:zlib');
  const all: Coding[] = [];
  if (zlib?.zstdCompressSync) all.push('zstd');
  if (zlib || typeof CompressionStream === 'function') all.push('gzip');
  return all.filter((coding) => !broken.has(coding));
}

/** Compresses at once; undefined where there is no such compression. */
export function compressSync(bytes: Uint8Array, coding: Coding): Uint8Array | undefined {
  const zlib = builtin('node:zlib');
  try {
    if (coding === 'gzip') return zlib?.gzipSync(bytes, gzipOptions());
    return zlib?.zstdCompressSync(bytes, zstdOptions(zlib, bytes));
  } catch {
    broken.add(coding);
    return undefined;
  }
}

/** Compresses, large bytes off the main thread; undefined where there is no such compression. */
export async function compress(bytes: Uint8Array, coding: Coding): Promise<Uint8Array | undefined> {
  const zlib = builtin('node:zlib');
  if (!zlib) return coding === 'gzip' ? gzipStream(bytes) : undefined;
  if (bytes.byteLength <= MAX_SYNC_BYTES) return compressSync(bytes, coding);
  return new Promise((resolve) => {
    const done = (error: Error | null, packed: Uint8Array): void => {
      if (error) broken.add(coding);
      resolve(error ? undefined : packed);
    };
    try {
      if (coding === 'gzip') zlib.gzip(bytes, gzipOptions(), done);
      else zlib.zstdCompress(bytes, zstdOptions(zlib, bytes), done);
    } catch {
      broken.add(coding);
      resolve(undefined);
    }
  });
}

/** The bytes that were compressed. Only for what this process, or the spool, compressed. */
export function decompress(bytes: Uint8Array, coding: Coding): Uint8Array | undefined {
  const zlib = builtin('node:zlib');
  return coding === 'gzip' ? zlib?.gunzipSync(bytes) : zlib?.zstdDecompressSync(bytes);
}

/** Level 1: batches of spans are so repetitive that a higher level gains little. */
const gzipOptions = () => ({ level: 1, chunkSize: CHUNK_BYTES });

const zstdOptions = ({ constants }: typeof import('node:zlib'), bytes: Uint8Array) => ({
  params: { [constants.ZSTD_c_compressionLevel]: 1 },
  // With the size known beforehand, the tables of a small batch are small.
  pledgedSrcSize: bytes.byteLength,
  chunkSize: Math.min(CHUNK_BYTES, bytes.byteLength + 1_024),
});

async function gzipStream(bytes: Uint8Array): Promise<Uint8Array | undefined> {
  if (typeof CompressionStream !== 'function') return undefined;
  const packed = new Blob([bytes as Uint8Array<ArrayBuffer>])
    .stream()
    .pipeThrough(new CompressionStream('gzip'));
  return new Uint8Array(await new Response(packed).arrayBuffer());
}
