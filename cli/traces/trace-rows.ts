/** Traces and their spans for `tail`, from either place. */

import { openLocalFile } from '../records/local-file.ts';
import type { Source } from '../records/source.ts';
import { wireTime } from '../records/wire-record.ts';
import type { Query, Rest } from '../remote/rest.ts';
import { PAGE_ROWS } from '../remote/rest.ts';

export interface TraceRow {
  readonly id: string;
  /** Null until the trace's root has arrived. */
  readonly name: string | null;
  readonly session_id: string | null;
  readonly user_id: string | null;
  readonly service_name: string | null;
  readonly mode: string | null;
  readonly status: string | null;
  readonly started_at: string | null;
  readonly ended_at: string | null;
  readonly span_count: number;
  readonly error_count: number;
  readonly total_tokens: number;
}

export interface SpanRow {
  readonly id: string;
  readonly parent_id: string | null;
  readonly name: string | null;
  readonly kind: string | null;
  readonly status: string | null;
  readonly error: { readonly type?: unknown; readonly message?: unknown } | null;
  readonly started_at: string | null;
  readonly ended_at: string | null;
}

/** What a model's call used. */
export interface UsageRow {
  readonly span_id: string;
  readonly model: string | null;
  readonly prompt_tokens: number | null;
  readonly completion_tokens: number | null;
  readonly total_tokens: number | null;
}

/** One trace with its first spans. */
export interface TraceTree {
  readonly trace: TraceRow;
  readonly spans: readonly SpanRow[];
  readonly usage: readonly UsageRow[];
}

/** Where a page of traces ends. */
export interface Cursor {
  readonly startedAt: string;
  readonly id: string;
}

export interface TraceRows {
  /** Whether anything may have changed since the last call. */
  isChanged(): boolean;
  /** Traces from the newest start down, from below the cursor. */
  newest(limit: number, below?: Cursor): Promise<TraceRow[]>;
  one(id: string): Promise<TraceRow | undefined>;
  /** A trace with at most so many spans, the earliest first. */
  tree(trace: TraceRow, maxSpans: number): Promise<TraceTree>;
}

const TRACE =
  'id,name,session_id,user_id,service_name,mode,status,started_at,ended_at,span_count,error_count,total_tokens';
const SPAN = 'id,parent_id,name,kind,status,error,started_at,ended_at';
const USAGE = 'span_id,model,prompt_tokens,completion_tokens,total_tokens';

export const traceRows = (source: Source): TraceRows =>
  source.place === 'local' ? localRows(source) : cloudRows(source.rest, source.project.id);

function cloudRows(rest: Rest, projectId: string): TraceRows {
  const ofProject: Query = { project_id: `eq.${projectId}` };
  const traces = async (query: Query): Promise<TraceRow[]> =>
    (await rest.rows<TraceRow>('traces', { ...ofProject, select: TRACE, ...query })).map(inUtc);
  return {
    isChanged: () => true,
    newest: (limit, below) => {
      const { startedAt: at, id } = below ?? {};
      const or = `(started_at.lt."${at}",and(started_at.eq."${at}",id.lt."${escaped(id)}"))`;
      const order = 'started_at.desc.nullslast,id.desc';
      return traces({ order, limit, ...(below ? { or } : {}) });
    },
    one: async (id) => (await traces({ id: `eq.${id}` }))[0],
    tree: async (trace, maxSpans) => {
      const ofTrace = { ...ofProject, trace_id: `eq.${trace.id}` };
      const order = 'started_at.asc.nullslast,id';
      const [spans, usage] = await Promise.all([
        rest.rows<SpanRow>('spans', { ...ofTrace, select: SPAN, order, limit: maxSpans }),
        rest.rows<UsageRow>('completions', {
          ...ofTrace,
          select: USAGE,
          completion_index: 'eq.0',
          limit: PAGE_ROWS,
        }),
      ]);
      return { trace, spans: spans.map(inUtc), usage };
    },
  };
}

const escaped = (id: string | undefined): string => (id ?? '').replace(/["\\]/g, '\\$&');

const inUtc = <Row extends { started_at: string | null; ended_at: string | null }>(
  row: Row,
): Row => ({
  ...row,
  started_at: row.started_at && wireTime(row.started_at),
  ended_at: row.ended_at && wireTime(row.ended_at),
});

/** Traces of the file with the totals that Postgres keeps by triggers, and those without a root yet. */
const LOCAL_TRACES = `
  SELECT t.*,
    (SELECT count(*) FROM spans s WHERE s.trace_id = t.id) AS span_count,
    (SELECT count(*) FROM spans s WHERE s.trace_id = t.id AND s.status = 'error') AS error_count,
    (SELECT coalesce(sum(coalesce(c.total_tokens, c.prompt_tokens + c.completion_tokens,
       c.prompt_tokens, c.completion_tokens)), 0)
     FROM completions c WHERE c.trace_id = t.id) AS total_tokens
  FROM (
    SELECT id, name, session_id, user_id, service_name, mode, status, started_at, ended_at
    FROM traces
    UNION ALL
    SELECT trace_id, NULL, NULL, NULL, NULL, NULL, NULL, min(started_at), max(ended_at)
    FROM spans WHERE trace_id NOT IN (SELECT id FROM traces) GROUP BY trace_id
  ) t`;

function localRows({ file }: Source & { place: 'local' }): TraceRows {
  const database = openLocalFile(file);
  const version = database.prepare('PRAGMA data_version');
  const order = 'ORDER BY started_at DESC, id DESC LIMIT ?';
  const newest = database.prepare(`${LOCAL_TRACES} ${order}`);
  const below = database.prepare(`${LOCAL_TRACES} WHERE (started_at, id) < (?, ?) ${order}`);
  const one = database.prepare(`${LOCAL_TRACES} WHERE id = ?`);
  const spans = database.prepare(
    `SELECT ${SPAN} FROM spans WHERE trace_id = ? ORDER BY started_at, id LIMIT ?`,
  );
  const usage = database.prepare(
    `SELECT ${USAGE} FROM completions WHERE trace_id = ? AND completion_index = 0`,
  );
  let seen: unknown;
  return {
    isChanged: () => {
      const now = version.get()?.data_version;
      const isChanged = now !== seen;
      seen = now;
      return isChanged;
    },
    newest: async (limit, cursor) =>
      (cursor
        ? below.all(cursor.startedAt, cursor.id, limit)
        : newest.all(limit)) as unknown as TraceRow[],
    one: async (id) => one.get(id) as unknown as TraceRow | undefined,
    tree: async (trace, maxSpans) => ({
      trace,
      spans: spans
        .all(trace.id, maxSpans)
        .map((row) => ({ ...row, error: parseError(row.error) }) as unknown as SpanRow),
      usage: usage.all(trace.id) as unknown as UsageRow[],
    }),
  };
}

function parseError(text: unknown): unknown {
  try {
    return typeof text === 'string' ? JSON.parse(text) : null;
  } catch {
    return { message: text };
  }
}
