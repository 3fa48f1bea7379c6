/** The records of a project in Postgres, page by page through PostgREST with bounded memory. */
import { RECORD_KINDS, type RecordKind } from '../../wire/protocol.ts';
import { type FieldType, RECORDS } from '../../wire/records.ts';
import { PAGE_ROWS, type Query, type Rest } from '../remote/rest.ts';
import { parseExactly } from './exact-json.ts';
import { isNarrowed, type Selection } from './selection.ts';
import { fieldsOf, recordOfRow, type WireRecord, wireTime } from './wire-record.ts';

type Row = Record<string, unknown>;

/** Traces whose parts are read in one request, limited by the length of the URL. */
const TRACES_AT_ONCE = 40;
const MAX_NAMED_LENGTH = 3_000;
/** Sessions remembered as written. Beyond that a session may be written twice, which is harmless. */
const MAX_REMEMBERED_SESSIONS = 20_000;

const PARTS = RECORD_KINDS.filter((kind) => kind !== 'session' && kind !== 'trace');

/** Yields sessions before their traces, and the records of a trace close together. */
export async function* recordsInCloud(
  rest: Rest,
  projectId: string,
  selection: Selection,
): AsyncGenerator<WireRecord> {
  const ofProject = { project_id: `eq.${projectId}` };
  const written = new Set<string>();
  if (!isNarrowed(selection)) {
    for await (const rows of pages(rest, 'session', ofProject)) {
      for (const row of rows) yield toRecord('session', row);
    }
  }
  for await (const page of pages(rest, 'trace', { ...ofProject, ...conditions(selection) })) {
    for (const traces of portions(page)) {
      if (isNarrowed(selection)) yield* sessionsOf(rest, ofProject, traces, written);
      for (const trace of traces) yield toRecord('trace', trace);
      const query = { ...ofProject, trace_id: among(traces.map(({ id }) => String(id))) };
      for (const kind of PARTS) {
        for await (const rows of pages(rest, kind, query)) {
          for (const row of rows) yield toRecord(kind, row);
        }
      }
    }
  }
}

async function* sessionsOf(
  rest: Rest,
  ofProject: Query,
  traces: readonly Row[],
  written: Set<string>,
): AsyncGenerator<WireRecord> {
  const ids = new Set(traces.flatMap(({ session_id: id }) => (id === null ? [] : [String(id)])));
  const fresh = [...ids].filter((id) => !written.has(id));
  if (fresh.length === 0) return;
  if (written.size > MAX_REMEMBERED_SESSIONS) written.clear();
  for (const id of fresh) written.add(id);
  for await (const rows of pages(rest, 'session', { ...ofProject, id: among(fresh) })) {
    for (const row of rows) yield toRecord('session', row);
  }
}

function conditions({ since, until, session, trace }: Selection): Query {
  const times = [since && `started_at.gte.${since}`, until && `started_at.lt.${until}`];
  const both = times.filter(Boolean);
  return {
    ...(both.length > 0 ? { and: `(${both.join()})` } : {}),
    ...(session === undefined ? {} : { session_id: `eq.${session}` }),
    ...(trace === undefined ? {} : { id: `eq.${trace}` }),
  };
}

/**
 * Keyset pagination: concurrent inserts and deletes shift no other row. The server may return fewer
 * rows than requested, so the last page is an empty one, or one with fewer rows than an earlier page.
 */
async function* pages(rest: Rest, kind: RecordKind, query: Query): AsyncGenerator<Row[]> {
  const { table, key } = RECORDS[kind];
  const ownKey: readonly string[] = key;
  const fields = fieldsOf(kind).map(([name]) => name);
  let after: string | undefined;
  for (let fullest = 1; ; ) {
    const text = await rest.text(table, {
      select: [...fields, ...(COMPUTED[kind] ?? [])].join(),
      ...withCursor(query, after),
      order: ownKey.join(),
      limit: PAGE_ROWS,
    });
    const rows = parseExactly(text) as Row[];
    if (rows.length > 0) yield rows;
    if (rows.length < fullest) return;
    fullest = Math.max(fullest, rows.length);
    after = cursorOf(ownKey, rows.at(-1) as Row);
  }
}

/** `(a, b) > (x, y)` in PostgREST's syntax, which has no row comparison. */
function cursorOf(key: readonly string[], last: Row): string {
  const alternatives = key.map((name, i) => {
    const same = key.slice(0, i).map((earlier) => `${earlier}.eq.${quote(last[earlier])}`);
    const terms = [...same, `${name}.gt.${quote(last[name])}`];
    return terms.length === 1 ? terms[0] : `and(${terms.join()})`;
  });
  return `or(${alternatives.join()})`;
}

function withCursor(query: Query, cursor: string | undefined): Query {
  if (cursor === undefined) return query;
  const given = typeof query.and === 'string' ? `${query.and.slice(1, -1)},` : '';
  return { ...query, and: `(${given}${cursor})` };
}

const among = (ids: readonly string[]): string => `in.(${ids.map(quote).join()})`;

const quote = (value: unknown): string => `"${String(value).replace(/["\\]/g, '\\$&')}"`;

/** Groups of traces whose ids fit into a URL. */
function* portions(traces: readonly Row[]): Generator<Row[]> {
  let portion: Row[] = [];
  let length = 0;
  for (const trace of traces) {
    portion.push(trace);
    length += encodeURIComponent(String(trace.id)).length + 10;
    if (portion.length < TRACES_AT_ONCE && length < MAX_NAMED_LENGTH) continue;
    yield portion;
    portion = [];
    length = 0;
  }
  if (portion.length > 0) yield portion;
}

/** Columns that tell which values of a row the database worked out. */
const COMPUTED: Partial<Record<RecordKind, readonly string[]>> = {
  completion: ['own'],
  trace: ['merge_state'],
};

/**
 * The record as its span sent it: a call that several spans report shows the values of all of them, and
 * a trace without a root the name of one of its spans.
 */
function toRecord(kind: RecordKind, { own, merge_state, ...row }: Row): WireRecord {
  const isNamedBySpan = Object.hasOwn(merge_state ?? {}, 'named_by');
  const sent = { ...row, ...(own ?? {}), ...(isNamedBySpan ? { name: null } : {}) };
  return recordOfRow(kind, fieldsOf(kind), sent, jsonOf);
}

const jsonOf = (type: FieldType, value: unknown): string =>
  JSON.stringify(type === 'time' ? wireTime(String(value)) : value);
