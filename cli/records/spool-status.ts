/** The unsent records in a spool folder, of all programs that share it. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { readFrames, readHeader } from '../../sdk/batch/spool-format.ts';

export interface SpoolStatus {
  readonly folder: string;
  /** Files with unsent records; the next start of a program sends them. */
  readonly files: number;
  readonly records: number;
  readonly bytes: number;
}

/** Counts the unsent records; null when the folder does not exist. */
export function readSpool(folder: string): SpoolStatus | null {
  const shared = namesIn(folder);
  if (!shared) return null;
  const status = { folder, files: 0, records: 0, bytes: 0 };
  for (const key of shared) {
    for (const owner of namesIn(join(folder, key)) ?? []) {
      for (const name of namesIn(join(folder, key, owner)) ?? []) {
        const segment = readSegment(join(folder, key, owner, name));
        if (!segment) continue;
        status.files += 1;
        status.records += segment.records;
        status.bytes += segment.bytes;
      }
    }
  }
  return status;
}

function readSegment(file: string): { records: number; bytes: number } | null {
  try {
    const bytes = readFileSync(file);
    const header = readHeader(bytes);
    if (!header) return null;
    const records = header.records || readFrames(bytes, header.id).builder.records;
    return records > 0 ? { records, bytes: bytes.length } : null;
  } catch {
    // A program may have sent and deleted the file in the meantime.
    return null;
  }
}

function namesIn(folder: string): string[] | null {
  try {
    return readdirSync(folder);
  } catch {
    return null;
  }
}
