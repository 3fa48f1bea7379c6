import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { connect, onEachPostgres, type TestProject } from '../support/database.ts';

const TRACES = 2_500;
const SPANS = 10;
const OLD_SPANS = TRACES * SPANS;

/** One batch: whole traces of one session, with parts of every kind. */
function batch(prefix: string, traces: number) {
  const ids = Array.from({ length: traces }, (_, i) => `${prefix}-${i}`);
  const spans = ids.flatMap((trace_id) =>
    Array.from({ length: SPANS }, (_, i) => ({ trace_id, id: `p${i}`, input: { i } })),
  );
  return {
    batch_id: randomUUID(),
    sessions: [{ id: `s-${prefix}` }],
    traces: ids.map((id) => ({ id, session_id: `s-${prefix}` })),
    spans,
    prompts: ids.map((trace_id) => ({
      trace_id,
      span_id: 'p0',
      message_index: 0,
      content: trace_id,
    })),
    completions: ids.map((trace_id) => ({
      ...{ trace_id, span_id: 'p0', completion_index: 0, total_tokens: 3, content: trace_id },
    })),
    tools: ids.map((trace_id) => ({ trace_id, id: 'c', span_id: 'p0', name: 'search' })),
  };
}

onEachPostgres('retention while others write', (database) => {
  it('deletes tens of thousands of rows, neither waits for writers nor blocks them, and keeps all totals right', async () => {
    const project: TestProject = await database().project();
    await database().query('select agensight.set_retention($1, 30)', [project.id]);
    for (let i = 0; i < TRACES / 50; i++) {
      await database().ingest(project, batch(`old${i}`, 50));
    }
    await database().query("update agensight.traces set received_at = now() - interval '40 days'");
    await database().query(
      "update agensight.sessions set received_at = now() - interval '40 days'",
    );
    await database().query('vacuum analyze');

    let isOver = false;
    const errors: unknown[] = [];
    const latencies: number[] = [];
    let written = 0;
    const write = async (writer: number) => {
      const client = await connect(database().url);
      for (let n = 0; !isOver; n++) {
        const sent = batch(`new${writer}-${n}`, 5);
        const start = performance.now();
        try {
          await client.query('select agensight.ingest($1, $2)', [project.tokenHash, sent]);
          written += 5;
          // Sometimes a late part of an old trace, before or after the trace is deleted.
          if (n % 10 === 0) {
            const late = {
              batch_id: randomUUID(),
              spans: [{ trace_id: `old${n % 30}-${writer}`, id: `late${n}` }],
            };
            await client.query('select agensight.ingest($1, $2)', [project.tokenHash, late]);
          }
        } catch (error) {
          errors.push(error);
        }
        latencies.push(performance.now() - start);
      }
      await client.end();
    };
    const maintain = async () => {
      const client = await connect(database().url);
      const deleted: Record<string, number> = {};
      for (let calls = 0; calls < 500; calls++) {
        await pause(30);
        const { rows } = await client.query('select agensight.maintain(50) as answer');
        const { done, deleted: some } = rows[0].answer;
        for (const [what, n] of Object.entries(some))
          deleted[what] = (deleted[what] ?? 0) + Number(n);
        // While others write there are always traces to index; the expired rows are finite.
        if (done || Object.values(some).every((n) => Number(n) === 0)) break;
      }
      await client.end();
      return deleted;
    };
    const writers = [write(1), write(2)];
    // Two at once, as when the schedule starts a run before the last one has ended.
    const counts = await Promise.all([maintain(), maintain()]);
    const size = () => database().value<string>("select pg_table_size('agensight.spans')");
    isOver = true;
    await Promise.all(writers);
    // Rows that writers had locked are left for the next run.
    counts.push(await maintain());

    expect(errors).toEqual([]);
    const total = (what: string) => counts.reduce((sum, each) => sum + (each[what] ?? 0), 0);
    expect(total('traces')).toBe(TRACES);
    expect(total('spans')).toBeGreaterThanOrEqual(OLD_SPANS);
    expect(total('postponed')).toBe(0);
    expect(
      await database().query(
        "select id from agensight.traces where received_at < now() - interval '30 days'",
      ),
    ).toEqual([]);
    const kept = await database().query<{ spans: number; counted: number; tokens: number }>(
      `select count(*)::integer as traces, sum(span_count)::integer as counted, sum(total_tokens)::integer as tokens,
              (select count(*)::integer from agensight.spans where trace_id like 'new%') as spans
       from agensight.traces where id like 'new%'`,
    );
    expect(kept).toEqual([
      { traces: written, counted: written * SPANS, tokens: written * 3, spans: written * SPANS },
    ]);
    // Every part has its trace, and every total equals a recount.
    expect(
      await database().query(
        `select distinct trace_id from agensight.spans s where not exists (
           select from agensight.traces t where t.project_id = s.project_id and t.id = s.trace_id)`,
      ),
    ).toEqual([]);
    expect(await database().query('select * from agensight.audit_totals()')).toEqual([]);

    await database().query('analyze agensight.spans');
    const deadRows = await database().value<string>(
      "select n_dead_tup from pg_stat_user_tables where relid = 'agensight.spans'::regclass",
    );
    const before = await size();
    await database().query('vacuum agensight.spans');
    // Free space is reused: as many rows as were deleted fit without growth.
    for (let i = 0; i < TRACES / 50; i++) await database().ingest(project, batch(`again${i}`, 50));
    expect(Number(await size())).toBeLessThan(Number(before) * 1.15);
    const sorted = latencies.sort((a, b) => a - b);
    const at = (share: number) => Math.round(sorted[Math.floor(sorted.length * share)] ?? 0);
    process.stdout.write(
      `retention under load: ${total('spans')} spans deleted, ${latencies.length} batches meanwhile, median ${at(0.5)} ms, p99 ${at(0.99)} ms, longest ${at(0.9999)} ms; ${deadRows} dead rows, spans ${before} bytes, vacuumed and refilled ${await size()}\n`,
    );
    // Far longer than one deletion; a writer that waited for a whole run would be slower.
    expect(at(0.9999)).toBeLessThan(10_000);
  }, 120_000);
});
