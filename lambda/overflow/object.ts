/** A batch that waits outside the database: an object in a bucket, and a message that points to it. */
import { promisify } from 'node:util';
import { constants, gunzip, zstdCompress, zstdDecompress } from 'node:zlib';
import * as z from 'zod/mini';
import { OVERFLOW_PREFIX } from '../../wire/operations.ts';
import type { AcceptedBatch, StoredBatch } from '../store/store.ts';

/** The content of an object: everything that is needed to store the batch, and who sent it. */
export interface OverflowObject extends AcceptedBatch {
  version: 1;
  /** Lower-case hex SHA-256 of the token it was sent with. */
  token_hash: string;
}

/** The content of a message in the queue: the key of the object. */
export interface Pointer {
  key: string;
  /** Why the database refused it for good; in the dead-letter queue only. */
  reason?: string;
}

/**
 * The envelope of an object. Its records were validated before they were written, and the database
 * checks them again, so only the id of the batch is checked here.
 */
const objectSchema = z.object({
  version: z.literal(1),
  project_id: z.string(),
  accepted_at: z.string(),
  token_hash: z.string(),
  names_span_only: z.boolean(),
  batch: z.custom<StoredBatch>((value) => batchSchema.safeParse(value).success),
});

const versionSchema = z.object({ version: z.number() });

const batchSchema = z.object({ batch_id: z.string() });

const pointerSchema = z.object({ key: z.string().check(z.startsWith(OVERFLOW_PREFIX)) });

const compress = promisify(zstdCompress);

/** The content codings of objects by their first bytes in hex. The first versions wrote gzip. */
const DECODERS: Readonly<Record<string, (bytes: Uint8Array) => Promise<Buffer>>> = {
  '28b52ffd': promisify<Uint8Array, Buffer>(zstdDecompress),
  '1f8b': promisify<Uint8Array, Buffer>(gunzip),
};

/**
 * The key of an object. It starts with the time of acceptance, so that listings are in that order and
 * can be limited to a range; it names project and batch for operators.
 */
export function keyOf({ accepted_at, project_id, batch }: OverflowObject): string {
  return `${OVERFLOW_PREFIX}${accepted_at}_${project_id}_${batch.batch_id}.json.zst`;
}

/** When the batch of a key was accepted, in milliseconds since 1970; null for any other key. */
export function acceptedAtMillis(key: string): number | null {
  if (!key.startsWith(OVERFLOW_PREFIX)) return null;
  const [time = ''] = key.slice(OVERFLOW_PREFIX.length).split('_', 1);
  const millis = Date.parse(time);
  return Number.isNaN(millis) ? null : millis;
}

export function encodeObject(object: OverflowObject): Promise<Buffer> {
  const json = Buffer.from(JSON.stringify(object));
  return compress(json, {
    params: { [constants.ZSTD_c_compressionLevel]: 1 },
    pledgedSrcSize: json.length,
  });
}

/** The object, or why the bytes cannot be read. */
export async function decodeObject(
  bytes: Uint8Array,
): Promise<{ object: OverflowObject } | { problem: string }> {
  const magic = Buffer.from(bytes.subarray(0, 4)).toString('hex');
  const known = Object.keys(DECODERS).find((start) => magic.startsWith(start));
  if (known === undefined) {
    return {
      problem: `the object has an unknown content coding (it begins with ${magic}): ${CURE}`,
    };
  }
  try {
    const value: unknown = JSON.parse((await DECODERS[known]?.(bytes))?.toString('utf8') ?? '');
    const object = objectSchema.safeParse(value).data;
    if (object) return { object };
    const version = versionSchema.safeParse(value).data?.version ?? 1;
    if (version > 1) return { problem: `the object has the unknown version ${version}: ${CURE}` };
  } catch {
    // Cut or altered.
  }
  return { problem: 'the object cannot be read' };
}

const CURE =
  'if a newer version wrote it, deploy the drain of that version, then run `agensight replay --dead-letters`';

/** The key in a message; null when the message does not point to an object. */
export function decodePointer(body: string): string | null {
  try {
    const value: unknown = JSON.parse(body);
    return pointerSchema.safeParse(value).data?.key ?? null;
  } catch {
    return null;
  }
}

export type KeepResult =
  | {
      status: 'kept';
      /** False when only the object was written; maintain will queue it. */
      isQueued: boolean;
      /** Why it is not queued; for the log. */
      reason: string;
    }
  | { status: 'failed'; reason: string };

export interface Overflow {
  /**
   * Makes a batch durable. The S3 object makes it durable; the SQS message only speeds up processing,
   * as maintain queues objects without a message within minutes. Never rejects.
   */
  keep(object: OverflowObject): Promise<KeepResult>;
}

/** The name of an error of an AWS client, which quotes no content. */
export function nameOf(error: unknown): string {
  return error instanceof Error ? error.name : 'unknown';
}
