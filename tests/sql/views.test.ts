import { beforeAll, expect, it } from 'vitest';
import { onEachPostgres, type TestProject } from '../support/database.ts';

const VIEWS = [
  ...['trace_summary', 'session_summary', 'llm_calls', 'tool_usage', 'daily_usage', 'errors'],
  ...['slow_spans', 'delivery_gaps'],
];

onEachPostgres('summary views', (database) => {
  let project: TestProject;
  let other: TestProject;
  let member: string;

  beforeAll(async () => {
    [project, other] = [await database().project(), await database().project()];
    member = await database().user(project);
    const started_at = new Date(Date.now() - 5000);
    const ended_at = new Date(started_at.getTime() + 2000);
    for (const owner of [project, other]) {
      await database().ingest(owner, {
        sessions: [{ id: 's', user_id: 'ann', started_at, ended_at }],
        traces: [{ id: 't', session_id: 's', started_at, ended_at, status: 'error' }],
        spans: [
          { trace_id: 't', id: 'a', kind: 'llm', status: 'error', started_at, ended_at },
          { trace_id: 't', id: 'b', kind: 'llm', started_at, ended_at },
        ],
        prompts: [{ trace_id: 't', span_id: 'a', message_index: 0, role: 'user', content: 'hi' }],
        completions: [
          { trace_id: 't', span_id: 'a', completion_index: 0, model: 'm', total_tokens: 5 },
          { trace_id: 't', span_id: 'a', completion_index: 1, model: 'm' },
        ],
        tools: [{ trace_id: 't', id: 'c', span_id: 'a', name: 'x', status: 'error' }],
        ...{ sdk: { name: 'sdk', version: '1', process_id: 'p', created: 9, sent: 0, dropped: 1 } },
      });
    }
  });

  it.each(VIEWS)('%s shows a member the own project alone', async (view) => {
    await database().query('begin');
    await database().query("select set_config('request.jwt.claims', $1, true)", [
      JSON.stringify({ role: 'authenticated', sub: member }),
    ]);
    await database().query('set local role authenticated');
    const seen = await database().query(`select distinct project_id from agensight.${view}`);
    await database().query('rollback');
    expect(seen).toEqual([{ project_id: project.id }]);
  });

  it.each([
    ['trace_summary', { user_id: 'ann', duration_ms: 2000, models: ['m'], tool_call_count: '1' }],
    ['session_summary', { last_status: 'error', duration_ms: 2000, total_tokens: '5' }],
    ['llm_calls', { model: 'm', message_count: 1, tool_call_count: '1', user_id: 'ann' }],
    ['daily_usage', { model: 'm', calls: '1', total_tokens: '5', unpriced_calls: '1' }],
    ['tool_usage', { name: 'x', calls: '1', errors: '1', timed_calls: '0' }],
    ['errors', { span_id: 'a', user_id: 'ann', duration_ms: 2000 }],
    ['slow_spans', { span_id: 'a', duration_ms: 2000 }],
    ['delivery_gaps', { created: '9', dropped: '1', stored: '8', missing: '0' }],
  ])('%s shows the stored values', async (view, expected) => {
    const rows = await database().query(
      `select * from agensight.${view} where project_id = $1 order by ${view === 'llm_calls' || view === 'slow_spans' ? 'span_id' : '1'}`,
      [project.id],
    );
    expect(rows[0]).toMatchObject(expected);
  });

  it.each([
    ['trace_summary', 'project_id = $1 order by started_at desc limit 50', 'traces_by_start'],
    ['llm_calls', 'project_id = $1 order by started_at desc limit 50', 'llm_spans_by_start'],
    ['errors', 'project_id = $1 order by started_at desc limit 50', 'errors_by_start'],
  ])('%s is read through an index', async (view, condition, index) => {
    await database().query('begin');
    await database().query('set local enable_seqscan = off; set local enable_sort = off');
    const plan = await database().query(
      `explain select * from agensight.${view} where ${condition}`.replace('$1', `'${project.id}'`),
    );
    await database().query('rollback');
    expect(JSON.stringify(plan)).toContain(index);
  });
});
