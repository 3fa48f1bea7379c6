/** Compression off the main thread, where the platform has any. */
import { builtin } from './platform.ts';

/** The gzip of some bytes; undefined where there is no gzip. */
export async function gzip(bytes: Uint8Array): Promise<Uint8Array | undefined> {
  const zlib = builtin('node:zlib');
  if (zlib) {
    return new Promise((resolve, reject) => {
      // Level 1: batches of spans repeat themselves so much that more effort gains little.
      zlib.gzip(bytes, { level: 1 }, (error, packed) => (error ? reject(error) : resolve(packed)));
    });
  }
  if (typeof CompressionStream !== 'function') return undefined;
  const packed = new Blob([bytes as Uint8Array<ArrayBuffer>])
    .stream()
    .pipeThrough(new CompressionStream('gzip'));
  return new Uint8Array(await new Response(packed).arrayBuffer());
}
