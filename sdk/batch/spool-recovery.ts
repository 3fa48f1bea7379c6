/** Spool recovery: takes over and reads the segments of processes that no longer run. */

import { builtin } from '../platform/platform.ts';
import { attempt, messageOf } from '../platform/values.ts';
import { dropUncounted, type Report } from '../report/counts.ts';
import type { Warn } from '../report/warnings.ts';
import type { BatchBuilder, Segment } from './batch.ts';
import { isAbandoned } from './spool-folder.ts';
import { HEADER_BYTES, readFrames, readHeader } from './spool-format.ts';

type Fs = typeof import('node:fs');

/** Moves the segments of processes that no longer run to new names; returns them, oldest first. */
export function recoverSegments(
  fs: Fs,
  shared: string,
  newFile: () => string,
  report: Report,
  warn: Warn,
): Segment[] {
  const recovered: Segment[] = [];
  for (const name of attempt(() => fs.readdirSync(shared)) ?? []) {
    const folder = `${shared}/${name}`;
    attempt(() => {
      if (!isAbandoned(name, fs.statSync(folder).mtimeMs)) return;
      for (const name of fs.readdirSync(folder)) {
        // Another process may recover the same file.
        attempt(() => {
          const file = newFile();
          // Of several processes that try, only one can rename the file.
          fs.renameSync(`${folder}/${name}`, file);
          const segment = inspect(fs, file, report, warn);
          if (segment) recovered.push(segment);
          else fs.unlinkSync(file);
        });
      }
      fs.rmdirSync(folder);
    });
  }
  return recovered.sort((a, b) => (a.id < b.id ? -1 : 1));
}

/** The readable records of a segment, and the number of records that are lost. */
export function readSegment(
  segment: Segment,
  warn: Warn,
): { readonly builder: BatchBuilder | undefined; readonly lost: number } {
  let builder: BatchBuilder | undefined;
  let reason = 'the file is damaged';
  try {
    const bytes = builtin('node:fs')?.readFileSync(segment.file);
    if (bytes) ({ builder } = readFrames(bytes, segment.id));
  } catch (error) {
    reason = messageOf(error);
  }
  const lost = segment.records - (builder?.records ?? 0);
  if (lost > 0) {
    warn('spool-lost', `${lost} records of the spool are lost: ${segment.file}: ${reason}`);
  }
  return { builder: builder && builder.records > 0 ? builder : undefined, lost };
}

/** The segment in a file; undefined when it holds no records. */
function inspect(fs: Fs, file: string, report: Report, warn: Warn): Segment | undefined {
  const head = Buffer.alloc(HEADER_BYTES);
  const fd = fs.openSync(file, 'r');
  const length = fs.readSync(fd, head, 0, HEADER_BYTES, 0);
  const bytes = fs.fstatSync(fd).size;
  fs.closeSync(fd);
  const known = readHeader(head.subarray(0, length));
  if (!known) return undefined;
  const segment = { ...known, file, bytes, isComplete: true, uses: 0 };
  if (known.records > 0) return segment;
  // The process ended before it sealed the segment: complete frames are recovered.
  const { builder, isTorn } = readFrames(fs.readFileSync(file), known.id);
  if (isTorn) {
    dropUncounted(report, 'spool-torn');
    warn('spool-torn', 'the last spool write of a process that crashed was incomplete');
  }
  return builder.records > 0 ? { ...segment, records: builder.records } : undefined;
}
