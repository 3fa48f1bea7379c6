/** Batch ids for protocols that have none. */
import { createHash } from 'node:crypto';

/**
 * A UUIDv8 derived from route and body. A client that received no answer sends the same bytes again;
 * the same id marks that as a repeat, which the database skips.
 */
export function batchIdOf(route: string, body: Buffer): string {
  const digest = createHash('sha256').update(`${route}\n`).update(body).digest();
  const id = digest.subarray(0, 16);
  id[6] = ((id[6] ?? 0) & 0x0f) | 0x80;
  id[8] = ((id[8] ?? 0) & 0x3f) | 0x80;
  return id.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}
