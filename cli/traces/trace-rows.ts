/** Traces and their spans for `tail`, from the local file or the cloud. */
import * as z from 'zod/mini';
import { openLocalFile } from '../records/local-file.ts';
import type { Source } from '../records/source.ts';
import { wireTime } from '../records/wire-record.ts';
import type { Query, Rest } from '../remote/rest.ts';
import { PAGE_ROWS } from '../remote/rest.ts';

const text = z.nullable(z.string());
const count = z.nullable(z.number());

const TraceSchema = z.readonly(
  z.object({
    id: z.string(),
    name: text,
    session_id: text,
    user_id: text,
    service_name: text,
    mode: text,
    status: text,
    started_at: text,
    ended_at: text,
    span_count: z.number(),
    error_count: z.number(),
    total_tokens: z.number(),
  }),
);
/** What the database names the trace by, until its root has arrived. */
const MergeStateSchema = z.object({ merge_state: z.nullable(z.record(z.string(), z.unknown())) });
const SpanSchema = z.readonly(
  z.object({
    id: z.string(),
    parent_id: text,
    name: text,
    kind: text,
    status: text,
    /** Usually `{ type, message }`. */
    error: z.unknown(),
    started_at: text,
    ended_at: text,
  }),
);
/** Model and tokens of an LLM call. */
const UsageSchema = z.readonly(
  z.object({
    span_id: z.string(),
    model: text,
    prompt_tokens: count,
    completion_tokens: count,
    total_tokens: count,
  }),
);

/** A trace; it runs until its root has arrived. */
export type TraceRow = z.infer<typeof TraceSchema> & { readonly is_running: boolean };
export type SpanRow = z.infer<typeof SpanSchema>;
export type UsageRow = z.infer<typeof UsageSchema>;

/** A trace with its first spans. */
export interface TraceTree {
  readonly trace: TraceRow;
  readonly spans: readonly SpanRow[];
  readonly usage: readonly UsageRow[];
}

/** The end of a page of traces. */
export interface Cursor {
  readonly startedAt: string;
  readonly id: string;
}

export interface TraceRows {
  /** Whether rows may have changed since the last call. */
  isChanged(): boolean;
  /** Traces below the cursor, the newest start first. */
  newest(limit: number, below?: Cursor): Promise<TraceRow[]>;
  one(id: string): Promise<TraceRow | undefined>;
  /** A trace with its earliest spans, at most `maxSpans`. */
  tree(trace: TraceRow, maxSpans: number): Promise<TraceTree>;
}

const columnsOf = (schema: { readonly def: { readonly innerType: z.ZodMiniObject } }): string =>
  Object.keys(schema.def.innerType.shape).join();

const TRACE = columnsOf(TraceSchema);
const SPAN = columnsOf(SpanSchema);
const USAGE = columnsOf(UsageSchema);

export const traceRows = (source: Source): TraceRows =>
  source.place === 'local' ? localRows(source) : cloudRows(source.rest, source.project.id);

function cloudRows(rest: Rest, projectId: string): TraceRows {
  const ofProject: Query = { project_id: `eq.${projectId}` };
  const schema = z.intersection(TraceSchema, MergeStateSchema);
  const traces = async (query: Query): Promise<TraceRow[]> => {
    const select = `${TRACE},merge_state`;
    const rows = await rest.rows('traces', { ...ofProject, select, ...query }, schema);
    return rows.map(({ merge_state, ...row }) =>
      inUtc({ ...row, is_running: row.name === null || merge_state?.named_by !== undefined }),
    );
  };
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
      const firstChoice = { completion_index: 'eq.0', limit: PAGE_ROWS };
      const [spans, usage] = await Promise.all([
        rest.rows('spans', { ...ofTrace, select: SPAN, order, limit: maxSpans }, SpanSchema),
        rest.rows('completions', { ...ofTrace, select: USAGE, ...firstChoice }, UsageSchema),
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

/**
 * Traces of the file, also those without a root, with the totals of `agensight_private.totals`. Only the
 * database finds calls that two spans report (`repeat_of`); here both count.
 */
const LOCAL_TRACES = `
  SELECT t.*,
    (SELECT count(*) FROM spans s WHERE s.trace_id = t.id) AS span_count,
    (SELECT count(*) FROM spans s WHERE s.trace_id = t.id AND s.status = 'error') AS error_count,
    (SELECT coalesce(sum(c.total_tokens), 0) FROM completions c WHERE c.trace_id = t.id) AS total_tokens
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
    newest: async (limit, cursor) => {
      const rows = cursor ? below.all(cursor.startedAt, cursor.id, limit) : newest.all(limit);
      return rows.map(ofFile);
    },
    one: async (id) => {
      const row = one.get(id);
      return row && ofFile(row);
    },
    tree: async (trace, maxSpans) => ({
      trace,
      spans: spans
        .all(trace.id, maxSpans)
        .map((row) => ({ ...row, error: parseError(row.error) }) as unknown as SpanRow),
      usage: usage.all(trace.id) as unknown as UsageRow[],
    }),
  };
}

function ofFile(row: Record<string, unknown>): TraceRow {
  return { ...row, is_running: row.name === null } as TraceRow;
}

function parseError(text: unknown): unknown {
  try {
    return typeof text === 'string' ? JSON.parse(text) : null;
  } catch {
    return { message: text };
  }
}
