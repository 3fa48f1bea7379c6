/**
 * Records on disk before anything else happens to them. A file per batch; it goes when the batch is
 * settled. The queue has written what was recorded in one turn of the event loop before that turn is
 * over, in pieces of 64 kB, so a process that is killed loses at most that much of the turn it is in.
 *
 * Trouble with the disk never becomes trouble of the program: it is told once, and the batch at hand
 * waits in memory alone.
 */
import type { TableName } from '../../wire/records.ts';
import { uuidV7 } from '../platform/ids.ts';
import { builtin } from '../platform/platform.ts';
import { messageOf } from '../platform/values.ts';
import type { Warn } from '../report/warnings.ts';
import type { Segment } from './segment.ts';
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

/** The records of the batch at hand, and the files of those before it. */
export interface Spool {
  /** Takes over what processes that are gone have left behind. */
  adopt(): Segment[];
  /** Takes a record of the batch at hand; it is on disk after the next {@link write}. */
  add(table: TableName, json: string): void;
  /** Writes what was added since the last time, as one frame. */
  write(): void;
  /** Ends the batch at hand and returns where it is. */
  seal(): Segment | undefined;
  /** One batch that came of this segment is settled; with the last one the segment goes. */
  release(segment: Segment): void;
  /** Tells others on the same disk that this process lives. */
  beat(): void;
  /** Writes what waits. Where nothing is left, nothing stays on disk. */
  close(): void;
}

type Fs = typeof import('node:fs');

/** What is written at once. */
const CHUNK_BYTES = 65_536;
/** Emptied files that are kept for the next batches. */
const MAX_FREE_FILES = 8;
const MAX_FREE_BYTES = 4_194_304;
const HEARTBEAT_MILLIS = 30_000;

/** The spool of some settings; undefined without one, or where there is no disk. */
export function createSpool(settings: SpoolSettings, warn: Warn): Spool | undefined {
  if (settings.spool === '') return undefined;
  const fs = builtin('node:fs');
  if (fs && builtin('node:zlib')?.crc32) return open(fs, settings, warn);
  warn('spool', 'this platform has no files; records wait in memory');
  return undefined;
}

function open(fs: Fs, settings: SpoolSettings, warn: Warn): Spool {
  const shared = sharedFolder(settings.spool, settings.token);
  const name = ownName();
  const folder = `${shared}/${name}`;
  const free: string[] = [];
  let isMade = false;
  let heartbeatAt = 0;
  let nextFile = 0;
  /** Bytes of all segments that are not removed. */
  let bytes = 0;
  /** The batch at hand: its file, where to write next, and the checksum of its id. */
  let segment: Segment | undefined;
  let fd = -1;
  let at = 0;
  let seed = 0;
  /** What waits to be written, behind room for the head of its frame. */
  let chunk: Buffer;
  let used = FRAME_BYTES;
  /** Whether the batch at hand waits in memory alone. */
  let isOff = false;

  /** Room for so much, and for the heads of a frame and of the one behind it. */
  const makeRoom = (units: number): void => {
    chunk = Buffer.allocUnsafe(units + 2 * FRAME_BYTES);
  };
  makeRoom(CHUNK_BYTES);

  const tell = (error: unknown): void => {
    isOff = true;
    warn('spool', `cannot write the spool, records wait in memory: ${messageOf(error)}`);
  };

  /** A name for a file in the folder of this process, which is there afterwards. */
  const newFile = (): string => {
    if (!isMade) fs.mkdirSync(folder, { recursive: true, mode: 0o700 });
    isMade = true;
    return `${folder}/${nextFile++}`;
  };

  const begin = (): Segment | undefined => {
    if (bytes >= settings.maxSpoolBytes) {
      isOff = true;
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
      segment = { id, file, records: 0, bytes: at, isWhole: false, uses: 0 };
      return segment;
    } catch (error) {
      isMade = false;
      return void tell(error);
    }
  };

  const write = (): void => {
    const length = used - FRAME_BYTES;
    if (!segment || length === 0 || isOff) return;
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
      tell(error);
    }
    used = FRAME_BYTES;
    if (chunk.length > CHUNK_BYTES + 2 * FRAME_BYTES) makeRoom(CHUNK_BYTES);
  };

  const seal = (): Segment | undefined => {
    write();
    const sealed = segment;
    segment = undefined;
    const isWhole = !isOff;
    isOff = false;
    if (!sealed) return undefined;
    try {
      if (isWhole) {
        fs.writeSync(fd, countOf(sealed.records), 0, 4, COUNT_AT);
      }
      fs.closeSync(fd);
    } catch (error) {
      tell(error);
      isOff = false;
    }
    fd = -1;
    sealed.isWhole = isWhole;
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
      // Without its first byte it holds no batch.
      const emptied = fs.openSync(file, 'r+');
      fs.writeSync(emptied, '\0', 0);
      fs.closeSync(emptied);
      free.push(file);
    } catch {
      // Gone already, or it will be replayed: the server knows the batch by its id.
    }
  };

  return {
    write,
    seal,
    release,
    add(table, json) {
      if (isOff) return;
      const into = segment ?? begin();
      if (!into) return;
      const most = json.length * 3 + 2;
      if (used + most > chunk.length - FRAME_BYTES) {
        write();
        if (isOff) return;
        if (most > CHUNK_BYTES) makeRoom(most);
      }
      chunk[used++] = digitOf(table);
      used += chunk.write(json, used);
      chunk[used++] = NEWLINE;
      into.records += 1;
    },
    beat() {
      const now = Date.now();
      if (!isMade || now - heartbeatAt < HEARTBEAT_MILLIS) return;
      heartbeatAt = now;
      try {
        fs.utimesSync(folder, now / 1000, now / 1000);
      } catch {
        // Somebody removed the folder; the next batch makes it again.
        isMade = false;
      }
    },
    adopt() {
      const found = recoverSegments(fs, shared, newFile, warn);
      for (const one of found) bytes += one.bytes;
      return found;
    },
    close() {
      const open = seal();
      if (open && open.records === 0) release(open);
      try {
        for (const file of free.splice(0)) fs.unlinkSync(file);
        if (!isMade) return;
        if (bytes > 0) fs.renameSync(folder, `${shared}/${closedName(name)}`);
        else fs.rmdirSync(folder);
      } catch {
        // Whoever starts next tidies up.
      }
      isMade = false;
    },
  };
}
