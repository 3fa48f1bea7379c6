/**
 * Records on disk before anything else happens to them. A file per batch; it goes when the batch is
 * settled. The queue has written what was recorded in one turn of the event loop before that turn is
 * over, in pieces of 64 kB, so a process that is killed loses at most that much of the turn it is in.
 *
 * Trouble with the disk never becomes trouble of the program: it is told once, and the batch at hand
 * waits in memory alone.
 */
import type { TableName } from '../wire/records.ts';
import { uuidV7 } from './ids.ts';
import { builtin } from './platform.ts';
import { adoptSegments } from './spool-adopt.ts';
import { checksum, countOf, DIGITS, FRAME_BYTES, HEADER_BYTES, headerOf } from './spool-format.ts';
import { closedName, ownName, sharedFolder } from './spool-owner.ts';
import type { Segment } from './spool-segment.ts';
import type { Warn } from './warnings.ts';

export interface SpoolSettings {
  readonly spool: string;
  readonly maxSpoolBytes: number;
  readonly token: string;
}

type Fs = typeof import('node:fs');

/** What is written at once. */
const CHUNK_BYTES = 65_536;
/** Emptied files that are kept for the next batches. */
const MAX_FREE_FILES = 8;
const MAX_FREE_BYTES = 4_194_304;
const HEARTBEAT_MILLIS = 30_000;
const END = Buffer.alloc(FRAME_BYTES);

export class Spool {
  readonly #fs: Fs;
  readonly #warn: Warn;
  readonly #maxBytes: number;
  readonly #shared: string;
  readonly #name = ownName();
  #isMade = false;
  #heartbeatAt = 0;
  #nextFile = 0;
  readonly #free: string[] = [];
  /** Bytes of all segments that are not removed. */
  #bytes = 0;
  #segment: Segment | undefined;
  #fd = -1;
  #at = 0;
  #seed = 0;
  #chunk = Buffer.allocUnsafe(CHUNK_BYTES + 2 * FRAME_BYTES);
  #used = FRAME_BYTES;
  /** Whether the batch at hand waits in memory alone. */
  #isOff = false;

  constructor(fs: Fs, settings: SpoolSettings, warn: Warn) {
    this.#fs = fs;
    this.#warn = warn;
    this.#maxBytes = settings.maxSpoolBytes;
    this.#shared = sharedFolder(settings.spool, settings.token);
  }

