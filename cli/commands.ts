/**
 * The commands, in the order in which `agensight help` lists them.
 *
 * To add one: a file `cli/<name>.ts` that exports `defineCommand({ name, summary, ... })`, one line
 * here, and a section in `docs/cli.md`; `tests/cli/help.test.ts` tells what was forgotten. Everything
 * is loaded at the start of each command, so what is heavy, or no dependency of the package, is
 * imported inside `run`.
 */
import type { Command } from './command.ts';

export const COMMANDS: readonly Command[] = [];
