import * as fs from 'node:fs';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { textOfBatch } from '../../../sdk/batch/batch.ts';
import { createSegmentWriter } from '../../../sdk/batch/segment-writer.ts';
import {
  type Contents,
  checksum,
  FRAME_BYTES,
  HEADER_BYTES,
  headerOf,
  readFrames,
} from '../../../sdk/batch/spool-format.ts';
import { uuidV7 } from '../../../sdk/platform/ids.ts';
import { createReport, sdkReport } from '../../../sdk/report/counts.ts';

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'agensight-segment-'));
});

afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
  vi.restoreAllMocks();
});

const record = (n: number): string => JSON.stringify({ id: `${n}`, input: 'weather in Porto, ' });

/** The ids of the records that are read from a file. */
function idsOf({ builder }: Contents): string[] {
  const batch = JSON.parse(textOfBatch(builder.seal(sdkReport(createReport()), false)));
  return (batch.spans ?? []).map(({ id }: { id: string }) => id);
}

const upTo = (count: number): string[] => Array.from({ length: count }, (_, n) => `${n}`);

/** Writes one frame of records to a new segment, and returns the file. */
function written(count: number): { bytes: Buffer; id: string; size: number } {
  const writer = createSegmentWriter(fs);
  const file = join(folder, `${count}`);
  writer.open(file, false);
  for (let n = 0; n < count; n++) writer.add('spans', record(n));
  writer.write();
  const { id = '', bytes: size = 0 } = writer.segment ?? {};
  writer.close(true);
  return { bytes: readFileSync(file), id, size };
}

describe('a frame', () => {
  it('of many records is compressed, and read back whole', () => {
    const { bytes, id, size } = written(1_000);
    expect(size).toBeLessThan(1_000 * record(0).length * 0.3);
    expect(bytes).toHaveLength(size + FRAME_BYTES);
    const contents = readFrames(bytes, id);
    expect(contents.isTorn).toBe(false);
    expect(idsOf(contents)).toEqual(upTo(1_000));
  });

  it('of few records is not', () => {
    const { bytes, id } = written(3);
    expect(bytes.toString()).toContain(record(2));
    expect(idsOf(readFrames(bytes, id))).toEqual(upTo(3));
  });

  it('is not where the runtime has no zstd', async () => {
    const zlib = await import('node:zlib');
    const get = process.getBuiltinModule;
    vi.spyOn(process, 'getBuiltinModule').mockImplementation(((name: string) =>
      name === 'node:zlib' ? { ...zlib, zstdCompressSync: undefined } : get(name)) as typeof get);
    const { bytes, id } = written(1_000);
    expect(bytes.toString()).toContain(record(999));
    expect(idsOf(readFrames(bytes, id))).toEqual(upTo(1_000));
  });

  it('of many records that an earlier version wrote uncompressed is read', () => {
    const id = uuidV7(Date.now());
    const lines = Buffer.from(
      upTo(1_000)
        .map((n) => `2${record(Number(n))}\n`)
        .join(''),
    );
    const head = Buffer.alloc(FRAME_BYTES);
    head.writeUInt32LE(lines.length, 0);
    head.writeUInt32LE(checksum(lines, checksum(id)), 4);
    const bytes = Buffer.concat([
      headerOf(id).subarray(0, HEADER_BYTES),
      head,
      lines,
      Buffer.alloc(FRAME_BYTES),
    ]);
    const contents = readFrames(bytes, id);
    expect(contents.isTorn).toBe(false);
    expect(idsOf(contents)).toEqual(upTo(1_000));
  });

  it('that is damaged ends the segment', () => {
    const { bytes, id } = written(1_000);
    bytes[HEADER_BYTES + FRAME_BYTES + 50] = (bytes[HEADER_BYTES + FRAME_BYTES + 50] ?? 0) ^ 1;
    const contents = readFrames(bytes, id);
    expect(contents.isTorn).toBe(true);
    expect(idsOf(contents)).toEqual([]);
  });
});
