import { afterAll, expect, it } from 'vitest';
import { logsToRecords, toRecords } from '../../wire/genai/index.ts';
import type { RecordLists } from '../../wire/records.ts';
import { type Database, onEachPostgres } from '../support/database.ts';
import { CAPTURE_NAMES, type Capture, loadCapture } from '../wire/support/capture.ts';
import { compare } from '../wire/support/compare.ts';

const table: string[] = [];

afterAll(() => {
  const head = ['capture'.padEnd(36), 'right', 'wrong', 'missing', 'extra'].join('  ');
  process.stdout.write(`\n${[head, ...table].join('\n')}\n`);
});

onEachPostgres('captured telemetry', (database) => {
  it.each(CAPTURE_NAMES)('%s: every value is right and nothing is extra', async (name) => {
    const capture = loadCapture(name);
    const { spans, logs } = capture;
    const rows = await stored(database(), [toRecords(spans), logsToRecords(logs)]);
    const report = compare(capture, countedOnce(rows));
    const counts = (['right', 'wrong', 'missing', 'extra'] as const).map((state) =>
      String(report.count(state)).padStart(5),
    );
    table.push([name.padEnd(36), ...counts].join('  '));
    expect(report.faults).toEqual([]);
    expect(report.count('right')).toBeGreaterThan(40);
    // The times of a session are those of the records that name it.
    const apart = await stored(database(), alone(capture).toReversed());
    expect({ ...apart, sessions: [] }).toEqual({ ...rows, sessions: [] });
  });
});

/** Each span in a batch of its own, and the log records of a span in one. */
function alone({ spans, logs }: Capture): RecordLists[] {
  const ofSpans = Map.groupBy(logs, (log) => `${log.trace_id} ${log.span_id}`);
  return [
    ...spans.map((span) => toRecords([span])),
    ...Array.from(ofSpans.values(), (list) => logsToRecords(list)),
  ];
}

async function stored(database: Database, batches: readonly RecordLists[]): Promise<RecordLists> {
  const project = await database.project();
  for (const batch of batches) await database.ingest(project, batch);
  const rows: Record<string, unknown> = {};
  for (const kind of ['sessions', 'traces', 'spans', 'prompts', 'completions', 'tools'] as const) {
    rows[kind] = (await database.rows(kind, project)).map(({ merge_state: _, ...row }) => row);
  }
  return rows as unknown as RecordLists;
}

/** What is read of calls: each once. */
function countedOnce(rows: RecordLists): RecordLists {
  const repeats = new Set(
    rows.completions
      .filter((row) => (row as { repeat_of?: string | null }).repeat_of != null)
      .map(({ trace_id, span_id }) => `${trace_id} ${span_id}`),
  );
  const isCounted = ({ trace_id, span_id }: { trace_id: string; span_id: string }) =>
    !repeats.has(`${trace_id} ${span_id}`);
  return {
    ...rows,
    prompts: rows.prompts.filter(isCounted),
    completions: rows.completions.filter(isCounted),
  };
}
