/** The body of a request that the SDK sent, decompressed. */
import type { IncomingHttpHeaders } from 'node:http';
import { gunzipSync, zstdDecompressSync } from 'node:zlib';

export function plainBody(headers: IncomingHttpHeaders, body: Buffer): Buffer {
  const coding = headers['content-encoding'];
  if (coding === 'zstd') return zstdDecompressSync(body);
  return coding === 'gzip' ? gunzipSync(body) : body;
}
