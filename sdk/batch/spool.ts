/**
 * The spool: records are written to disk before they are sent, one file per batch, and the file is
 * removed when the batch is settled. Records are written by the end of the turn of the event loop that
 * made them, in chunks of 64 kB; a killed process loses at most one chunk of its last turn. In the built
 * package, this is a file of its own, which `load-spool.ts` loads.
 *
 * Disk errors never reach the host program: a warning is reported, and the current batch waits in
 * memory only.
 */
import type { TableName } from '../../wire/records.ts';
import { builtin } from '../platform/platform.ts';
import { messageOf } from '../platform/values.ts';
import { failSpool, type Report } from '../report/counts.ts';
import type { Warn } from '../report/warnings.ts';
import type { Segment } from './batch.ts';
import { createSegmentWriter } from './segment-writer.ts';
import { closedName, ownName, sharedFolder } from './spool-folder.ts';
import { readSegment, recoverSegments } from './spool-recovery.ts';

export { VERSION } from '../platform/version.ts';

export interface SpoolSettings {
  readonly spool: string;
  readonly maxSpoolBytes: number;
  readonly token: string;
}

/** Writes the records of the current batch, and keeps the files of earlier ones. */
export interface Spool {
  /** Takes over the segments of processes that no longer run. */
  recover(): Segment[];
  /** Reads a segment back: its records, and the number of those that are lost. */
  read(segment: Segment): ReturnType<typeof readSegment>;
  /** Adds a record to the current batch; it is on disk after the next {@link write}. */
  add(table: TableName, json: string): void;
  /** Writes the records that were added since the last call, as one frame. */
  write(): void;
  /** Seals the segment of the current batch and returns it. */
  seal(): Segment | undefined;
  /** A batch of this segment is settled; the file is removed with the last one. */
  release(segment: Segment): void;
  /** Shows other processes on the same disk that this one runs. */
  heartbeat(): void;
  /** Writes the added records. Removes the folder when no records are left. */
  close(): void;
}

/** Emptied files that are reused for the next batches. */
const MAX_FREE_FILES = 8;
const MAX_FREE_BYTES = 4_194_304;
const HEARTBEAT_MILLIS = 30_000;

/** Opens the spool of this process. */
export function createSpool(settings: SpoolSettings, report: Report, warn: Warn): Spool {
  const fs = builtin('node:fs') as typeof import('node:fs');
  const shared = sharedFolder(settings.spool, settings.token);
  const name = ownName();
  const folder = `${shared}/${name}`;
  const writer = createSegmentWriter(fs);
  /** Files without a batch, which are reused. */
  const free: string[] = [];
  let isFolderMade = false;
  let heartbeatAt = 0;
  let nextFile = 0;
  /** Bytes of all sealed segments on disk. */
  let sealedBytes = 0;
  /** Whether the current batch waits in memory only. */
  let isMemoryOnly = false;

  const bytes = (): number => sealedBytes + (writer.segment?.bytes ?? 0);

  /** Does some disk work; when it fails, the current batch waits in memory only. */
  const guard = (work: () => void): void => {
    try {
      work();
    } catch (error) {
      isMemoryOnly = true;
      failSpool(report, warn, 'spool', `the spool cannot be written: ${messageOf(error)}`);
    }
  };

  /** A new file name in the folder of this process; makes the folder. */
  const newFile = (): string => {
    if (!isFolderMade) fs.mkdirSync(folder, { recursive: true, mode: 0o700 });
    isFolderMade = true;
    return `${folder}/${nextFile++}`;
  };

  const begin = (): void => {
    if (bytes() >= settings.maxSpoolBytes) {
      isMemoryOnly = true;
      failSpool(report, warn, 'spool-full', 'the spool is full (maxSpoolBytes)');
      return;
    }
    const reused = free.pop();
    guard(() => writer.open(reused ?? newFile(), reused !== undefined));
    // The folder may have been removed; the next batch makes it again.
    if (isMemoryOnly) isFolderMade = false;
  };

  const write = (): void => {
    if (!isMemoryOnly) guard(writer.write);
  };

  const seal = (): Segment | undefined => {
    write();
    const { segment } = writer;
    const isComplete = !isMemoryOnly;
    guard(() => writer.close(isComplete));
    isMemoryOnly = false;
    if (segment) sealedBytes += segment.bytes;
    return segment;
  };

  const release = (settled: Segment): void => {
    settled.uses -= 1;
    if (settled.uses > 0) return;
    sealedBytes -= settled.bytes;
    const { file } = settled;
    try {
      if (free.length >= MAX_FREE_FILES || settled.bytes > MAX_FREE_BYTES) {
        fs.unlinkSync(file);
        return;
      }
      // A file without its first byte holds no batch.
      const emptied = fs.openSync(file, 'r+');
      fs.writeSync(emptied, '\0', 0);
      fs.closeSync(emptied);
      free.push(file);
    } catch {
      // If the file remains, the batch is sent again, and the server recognises its id.
    }
  };

  return {
    write,
    seal,
    release,
    read: (segment) => readSegment(segment, warn),
    add(table, json) {
      if (!isMemoryOnly && !writer.segment) begin();
      if (!isMemoryOnly) guard(() => writer.add(table, json));
    },
    heartbeat() {
      const now = Date.now();
      if (!isFolderMade || now - heartbeatAt < HEARTBEAT_MILLIS) return;
      heartbeatAt = now;
      try {
        fs.utimesSync(folder, now / 1000, now / 1000);
      } catch {
        // The folder was removed; the next batch makes it again.
        isFolderMade = false;
      }
    },
    recover() {
      const found = recoverSegments(fs, shared, newFile, report, warn);
      for (const one of found) sealedBytes += one.bytes;
      return found;
    },
    close() {
      const last = seal();
      if (last && last.records === 0) release(last);
      try {
        for (const file of free.splice(0)) fs.unlinkSync(file);
        if (!isFolderMade) return;
        if (sealedBytes > 0) fs.renameSync(folder, `${shared}/${closedName(name)}`);
        else fs.rmdirSync(folder);
      } catch {
        // The next process that starts removes the files.
      }
      isFolderMade = false;
    },
  };
}