  /** Takes a record of the batch at hand; it is on disk after the next {@link write}. */
  add(table: TableName, json: string): void {
    if (this.#isOff) return;
    const segment = this.#segment ?? this.#open();
    if (!segment) return;
    const most = json.length * 3 + 2;
    if (this.#used + most > this.#chunk.length - FRAME_BYTES) {
      this.write();
      if (this.#isOff) return;
      if (most > CHUNK_BYTES) this.#chunk = Buffer.allocUnsafe(most + 2 * FRAME_BYTES);
    }
    const chunk = this.#chunk;
    let used = this.#used;
    used += chunk.write(DIGITS[table], used, 'latin1');
    used += chunk.write(json, used, 'utf8');
    chunk[used] = 10;
    this.#used = used + 1;
    segment.records += 1;
  }

  /** The id that the batch at hand must have; undefined when it is in memory alone. */
  get batchId(): string | undefined {
    return this.#segment?.id;
  }

  /** Ends the batch at hand and returns where it is. */
  seal(): Segment | undefined {
    this.write();
    const segment = this.#segment;
    this.#segment = undefined;
    const isWhole = !this.#isOff;
    this.#isOff = false;
    if (!segment) return undefined;
    try {
      if (isWhole) {
        const { bytes, at } = countOf(segment.records);
        this.#fs.writeSync(this.#fd, bytes, 0, bytes.length, at);
      }
      this.#fs.closeSync(this.#fd);
    } catch (error) {
      this.#tell(error);
    }
    this.#fd = -1;
    segment.isWhole = isWhole;
    return segment;
  }

  /** Tells others on the same disk that this process lives. */
  beat(): void {
    const now = Date.now();
    if (!this.#isMade || now - this.#heartbeatAt < HEARTBEAT_MILLIS) return;
    this.#heartbeatAt = now;
    try {
      this.#fs.utimesSync(this.#folder(), now / 1000, now / 1000);
    } catch {
      // Somebody removed the folder; the next batch makes it again.
      this.#isMade = false;
    }
  }

  /** One batch that came of this segment is settled; with the last one the segment goes. */
  release(segment: Segment): void {
    segment.uses -= 1;
    if (segment.uses > 0) return;
    this.#bytes -= segment.bytes;
    try {
      if (this.#free.length >= MAX_FREE_FILES || segment.bytes > MAX_FREE_BYTES) {
        this.#fs.unlinkSync(segment.file);
        return;
      }
      const fd = this.#fs.openSync(segment.file, 'r+');
      this.#fs.writeSync(fd, END, 0, 1, 0);
      this.#fs.closeSync(fd);
      this.#free.push(segment.file);
    } catch {
      // Gone already, or it will be replayed: the server knows the batch by its id.
    }
  }

  /** Takes over what processes that are gone have left behind. */
  adopt(): Segment[] {
    const found = adoptSegments(this.#fs, this.#shared, () => this.#newFile(), this.#warn);
    for (const { bytes } of found) this.#bytes += bytes;
    return found;
  }

  /** Writes what waits. Where nothing is left, nothing stays on disk. */
  close(): void {
    const open = this.seal();
    if (open && open.records === 0) this.release(open);
    try {
      for (const file of this.#free) this.#fs.unlinkSync(file);
      this.#free.length = 0;
      if (!this.#isMade) return;
      if (this.#bytes > 0) {
        this.#fs.renameSync(this.#folder(), `${this.#shared}/${closedName(this.#name)}`);
      } else {
        this.#fs.rmdirSync(this.#folder());
      }
    } catch {
      // Whoever starts next tidies up.
    }
    this.#isMade = false;
  }

  #folder(): string {
    return `${this.#shared}/${this.#name}`;
  }

  /** A name for a file in the folder of this process, which is there afterwards. */
  #newFile(): string {
    if (!this.#isMade) this.#fs.mkdirSync(this.#folder(), { recursive: true, mode: 0o700 });
    this.#isMade = true;
    return `${this.#folder()}/${this.#nextFile++}`;
  }

  #open(): Segment | undefined {
    if (this.#bytes >= this.#maxBytes) {
      this.#isOff = true;
      this.#warn('spool-full', 'the spool is full (maxSpoolBytes); new records wait in memory');
      return undefined;
    }
    const id = uuidV7(Date.now());
    try {
      const free = this.#free.pop();
      const file = free ?? this.#newFile();
      this.#fd = this.#fs.openSync(file, free ? 'r+' : 'wx', 0o600);
      const header = headerOf(id);
      this.#fs.writeSync(this.#fd, header, 0, header.length, 0);
      this.#at = HEADER_BYTES;
      this.#seed = checksum(id);
      this.#used = FRAME_BYTES;
      this.#segment = { id, file, records: 0, bytes: this.#at, isWhole: false, uses: 0 };
      this.#bytes += this.#at;
      return this.#segment;
    } catch (error) {
      this.#isOff = true;
      this.#isMade = false;
      this.#tell(error);
      return undefined;
    }
  }

  /** Writes what was added since the last time, as one frame. */
  write(): void {
    const segment = this.#segment;
    const length = this.#used - FRAME_BYTES;
    if (!segment || length === 0 || this.#isOff) return;
    const chunk = this.#chunk;
    chunk.writeUInt32LE(length, 0);
    chunk.writeUInt32LE(checksum(chunk.subarray(FRAME_BYTES, this.#used), this.#seed), 4);
    chunk.fill(0, this.#used, this.#used + FRAME_BYTES);
    try {
      const size = this.#used + FRAME_BYTES;
      for (let done = 0; done < size; ) {
        done += this.#fs.writeSync(this.#fd, chunk, done, size - done, this.#at + done);
      }
      this.#at += this.#used;
      segment.bytes += this.#used;
      this.#bytes += this.#used;
    } catch (error) {
      this.#isOff = true;
      this.#tell(error);
    }
    this.#used = FRAME_BYTES;
    if (chunk.length > CHUNK_BYTES + 2 * FRAME_BYTES) {
      this.#chunk = Buffer.allocUnsafe(CHUNK_BYTES + 2 * FRAME_BYTES);
    }
  }

  #tell(error: unknown): void {
    this.#warn('spool', `cannot write the spool, records wait in memory: ${messageOf(error)}`);
  }
}

/** The spool of some settings; undefined without one, or where there is no disk. */
export function createSpool(settings: SpoolSettings, warn: Warn): Spool | undefined {
  if (settings.spool === '') return undefined;
  const fs = builtin('node:fs');
  if (fs && builtin('node:zlib')?.crc32) return new Spool(fs, settings, warn);
  warn('spool', 'this platform has no files; records wait in memory');
  return undefined;
}

const messageOf = (error: unknown): string =>
  error instanceof Error ? error.message : String(error);
