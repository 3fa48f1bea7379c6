/** The options `input` and `output`: functions of the program that choose what is recorded of a call. */

import { counts } from '../report/counts.ts';
import { createWarn } from '../report/warnings.ts';
import { active } from '../runtime/runtime.ts';
import type { Mapper } from '../span/recording-span.ts';

/** Recorded in place of a value for which the mapper threw, because the value may be meant to be hidden. */
const FAILED = '[not recorded: the mapper failed]';

/** The value to record. Never throws. */
export function mapped(mapper: Mapper, option: 'input' | 'output', value: unknown): unknown {
  try {
    return mapper(value);
  } catch {
    counts.mapperFailed += 1;
    const warn = createWarn(active.runtime?.settings.onWarning);
    warn(
      'mapper',
      `the option \`${option}\` threw; the value was not recorded and counted in status().mapperFailed`,
    );
    return FAILED;
  }
}
