/**
 * The spool: records are written to disk before they are sent, one file per batch, and the file is
 * removed when the batch is settled. Records are written by the end of the turn of the event loop that
 * made them, in chunks of 64 kB; a killed process loses at most one chunk of its last turn.
 *
 * Disk errors never reach the host program: a warning is reported, and the current batch waits in
 * memory only.
 */
import type { TableName } from '../../wire/records.ts';
import { uuidV7 } from '../platform/ids.ts';
import { builtin } from '../platform/platform.ts';
import { messageOf } from '../platform/values.ts';
import type { Warn } from '../report/warnings.ts';
import type { Segment } from './batch.ts';
import { closedName, ownName, sharedFolder } from './spool-folder.ts';
import {
  COUNT_AT,
  checksum,
  countOf,
  digitOf,
  FRAME_BYTES,
  HEADER_BYTES,
  headerOf,
  NEWLINE,
} from './spool-format.ts';
import { recoverSegments } from './spool-recovery.ts';

export interface SpoolSettings {
  readonly spool: string;
  readonly maxSpoolBytes: number;
  readonly token: string;
}

/** Writes the records of the current batch, and keeps the files of earlier ones. */
export interface Spool {
  /** Takes over the segments of processes that no longer run. */
  recover(): Segment[];
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

type Fs = typeof import('node:fs');

/** Bytes of one write. */
const CHUNK_BYTES = 65_536;
/** Emptied files that are reused for the next batches. */
const MAX_FREE_FILES = 8;
const MAX_FREE_BYTES = 4_194_304;
const HEARTBEAT_MILLIS = 30_000;

/** The spool; undefined when it is disabled, or where there is no file system. */
export function createSpool(settings: SpoolSettings, warn: Warn): Spool | undefined {
  if (settings.spool === '') return undefined;
  const fs = builtin('node:fs');
  if (fs && builtin('node:zlib')?.crc32) return open(fs, settings, warn);
  warn('spool', 'this platform has no file system; records wait in memory');
  return undefined;
}

function open(fs: Fs, settings: SpoolSettings, warn: Warn): Spool {
  const shared = sharedFolder(settings.spool, settings.token);
  const name = ownName();
  const folder = `${shared}/${name}`;
  const free: string[] = [];
  let isFolderMade = false;
  let heartbeatAt = 0;
  let nextFile = 0;
  /** Bytes of all segments on disk. */
  let bytes = 0;
  /** The current batch: its segment, the offset of the next write, and the checksum of its id. */
  let segment: Segment | undefined;
  let fd = -1;
  let at = 0;
  let seed = 0;
  /** Records to be written, after space for the head of their frame. */
  let chunk: Buffer;
  let used = FRAME_BYTES;
  /** Whether the current batch waits in memory only. */
  let isMemoryOnly = false;

  /** Allocates a chunk with space for the heads of its frame and of the next one. */
  const allocate = (size: number): void => {
    chunk = Buffer.allocUnsafe(size + 2 * FRAME_BYTES);
  };
  allocate(CHUNK_BYTES);

  const fallBack = (error: unknown): void => {
    isMemoryOnly = true;
    warn('spool', `cannot write the spool, records wait in memory: ${messageOf(error)}`);
  };

  /** A new file name in the folder of this process; makes the folder. */
  const newFile = (): string => {
    if (!isFolderMade) fs.mkdirSync(folder, { recursive: true, mode: 0o700 });
    isFolderMade = true;
    return `${folder}/${nextFile++}`;
  };

  const begin = (): Segment | undefined => {
    if (bytes >= settings.maxSpoolBytes) {
      isMemoryOnly = true;
      warn('spool-full', 'the spool is full (maxSpoolBytes); new records wait in memory');
      return undefined;
    }
    const id = uuidV7(Date.now());
    try {
      const emptied = free.pop();
      const file = emptied ?? newFile();
      fd = fs.openSync(file, emptied ? 'r+' : 'wx', 0o600);
      const header = headerOf(id);
      fs.writeSync(fd, header, 0, header.length, 0);
      at = HEADER_BYTES;
      seed = checksum(id);
      used = FRAME_BYTES;
      bytes += at;
      segment = { id, file, records: 0, bytes: at, isComplete: false, uses: 0 };
      return segment;
    } catch (error) {
      isFolderMade = false;
      return void fallBack(error);
    }
  };

  const write = (): void => {
    const length = used - FRAME_BYTES;
    if (!segment || length === 0 || isMemoryOnly) return;
    chunk.writeUInt32LE(length, 0);
    chunk.writeUInt32LE(checksum(chunk.subarray(FRAME_BYTES, used), seed), 4);
    const size = used + FRAME_BYTES;
    chunk.fill(0, used, size);
    try {
      for (let done = 0; done < size; ) {
        done += fs.writeSync(fd, chunk, done, size - done, at + done);
      }
      at += used;
      segment.bytes += used;
      bytes += used;
    } catch (error) {
      fallBack(error);
    }
    used = FRAME_BYTES;
    if (chunk.length > CHUNK_BYTES + 2 * FRAME_BYTES) allocate(CHUNK_BYTES);
  };

  const seal = (): Segment | undefined => {
    write();
    const sealed = segment;
    segment = undefined;
    const isComplete = !isMemoryOnly;
    isMemoryOnly = false;
    if (!sealed) return undefined;
    try {
      if (isComplete) {
        fs.writeSync(fd, countOf(sealed.records), 0, 4, COUNT_AT);
      }
      fs.closeSync(fd);
    } catch (error) {
      fallBack(error);
      isMemoryOnly = false;
    }
    fd = -1;
    sealed.isComplete = isComplete;
    return sealed;
  };

  const release = (settled: Segment): void => {
    settled.uses -= 1;
    if (settled.uses > 0) return;
    bytes -= settled.bytes;
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
    add(table, json) {
      if (isMemoryOnly) return;
      const into = segment ?? begin();
      if (!into) return;
      const most = json.length * 3 + 2;
      if (used + most > chunk.length - FRAME_BYTES) {
        write();
        if (isMemoryOnly) return;
        if (most > CHUNK_BYTES) allocate(most);
      }
      chunk[used++] = digitOf(table);
      used += chunk.write(json, used);
      chunk[used++] = NEWLINE;
      into.records += 1;
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
      const found = recoverSegments(fs, shared, newFile, warn);
      for (const one of found) bytes += one.bytes;
      return found;
    },
    close() {
      const open = seal();
      if (open && open.records === 0) release(open);
      try {
        for (const file of free.splice(0)) fs.unlinkSync(file);
        if (!isFolderMade) return;
        if (bytes > 0) fs.renameSync(folder, `${shared}/${closedName(name)}`);
        else fs.rmdirSync(folder);
      } catch {
        // The next process that starts removes the files.
      }
      isFolderMade = false;
    },
  };
}
