/** Trace and session rows, merged from all spans of a batch. */
import { STATUSES } from '../../protocol.ts';
import type { SessionRecord, TraceRecord } from '../../records.ts';
import type { Ranked } from '../reader/trace-facts.ts';
import { modeOf, ofResource, releaseOf, serviceOf } from './session.ts';
import type { ParsedItem } from './tool-rows.ts';

/** A row that is being filled. */
type Draft<T> = { -readonly [F in keyof T]: T[F] };

/** The row of one trace so far. Spans are added in the order in which they started. */
interface Known {
  row: Draft<TraceRecord>;
  /** When the root span ended that the row describes. */
  rootEnded: string;
  session: Ranked | null;
  user: Ranked | null;
}

export function traceRecords(spans: readonly ParsedItem[]): TraceRecord[] {
  const traces = new Map<string, Known>();
  for (const each of spans) {
    const { trace_id } = each.span;
    const known = traces.get(trace_id) ?? newlyKnown(trace_id);
    traces.set(trace_id, known);
    addSpan(known, each);
  }
  return Array.from(traces.values(), ({ row, session, user }) => {
    row.session_id = session?.value ?? null;
    row.user_id = user?.value ?? null;
    return row;
  });
}

function newlyKnown(id: string): Known {
  return { row: { id }, rootEnded: '', session: null, user: null };
}

function addSpan(known: Known, each: ParsedItem): void {
  const { span, parsed } = each;
  const { row } = known;
  const shared = ofResource(span.resource);
  known.session = better(known.session, parsed.session ?? shared.session);
  known.user = better(known.user, parsed.user ?? shared.user);
  row.service_name ??= serviceOf(span);
  row.release ??= releaseOf(span);
  if (row.mode !== 'prod') row.mode = modeOf(span) ?? row.mode ?? null;
  row.started_at = least(row.started_at, span.started_at);
  row.ended_at = greatest(row.ended_at, span.ended_at);
  if (span.parent_span_id === null) addRoot(known, each);
}

/**
 * Only the root span describes the trace; a batch without it leaves these fields to another batch. Of
 * several root spans the last to end wins, as it does when each is sent in a batch of its own.
 */
function addRoot(known: Known, { span, parsed, outcome }: ParsedItem): void {
  const { row } = known;
  const ended = span.ended_at ?? '';
  const isLast = ended >= known.rootEnded;
  if (isLast) known.rootEnded = ended;
  const { root } = parsed;
  row.name = lastValue(row.name, root?.name ?? span.name, isLast);
  row.error = lastValue(row.error, outcome.error, isLast);
  row.input = lastValue(row.input, root?.input ?? parsed.input, isLast);
  row.output = lastValue(row.output, root?.output ?? parsed.output, isLast);
  row.tags = lastValue(row.tags, root?.tags ?? undefined, isLast);
  row.metadata = lastValue(row.metadata, root?.metadata ?? undefined, isLast);
  row.status = strongest(row.status, outcome.status);
}

/** The value of the span that ended last, or the known one if that has none. */
function lastValue<T>(known: T | undefined, found: T | undefined, isLast: boolean): T | null {
  return isLast ? (found ?? known ?? null) : (known ?? found ?? null);
}

type Status = TraceRecord['status'];

function strongest(a: Status, b: Status): Status {
  return STATUSES.indexOf(a ?? 'unset') > STATUSES.indexOf(b ?? 'unset') ? a : b;
}

export function sessionRecords(traces: readonly TraceRecord[]): SessionRecord[] {
  const sessions = new Map<string, Draft<SessionRecord>>();
  for (const trace of traces) {
    const id = trace.session_id;
    if (id === null || id === undefined) continue;
    const row: Draft<SessionRecord> = sessions.get(id) ?? { id };
    sessions.set(id, row);
    row.user_id ??= trace.user_id;
    if (row.mode !== 'prod') row.mode = trace.mode ?? row.mode ?? null;
    row.started_at = least(row.started_at, trace.started_at);
    row.ended_at = greatest(row.ended_at, trace.ended_at);
  }
  return [...sessions.values()];
}

/** The more explicit key wins; among equals the earlier span. */
function better(known: Ranked | null, found: Ranked | null): Ranked | null {
  if (known === null || found === null) return known ?? found;
  return found.rank < known.rank ? found : known;
}

type Time = string | null | undefined;

function least(a: Time, b: Time): string | null {
  if (!a || !b) return a ?? b ?? null;
  return a < b ? a : b;
}

function greatest(a: Time, b: Time): string | null {
  if (!a || !b) return a ?? b ?? null;
  return a > b ? a : b;
}
