/** Compares the rows of one capture with its expectations. */
import type { RecordLists } from '../../../wire/records.ts';
import type { Capture } from './capture.ts';
import { checkCalls } from './compare-calls.ts';
import { checkTools } from './compare-tools.ts';
import { planOf } from './plan.ts';
import { Report } from './report.ts';
import { clean, groupBy } from './values.ts';

export function compare(capture: Capture, rows: RecordLists): Report {
  const report = new Report();
  const plan = planOf(capture);
  checkTraces(report, capture, rows);
  checkSpans(report, capture, rows);
  checkCalls(report, rows, plan);
  checkTools(report, capture, rows, plan);
  return report;
}

function checkTraces(report: Report, { expected, textsByTrace }: Capture, rows: RecordLists): void {
  const ids = new Set(expected.spans.map((span) => span.trace_id));
  for (const row of rows.traces) if (!ids.has(row.id)) report.extra('trace row', row.id);
  let hasSession = false;
  for (const id of ids) {
    const row = rows.traces.find((trace) => trace.id === id);
    report.must(`trace ${id}`, row?.id, [id]);
    for (const column of ['session_id', 'user_id'] as const) {
      const truth = expected[column];
      const isCarried = truth !== null && textsByTrace.get(id)?.has(clean(truth)) === true;
      if (isCarried) report.must(`trace ${id} ${column}`, row?.[column], [truth]);
      else report.may(`trace ${id} ${column}`, row?.[column], [truth]);
      hasSession ||= isCarried && column === 'session_id';
    }
    if (row) checkTimes(report, `trace ${id}`, row);
  }
  if (!hasSession) return;
  const sessions = rows.sessions.filter((session) => session.id === expected.session_id);
  report.must('session row', sessions[0]?.id, [expected.session_id]);
  report.may('session user_id', sessions[0]?.user_id, [expected.user_id]);
}

function checkTimes(
  report: Report,
  what: string,
  row: { started_at?: string | null | undefined; ended_at?: string | null | undefined },
): void {
  if (row.started_at && row.ended_at && row.ended_at < row.started_at)
    report.extra(`${what}: ended before it started`, row.ended_at);
}

function checkSpans(report: Report, { expected, facts }: Capture, rows: RecordLists): void {
  const failed = new Set(
    expected.llm_calls.filter((call) => call.error).map((call) => call.wire.span_id),
  );
  const found = groupBy(rows.spans, (row) => `${row.trace_id} ${row.id}`);
  for (const span of expected.spans) {
    const key = `${span.trace_id} ${span.span_id}`;
    const row = found.get(key)?.[0];
    found.delete(key);
    const what = `span ${span.span_id} (${span.name})`;
    report.must(what, row?.id, [span.span_id]);
    report.must(`${what} name`, clean(row?.name ?? ''), [clean(span.name)]);
    report.must(`${what} parent`, row === undefined ? undefined : (row.parent_id ?? 'none'), [
      span.parent_span_id ?? 'none',
    ]);
    const carried = facts.get(span.span_id);
    const isError =
      span.status_code === 2 ||
      failed.has(span.span_id) ||
      carried?.attributes['langfuse.observation.level'] === 'ERROR';
    const mayBeError = carried?.hasException || carried?.attributes['error.type'] !== undefined;
    const status = row === undefined ? undefined : row.status === 'error' ? 'error' : 'no error';
    report.must(
      `${what} status`,
      status,
      isError ? ['error'] : mayBeError ? ['error', 'no error'] : ['no error'],
    );
    if (row) checkTimes(report, what, row);
  }
  for (const [key, list] of found) report.extra('span row', `${key} ${list[0]?.name}`);
}
