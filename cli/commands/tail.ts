import { setTimeout as sleep } from 'node:timers/promises';
import { findSource, SOURCE_OPTIONS } from '../records/source.ts';
import { defineCommand } from '../shell/command.ts';
import { CliError, UsageError } from '../shell/errors.ts';
import type { Output } from '../shell/output.ts';
import { plain } from '../shell/terminal-text.ts';
import { Follower } from '../traces/follower.ts';
import { type TraceRow, type TraceRows, traceRows } from '../traces/trace-rows.ts';
import { drawTrace } from '../traces/trace-tree.ts';

export const tail = defineCommand({
  name: 'tail',
  summary: 'show traces as they arrive, as trees, from the local file or the cloud',
  args: '',
  maxArgs: 0,
  help: `
Prints the newest traces, then each new or changed trace, until Ctrl-C: its spans as
a tree, with durations, models, tokens and errors. With --json, one object per line:
{"trace": {...}, "spans": [...], "usage": [...]}.

Colours are used only on a terminal, and not with NO_COLOR.`,
  options: {
    number: { type: 'string', short: 'n', value: 'N', help: 'traces shown at first; default 10' },
    once: { type: 'boolean', help: 'print these and exit' },
    trace: { type: 'string', value: 'ID', help: 'only this trace' },
    spans: { type: 'string', value: 'N', help: 'spans shown per trace; default 200, maximum 1000' },
    interval: { type: 'string', value: 'SECONDS', help: 'polling interval; default 2' },
    ...SOURCE_OPTIONS,
  },
  run: async ({ values, settings, out }) => {
    const first = readNumber('number', values.number, 10, 0, 500);
    const maxSpans = readNumber('spans', values.spans, 200, 1, 1_000);
    const intervalMillis = readNumber('interval', values.interval, 2, 0.1, 3_600) * 1_000;
    const rows = traceRows(await findSource(values, settings, out));
    const show = async (trace: TraceRow): Promise<void> => {
      const tree = await rows.tree(trace, maxSpans);
      if (values.json) return out.print(JSON.stringify(tree));
      for (const line of drawTrace(tree, out)) await out.print(line);
    };
    const poll = values.trace === undefined ? newest(rows, first) : only(rows, values.trace);
    for (const trace of await poll()) await show(trace);
    if (!values.once) await follow(poll, show, intervalMillis, rows, out);
    return true;
  },
});

/** Returns the traces that are new or have changed since the last call. */
type Poll = () => Promise<readonly TraceRow[]>;

function newest(rows: TraceRows, first: number): Poll {
  const follower = new Follower(rows);
  let isFirst = true;
  return () => {
    if (!isFirst) return follower.next();
    isFirst = false;
    return follower.begin(first);
  };
}

function only(rows: TraceRows, id: string): Poll {
  let known: string | undefined;
  return async () => {
    const trace = await rows.one(id);
    if (!trace && known === undefined) {
      throw new CliError(`the trace ${plain(id)} does not exist`, {
        code: 'AGENSIGHT_CLI_NOT_FOUND',
        hint: 'Choose another place with --from, or another project with --project.',
      });
    }
    const now = JSON.stringify(trace);
    if (!trace || now === known) return [];
    known = now;
    return [trace];
  };
}

/** Polls until Ctrl-C; errors are reported and polling continues. */
async function follow(
  poll: Poll,
  show: (trace: TraceRow) => Promise<void>,
  intervalMillis: number,
  rows: TraceRows,
  out: Output,
): Promise<void> {
  const stop = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => stop.abort());
  while (!stop.signal.aborted) {
    await sleep(intervalMillis, undefined, { signal: stop.signal }).catch(() => {});
    if (stop.signal.aborted || !rows.isChanged()) continue;
    try {
      for (const trace of await poll()) await show(trace);
    } catch (error) {
      if (!(error instanceof CliError)) throw error;
      out.remark(`agensight: ${plain(error.message)}; retrying`);
    }
  }
}

function readNumber(
  name: string,
  given: string | undefined,
  fallback: number,
  minimum: number,
  maximum: number,
): number {
  if (given === undefined) return fallback;
  const number = Number(given);
  const isWhole = Number.isInteger(number) || !Number.isInteger(minimum);
  if (given.trim() !== '' && isWhole && number >= minimum && number <= maximum) return number;
  throw new UsageError(`--${name} must be a number from ${minimum} to ${maximum}`);
}
