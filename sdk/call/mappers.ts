/** The options `input` and `output`: functions of the program that choose what is recorded of a call. */

import type { Mapper, RecordingSpan } from '../span/recording-span.ts';

/** Recorded in place of a value for which the mapper threw, because the value may be meant to be hidden. */
const FAILED = '[not recorded: the mapper failed]';

/** The value to record. Never throws. */
export function mapped(
  { owner }: RecordingSpan,
  mapper: Mapper,
  option: 'input' | 'output',
  value: unknown,
): unknown {
  try {
    return mapper(value);
  } catch {
    owner.instance.report.counts.mapperFailed += 1;
    owner.warn(
      'mapper',
      `the option \`${option}\` threw; the value was not recorded and counted in status().mapperFailed`,
    );
    return FAILED;
  }
}
