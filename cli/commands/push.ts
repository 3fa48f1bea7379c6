import { createReadStream, existsSync, openSync, readSync } from 'node:fs';
import { createInterface } from 'node:readline';
import type { RecordKind } from '../../wire/protocol.ts';
import { toBatches, withMode } from '../records/batches.ts';
import { recordsInFile } from '../records/local.ts';
import { openLocalFile } from '../records/local-file.ts';
import { Progress } from '../records/progress.ts';
import {
  isNarrowed,
  readSelection,
  SELECTION_OPTIONS,
  type Selection,
} from '../records/selection.ts';
import { describeResult, sendAll } from '../records/send.ts';
import { readLine, type WireRecord } from '../records/wire-record.ts';
import { Endpoint, TOKEN_HINT, tokenProblem } from '../remote/endpoint.ts';
import { defineCommand } from '../shell/command.ts';
import { CliError, UsageError } from '../shell/errors.ts';
import { FILE_OPTIONS, SEND_OPTIONS, type Setting } from '../shell/settings.ts';

export const push = defineCommand({
  name: 'push',
  summary: 'send a local file to the cloud, with the same ids',
  args: '[FILE]',
  maxArgs: 1,
  help: `
Sends the records of a SQLite file that mode local wrote, or of a file that
"agensight export" wrote (- for standard input). Ids stay the same, and the rows
are the same as if the program had sent them directly.

It can be stopped and run again at any time: FILE.pushed lists the batches that
arrived, and the server recognises a repeated batch by its id, a hash of its content.

  agensight push                        the records of .agensight/agensight.db
  agensight push --since 7d --dry-run   count the records of the last week
  agensight push week.jsonl             the output of export`,
  options: {
    ...SEND_OPTIONS,
    ...FILE_OPTIONS,
    ...SELECTION_OPTIONS,
    mode: {
      type: 'string',
      value: 'MODE',
      help: 'dev or prod, for records without a mode; default dev',
    },
    'dry-run': { type: 'boolean', help: 'count the records, and send nothing' },
    again: { type: 'boolean', help: 'also send the batches that FILE.pushed lists' },
  },
  run: async ({ values, args, settings, out }) => {
    const { mode = 'dev' } = values;
    const { token } = settings;
    if (mode !== 'dev' && mode !== 'prod') throw new UsageError("--mode must be 'dev' or 'prod'");
    const selection = readSelection(values);
    const file = args[0] === undefined ? settings.file : { value: args[0], from: 'FILE' };
    const batches = () => toBatches(inMode(recordsOf(file, selection), mode));
    if (values['dry-run']) {
      const counts = await count(batches());
      await out.print(values.json ? JSON.stringify(counts) : describe(counts));
      return true;
    }
    if (!token) {
      throw new CliError('no token is set', {
        code: 'AGENSIGHT_CLI_SETTING_MISSING',
        hint: `Set AGENSIGHT_TOKEN. ${TOKEN_HINT}`,
      });
    }
    const problem = tokenProblem(token.value);
    if (problem) {
      const message = `${token.from} ${problem}`;
      throw new CliError(message, { code: 'AGENSIGHT_CLI_SETTING_INVALID', hint: TOKEN_HINT });
    }
    const endpoint = new Endpoint(settings.endpoint, token.value);
    out.remark(`sending ${file.value} to ${endpoint.url.href} (${settings.endpoint.from})`);
    const progress = Progress.open(file.value, endpoint.url.href, token.value, !!values.again, out);
    const result = await sendAll(batches(), endpoint, progress, out);
    await out.print(values.json ? JSON.stringify(result) : describeResult(result, out));
    return result.rejected_count === 0;
  },
});

/** The records of a SQLite file or of a file of JSON lines. */
function recordsOf(
  file: Setting,
  selection: Selection,
): AsyncIterable<WireRecord> | Iterable<WireRecord> {
  if (file.value !== '-' && (!existsSync(file.value) || isSqlite(file.value))) {
    return recordsInFile(openLocalFile(file), selection);
  }
  if (isNarrowed(selection)) {
    throw new UsageError(
      '--since, --until, --session and --trace need a SQLite file; pass them to export instead',
    );
  }
  return recordsInLines(file.value);
}

const MAGIC = 'SQLite format 3\u0000';

function isSqlite(file: string): boolean {
  const head = Buffer.alloc(MAGIC.length);
  try {
    const bytes = readSync(openSync(file, 'r'), head);
    // A new database without tables is an empty file.
    return bytes === 0 || head.toString('latin1') === MAGIC;
  } catch (error) {
    const message = `cannot read ${file}: ${(error as Error).message}`;
    throw new CliError(message, { code: 'AGENSIGHT_CLI_FILE', cause: error });
  }
}

async function* recordsInLines(file: string): AsyncGenerator<WireRecord> {
  const input = file === '-' ? process.stdin : createReadStream(file, 'utf8');
  let number = 0;
  for await (const line of createInterface({ input, crlfDelay: Number.POSITIVE_INFINITY })) {
    number += 1;
    if (line.trim() !== '') yield readLine(line, number);
  }
}

async function* inMode(
  records: AsyncIterable<WireRecord> | Iterable<WireRecord>,
  mode: 'dev' | 'prod',
): AsyncGenerator<WireRecord> {
  for await (const record of records) yield withMode(record, mode);
}

interface Counts {
  batches: number;
  records: number;
  bytes: number;
  kinds: Partial<Record<RecordKind, number>>;
}

async function count(batches: ReturnType<typeof toBatches>): Promise<Counts> {
  const counts: Counts = { batches: 0, records: 0, bytes: 0, kinds: {} };
  for await (const { records, body } of batches) {
    counts.batches += 1;
    counts.records += records.length;
    counts.bytes += Buffer.byteLength(body);
    for (const { kind } of records) counts.kinds[kind] = (counts.kinds[kind] ?? 0) + 1;
  }
  return counts;
}

function describe({ batches, records, bytes, kinds }: Counts): string {
  const each = Object.entries(kinds).map(([kind, number]) => `${number} ${kind}`);
  const list = each.length > 0 ? ` (${each.join(', ')})` : '';
  return `would send ${records} records${list} in ${batches} batches, ${bytes} bytes before compression`;
}
