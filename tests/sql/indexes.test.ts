import { randomUUID } from 'node:crypto';
import { beforeAll, expect, it } from 'vitest';
import { fill, startOf } from '../../bench/fill.ts';
import { type Database, onEachPostgres, type TestProject } from '../support/database.ts';

const SPANS = 12_000;

type Use = (database: Database, project: TestProject) => Promise<unknown>;

const select =
  (rest: string): Use =>
  (database, { id }) =>
    database.query(`select * from ${rest.replaceAll('$1', `'${id}'`)}`);

const search = (condition: string): Use => select(`agensight.search_traces($1, ${condition})`);

/** The outer call arrives after the inner one. */
async function relateCalls(database: Database, project: TestProject): Promise<void> {
  for (const [id, parent_id] of [
    ['inner', 'outer'],
    ['outer', null],
  ]) {
    await database.ingest(project, {
      spans: [{ trace_id: 'nested', id, parent_id, kind: 'llm' }],
      completions: [
        { trace_id: 'nested', span_id: id, completion_index: 0, response_id: 'r', total_tokens: 1 },
      ],
    });
  }
}

/** A call, and a run of it in a span whose parent arrives later. */
async function relateTools(database: Database, project: TestProject): Promise<void> {
  const tool = { trace_id: 'run', name: 'f', arguments: {} };
  await database.ingest(project, { tools: [{ ...tool, id: 'call' }] });
  await database.ingest(project, {
    spans: [{ trace_id: 'run', id: 'r', parent_id: 'step', kind: 'tool' }],
    tools: [{ ...tool, id: 'r', run_span_id: 'r' }],
  });
  await database.ingest(project, { spans: [{ trace_id: 'run', id: 'step', parent_id: 'root' }] });
}

/** The query of the product that needs each index, except those of keys and foreign keys. */
const USES: Record<string, Use> = {
  traces_by_start: select(
    'agensight.trace_summary where project_id = $1 order by started_at desc limit 50',
  ),
  traces_by_user: select(
    "agensight.traces where project_id = $1 and user_id = 'ada' order by started_at desc limit 50",
  ),
  traces_by_session: select(
    'agensight.sessions s, agensight.traces(s) t where s.project_id = $1 order by s.started_at desc limit 5',
  ),
  sessions_by_start: select(
    'agensight.session_summary where project_id = $1 order by started_at desc limit 50',
  ),
  sessions_by_user: select("agensight.forget_user('nobody', $1)"),
  llm_spans_by_start: select(
    'agensight.llm_calls where project_id = $1 order by started_at desc limit 50',
  ),
  errors_by_start: select(
    'agensight.errors where project_id = $1 order by started_at desc limit 50',
  ),
  spans_by_uuid: (database, { tokenHash }) =>
    database.query('select agensight.ingest_by_span($1, $2)', [
      tokenHash,
      {
        batch_id: randomUUID(),
        ...{ spans: [], completions: [], tools: [] },
        prompts: [{ trace_id: `span:${randomUUID()}`, span_id: 'x', message_index: 0 }],
      },
    ]),
  ...Object.fromEntries(
    ['call_links_by_above', 'calls_by_response', 'repeats_by_call', 'repeats_by_response'].map(
      (index) => [index, relateCalls],
    ),
  ),
  ...Object.fromEntries(
    ['around', 'home', 'missing', 'run', 'values'].map((key) => [
      `tool_parts_by_${key}`,
      relateTools,
    ]),
  ),
  unjoined_tool_parts: relateTools,
  unpriced_calls: select('agensight.unpriced_models where project_id = $1'),
  receipts_by_time: (database, { tokenHash }) =>
    database.query('select agensight.authenticate($1)', [tokenHash]),
  ...Object.fromEntries(
    ['prices_by_provider', 'prices_by_start', 'prices_by_end'].map((index) => [
      index,
      (database: Database, project: TestProject) =>
        database.ingest(project, {
          completions: [
            {
              ...{ trace_id: 'priced', span_id: randomUUID(), completion_index: 0 },
              ...{ provider: 'anthropic', model: 'claude-opus-5', total_tokens: 1 },
            },
          ],
        }),
    ]),
  ),
  trace_search_by_term: search("p_model => 'o3-pro'"),
  trace_search_by_start: search("p_since => now() - interval '1 hour'"),
  trace_search_by_duration: search('p_min_duration_ms => 14350'),
  trace_search_by_cost: search('p_min_cost => 0.1027'),
  traces_to_index_by_time: select('agensight.index_traces(5)'),
  // Last: its new entries stay in the pending list of the index until the next vacuum, which raises the index's cost.
  traces_by_arrival: select('agensight.maintain()'),
  sessions_by_arrival: select('agensight.maintain()'),
};

onEachPostgres('indexes', (database) => {
  let project: TestProject;
  const plans: string[] = [];

  beforeAll(async () => {
    project = await database().project();
    const { client } = database();
    await fill(client, project.id, 'ours', { from: 0, to: SPANS, start: startOf(SPANS) });
    await client.query(`
      insert into agensight_private.traces_to_index (project_id, trace_id) select project_id, id from agensight.traces;
      select agensight.index_traces(${SPANS / 6 - 500});
      insert into agensight.receipts (project_id, batch_id, received_at, stored)
      select project_id, gen_random_uuid(), received_at, '{}' from agensight.traces;
      select agensight.set_retention('${project.id}', 365);
      -- As after some weeks: more traces than are indexed here one by one, and calls that have a price.
      insert into agensight_private.trace_search (project_id, trace_id, started_at, duration_ms, cost, terms)
      select '${project.id}', 'old ' || n, now() - n * interval '1 minute', n % 14000, n % 997 * 0.0001,
        array(select (random() * 1e6)::integer + n * 0 from generate_series(1, 12))
      from generate_series(1, 20000) n;
      set session_replication_role = replica;
      update agensight.completions set cost = 0.001 where model <> 'o3-pro';
      reset session_replication_role`);
    await client.query('vacuum analyze');
    await client.query(`load 'auto_explain';
      set auto_explain.log_min_duration = 0; set auto_explain.log_nested_statements = on;
      set auto_explain.log_level = notice`);
    client.on('notice', ({ message }) => plans.push(message ?? ''));
  }, 120_000);

  it('are each listed here with a query that uses them, or support a key', async () => {
    const names = await database().query<{ name: string }>(`
      select c.relname as name from pg_index i join pg_class c on c.oid = i.indexrelid
      where c.relnamespace in ('agensight'::regnamespace, 'agensight_private'::regnamespace) and not i.indisunique
        and not exists (
          select from pg_constraint k where k.contype = 'f' and k.conrelid = i.indrelid
            and cardinality(k.conkey) = i.indnatts and (i.indkey::int2[])[0:cardinality(k.conkey) - 1] @> k.conkey)
      order by 1`);
    expect(names.map(({ name }) => name)).toEqual(Object.keys(USES).sort());
  });

  it.each(Object.keys(USES))('%s is in the plan of its query', async (index) => {
    plans.length = 0;
    await USES[index]?.(database(), project);
    expect(plans.join('\n')).toMatch(new RegExp(`(using|on) ${index}\\b`));
  });
});
