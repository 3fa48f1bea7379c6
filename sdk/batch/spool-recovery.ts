/** What the spools of processes that are gone have left behind, and how it is read. */

import { builtin } from '../platform/platform.ts';
import { attempt, messageOf } from '../platform/values.ts';
import { dropUncounted } from '../report/counts.ts';
import type { Warn } from '../report/warnings.ts';
import type { BatchBuilder } from './batch.ts';
import type { Segment } from './segment.ts';
import { isAbandoned } from './spool-folder.ts';
import { HEADER_BYTES, readFrames, readHeader } from './spool-format.ts';

type Fs = typeof import('node:fs');

/** Moves the segments of the dead to names of ours, and returns them from the oldest on. */
export function recoverSegments(
  fs: Fs,
  shared: string,
  newFile: () => string,
  warn: Warn,
): Segment[] {
  const adopted: Segment[] = [];
  for (const name of attempt(() => fs.readdirSync(shared)) ?? []) {
    const folder = `${shared}/${name}`;
    attempt(() => {
      if (!isAbandoned(name, fs.statSync(folder).mtimeMs)) return;
      for (const theirs of fs.readdirSync(folder)) {
        // Another process may be quicker.
        attempt(() => {
          const file = newFile();
          // Only one of several processes that try can move it.
          fs.renameSync(`${folder}/${theirs}`, file);
          const segment = inspect(fs, file, warn);
          if (segment) adopted.push(segment);
          else fs.unlinkSync(file);
        });
      }
      fs.rmdirSync(folder);
    });
  }
  return adopted.sort((a, b) => (a.id < b.id ? -1 : 1));
}

/** The records of a segment that can still be read, and how many cannot. */
export function readSegment(
  segment: Segment,
  warn: Warn,
): { readonly builder: BatchBuilder | undefined; readonly lost: number } {
  let builder: BatchBuilder | undefined;
  let reason = 'it is damaged';
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

/** What a file holds; undefined when that is nothing. */
function inspect(fs: Fs, file: string, warn: Warn): Segment | undefined {
  const head = Buffer.alloc(HEADER_BYTES);
  const fd = fs.openSync(file, 'r');
  const length = fs.readSync(fd, head, 0, HEADER_BYTES, 0);
  const bytes = fs.fstatSync(fd).size;
  fs.closeSync(fd);
  const known = readHeader(head.subarray(0, length));
  if (!known) return undefined;
  const segment = { ...known, file, bytes, isWhole: true, uses: 0 };
  if (known.records > 0) return segment;
  // Its writer died over it: what is whole in it counts.
  const { builder, isTorn } = readFrames(fs.readFileSync(file), known.id);
  if (isTorn) {
    dropUncounted('spool-torn');
    warn('spool-torn', 'the last write of a process that died came through only in part');
  }
  return builder.records > 0 ? { ...segment, records: builder.records } : undefined;
}
