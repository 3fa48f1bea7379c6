/** Decompresses a response by its `content-encoding`. */
import { builtin } from '../platform/platform.ts';

/**
 * The decompressed bytes, as far as they go: a stream may have been left early. Encodings are in the
 * order in which they were applied.
 * @throws when the bytes are not in that encoding, or decompress to more than `maxBytes`
 */
export function decompress(bytes: Uint8Array, encoding: string, maxBytes: number): Uint8Array {
  const zlib = builtin('node:zlib');
  let result = bytes;
  for (const name of encoding.split(/\s*,\s*/).reverse()) {
    if (name === '' || name === 'identity') continue;
    if (!zlib) throw new Error('no zlib');
    const { Z_SYNC_FLUSH, BROTLI_OPERATION_FLUSH, ZSTD_e_flush } = zlib.constants;
    const limit = { maxOutputLength: maxBytes };
    if (name === 'br') {
      result = zlib.brotliDecompressSync(result, { ...limit, finishFlush: BROTLI_OPERATION_FLUSH });
    } else if (name === 'zstd') {
      result = zlib.zstdDecompressSync(result, { ...limit, finishFlush: ZSTD_e_flush });
    } else if (name === 'deflate' && ((result[0] ?? 0) & 0x0f) !== 8) {
      // Some servers send deflate without the header of zlib.
      result = zlib.inflateRawSync(result, { ...limit, finishFlush: Z_SYNC_FLUSH });
    } else {
      result = zlib.unzipSync(result, { ...limit, finishFlush: Z_SYNC_FLUSH });
    }
  }
  return result;
}
