/** What real producers send, and the rows that must come of it: of each span alone, before rows are joined. */
import { readdirSync, readFileSync } from 'node:fs';
import { HttpError } from '../../../lambda/http/http-error.ts';
import { decodeOtlpLogsJson } from '../../../lambda/otlp/logs-json.ts';
import { decodeOtlpJson } from '../../../lambda/otlp/traces-json.ts';
import { Rejections } from '../../../lambda/validation/rejections.ts';
import {
  logsToRecords,
  type OtelLog,
  type OtelSpan,
  toRecords,
} from '../../../wire/genai/index.ts';
import type { SourceIndex } from '../../../wire/genai/sources/source-index.ts';
import type { RecordLists } from '../../../wire/records.ts';
import { isRight } from './is-right.ts';

type Row = { readonly [column: string]: unknown };

/** A case: the bodies of its requests, and the expected rows by table. */
export interface ProducerCase {
  id: string;
  producer: string;
  group: string;
  spans: OtelSpan[];
  logs: OtelLog[];
  expected: { readonly [table: string]: readonly Row[] };
}

const FOLDER = new URL('../../cases/producers/', import.meta.url);

export const GROUPS = readdirSync(FOLDER).sort();

/** The cases of one file. */
export function loadCases(group: string): ProducerCase[] {
  const cases = JSON.parse(readFileSync(new URL(group, FOLDER), 'utf8'));
  return cases.map(
    (one: { requests: object[]; id: string; producer: string; expected: object }) => ({
      ...one,
      group,
      spans: one.requests.flatMap((body) => decoded(body, 'resourceSpans', decodeOtlpJson)),
      logs: one.requests.flatMap((body) => decoded(body, 'resourceLogs', decodeOtlpLogsJson)),
    }),
  );
}

function decoded<Item>(
  body: object,
  key: string,
  decode: (body: Buffer, rejections: Rejections) => Item[] | HttpError,
): Item[] {
  if (!(key in body)) return [];
  const items = decode(Buffer.from(JSON.stringify(body)), new Rejections());
  if (items instanceof HttpError) throw new Error(items.message);
  return items;
}

/** The columns that one span decides, by table. Totals, parents and joins are the database's. */
const COLUMNS = {
  spans: ['kind', 'status', 'error', 'input', 'output'],
  prompts: ['role', 'content', 'parts', 'name', 'tool_call_id'],
  completions: [
    'role',
    'content',
    'parts',
    'finish_reason',
    'model',
    'provider',
    'response_id',
    'prompt_tokens',
    'completion_tokens',
    'total_tokens',
    'cached_tokens',
    'cache_write_tokens',
    'reasoning_tokens',
    'time_to_first_token_ms',
  ],
  asked: ['id', 'name', 'arguments'],
  runs: ['name', 'arguments', 'output', 'status', 'error'],
} as const;

/** One expected value and whether a row has it. */
export interface Judged {
  what: string;
  isRight: boolean;
}

/** Reads each span of a case alone and compares what it decides. */
export function judge(one: ProducerCase, sources?: SourceIndex): Judged[] {
  const rows = one.spans.map((span) => toRecords([span], sources));
  rows.push(logsToRecords(one.logs));
  const ids = namesOf(one);
  const judged: Judged[] = [];
  const compare = (what: string, columns: readonly string[], want: Row, found: readonly Row[]) => {
    for (const column of columns) {
      if (!(column in want)) continue;
      const right = (found.length > 0 ? found : [{}]).some((row) =>
        isRight(column, want[column], (row as Row)[column] ?? null),
      );
      judged.push({ what: `${what}: ${column}`, isRight: right });
    }
  };
  const of = (table: keyof RecordLists, idColumn: string, names: readonly string[]): Row[] => {
    const wanted = new Set(names.map((name) => ids.get(name)));
    return rows
      .flatMap((lists) => lists[table] as Row[])
      .filter((row) => wanted.has(row[idColumn] as string));
  };
  for (const want of one.expected.spans ?? []) {
    const found = of('spans', 'id', [want.name as string]);
    if (found.length > 0) compare(`span ${want.name}`, COLUMNS.spans, want, found);
  }
  for (const [table, index] of [
    ['prompts', 'message_index'],
    ['completions', 'completion_index'],
  ] as const) {
    const next = new Map<string, number>();
    for (const want of one.expected[table] ?? []) {
      const names = listed(want.span);
      const key = names.join();
      const at = (want[index] as number | undefined) ?? next.get(key) ?? 0;
      next.set(key, at + 1);
      if (want.optional === true) continue;
      const found = of(table, 'span_id', names).filter((row) => row[index] === at);
      compare(`${table} ${key} ${at}`, COLUMNS[table], want, found);
    }
  }
  for (const want of one.expected.tools ?? []) {
    const asked = of('tools', 'span_id', listed(want.span));
    if (want.span !== undefined)
      compare(`asked ${want.name}`, COLUMNS.asked, want, best(asked, COLUMNS.asked, want));
    const runs = of('tools', 'run_span_id', listed(want.run_span));
    if (want.run_span !== undefined)
      compare(`run ${want.name}`, COLUMNS.runs, want, best(runs, COLUMNS.runs, want));
  }
  return judged;
}

const listed = (names: unknown): string[] => (Array.isArray(names) ? names : [names]) as string[];

/** The row that has most of the values. */
function best(rows: readonly Row[], columns: readonly string[], want: Row): Row[] {
  const score = (row: Row) =>
    columns.filter((column) => column in want && isRight(column, want[column], row[column] ?? null))
      .length;
  return [...rows].sort((a, b) => score(b) - score(a)).slice(0, 1);
}

/** Spans by name, numbered in the order of their start: `chat`, `chat#2`. Those of logs are `(log)`. */
function namesOf({ spans, logs }: ProducerCase): Map<string, string> {
  const ids = new Map<string, string>();
  const seen = new Set<string>();
  const add = (base: string, id: string) => {
    if (seen.has(id)) return;
    seen.add(id);
    let name = base;
    for (let n = 2; ids.has(name); n++) name = `${base}#${n}`;
    ids.set(name, id);
  };
  const byTime = (a: string | null, b: string | null) =>
    (a ?? '') < (b ?? '') ? -1 : (a ?? '') > (b ?? '') ? 1 : 0;
  for (const span of [...spans].sort((a, b) => byTime(a.started_at, b.started_at)))
    add(span.name, span.span_id);
  for (const log of [...logs].sort((a, b) => byTime(a.time, b.time))) add('(log)', log.span_id);
  return ids;
}
