/**
 * The commands, in the order of `agensight help`.
 *
 * To add one: a file `cli/commands/<name>.ts` that exports `defineCommand({ name, summary, ... })`,
 * one line here and a section in `docs/cli.md`; `tests/cli/main.process.test.ts` reports what is missing.
 * Every command loads all modules, so import heavy ones inside `run`.
 */
import type { Command } from '../shell/command.ts';
import { doctor } from './doctor.ts';
import { exportRecords } from './export.ts';
import { initCloud } from './init-cloud.ts';
import { migrate } from './migrate.ts';
import { push } from './push.ts';
import { python } from './python.ts';
import { replay } from './replay.ts';
import { status } from './status.ts';
import { tail } from './tail.ts';

export const COMMANDS: readonly Command[] = [
  doctor,
  tail,
  status,
  push,
  exportRecords,
  migrate,
  initCloud,
  replay,
  python,
];
