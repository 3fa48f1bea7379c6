/** A batch that waits outside of the database, as an object in a bucket. */
import { promisify } from 'node:util';
import { gunzip, gzip } from 'node:zlib';
import type { AcceptedBatch } from '../store/store.ts';

/** What the object holds: all that storing it takes, and who sent it. */
export interface OverflowObject extends AcceptedBatch {
  version: 1;
  /** Lower-case hex SHA-256 of the token it was sent with. */
  token_hash: string;
}

/** What a message in the queue holds: where the object is. */
export interface Pointer {
  key: string;
  /** Why the database refused it for good; in dead letters alone. */
  reason?: string;
}

/** Where all objects stand that still have to be stored. */
export const OVERFLOW_PREFIX = 'batches/';

const compress = promisify(gzip);
const inflate = promisify(gunzip);

/**
 * The key of an object. It starts with the time of acceptance, so that a listing is in that order and
 * may begin and end at a time; it names project and batch, for whoever looks for one.
 */
export function keyOf({ accepted_at, project_id, batch }: OverflowObject): string {
  return `${OVERFLOW_PREFIX}${accepted_at}_${project_id}_${batch.batch_id}.json.gz`;
}

/** When the batch behind a key was accepted, in milliseconds since 1970; null for another key. */
export function acceptedAtMillis(key: string): number | null {
  const [, time] = /^batches\/([^_]+)_/.exec(key) ?? [];
  const millis = Date.parse(time ?? '');
  return Number.isNaN(millis) ? null : millis;
}

export function encodeObject(object: OverflowObject): Promise<Buffer> {
  return compress(JSON.stringify(object));
}

/** The object, or null when the bytes are none that {@link encodeObject} made. */
export async function decodeObject(bytes: Uint8Array): Promise<OverflowObject | null> {
  try {
    const object = JSON.parse((await inflate(bytes)).toString('utf8')) as OverflowObject;
    const isOurs = object.version === 1 && typeof object.project_id === 'string';
    return isOurs && typeof object.batch?.batch_id === 'string' ? object : null;
  } catch {
    return null;
  }
}

/** The key in a message; null when it is none of ours. */
export function decodePointer(body: string): string | null {
  try {
    const { key } = JSON.parse(body) as Partial<Pointer>;
    return typeof key === 'string' && key.startsWith(OVERFLOW_PREFIX) ? key : null;
  } catch {
    return null;
  }
}
