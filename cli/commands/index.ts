/**
 * The commands, in the order in which `agensight help` lists them.
 *
 * To add one: a file `cli/<name>.ts` that exports `defineCommand({ name, summary, ... })`, one line
 * here, and a section in `docs/cli.md`; `tests/cli/main.test.ts` tells what was forgotten. Everything
 * is loaded at the start of each command, so what is heavy, or no dependency of the package, is
 * imported inside `run`.
 */
import type { Command } from '../shell/command.ts';
import { doctor } from './doctor.ts';
import { exportRecords } from './export.ts';
import { initCloud } from './init-cloud.ts';
import { push } from './push.ts';
import { replay } from './replay.ts';
import { status } from './status.ts';
import { tail } from './tail.ts';

export const COMMANDS: readonly Command[] = [
  doctor,
  tail,
  status,
  push,
  exportRecords,
  initCloud,
  replay,
];
