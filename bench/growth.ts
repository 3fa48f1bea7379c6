/**
 * The cost of a batch in an empty and in a full database: `npm run bench -- growth`, with
 * `--spans 1000000` for fewer than three million spans.
 */
import { createHash } from 'node:crypto';
import { parseArgs } from 'node:util';
import pg from 'pg';
import { createDatabase, startPostgres } from '../tests/support/postgres.ts';
import type { Batch } from '../wire/records.ts';
import { fill, type Ids, millisOf, startOf } from './fill.ts';
import { type Figure, median, printFigures, timed } from './measure.ts';
import { SpanSource } from './spans.ts';

const BATCH = 100;
const ROUNDS = 60;
const TABLES = 'sessions traces spans message_lists completions tools'.split(' ');
const SEARCHED = 6_000;

interface Site {
  client: pg.Client;
  project: string;
  tokenHash: string;
  source: SpanSource;
  ids: Ids;
  spans: number;
  /** Start of the first span. Later batches must have later times, or index pages stay half empty. */
  start: number;
}

/** Prints time and WAL per batch as the tables grow, disk per million spans, and the time of a page of traces. */
export async function benchGrowth(): Promise<void> {
  const { values } = parseArgs({ options: { spans: { type: 'string' } }, allowPositionals: true });
  const spans = Number(values.spans ?? 3_000_000);
  if (!(Number.isInteger(spans) && spans >= 60_000)) {
    throw new Error('--spans must be an integer of at least 60000');
  }
  const server = await startPostgres(18, [
    ...['-c', 'fsync=on', '-c', 'synchronous_commit=on', '-c', 'shared_buffers=256MB'],
    ...['-c', 'max_wal_size=4GB', '-c', 'random_page_cost=1.1'],
  ]);
  const sites: Site[] = [];
  try {
    const start = startOf(spans);
    const empty = await openSite(server.url, 'ours', start);
    const ours = await openSite(server.url, 'ours', start);
    const randomSessions = await openSite(server.url, 'random sessions', start);
    const random = await openSite(server.url, 'random', start);
    sites.push(empty, ours, randomSessions, random);
    const figures: Figure[] = [];
    const third = Math.round(spans / 3);
    for (const full of [ours, randomSessions, random]) await grow(full, third);
    figures.push(...(await compare(empty, [ours, randomSessions, random], third)));
    figures.push(...(await page(ours, third)));
    for (const full of [ours, random]) await grow(full, spans);
    figures.push(...(await compare(empty, [ours, random], spans)));
    figures.push(await disk(ours), ...(await searching(ours)));
    printFigures('Growth', figures);
  } finally {
    for (const { client } of sites) await client.end();
    await server.stop();
  }
}

async function openSite(serverUrl: string, ids: Ids, start: number): Promise<Site> {
  const client = new pg.Client(await createDatabase(serverUrl));
  await client.connect();
  const value = async (sql: string, values: unknown[]) =>
    (await client.query({ text: sql, values, rowMode: 'array' })).rows[0]?.[0];
  const project = await value('select (agensight.create_project($1)).id', ['growth']);
  const token = await value('select token from agensight.create_token($1)', [project]);
  const tokenHash = createHash('sha256').update(token).digest('hex');
  const source = new SpanSource(start, ids === 'ours');
  const site = { client, project, tokenHash, source, ids, spans: 0, start };
  for (let n = 0; n < 8; n++) await ingest(site, nextBatch(site));
  await client.query('vacuum (analyze)');
  return site;
}

/** Fills a site up to a number of spans. */
async function grow(site: Site, spans: number): Promise<void> {
  const { client, project, ids, start } = site;
  await fill(client, project, ids, { from: site.spans, to: spans, start });
  site.spans = spans;
  site.source = new SpanSource(millisOf(spans, start), ids === 'ours');
}

const WHOSE: Record<Ids, string> = {
  ours: 'our ids',
  'random sessions': 'our trace ids, random session ids',
  random: 'random trace and session ids',
};

/** The rounds alternate between the sites, so that other load on the machine affects them equally. */
async function compare(empty: Site, full: readonly Site[], level: number): Promise<Figure[]> {
  const runs = [empty, ...full].map((site) => ({ site, millis: [] as number[], wal: 0 }));
  await empty.client.query('checkpoint');
  for (let round = 0; round < ROUNDS; round++) {
    for (const run of runs) {
      const body = nextBatch(run.site);
      const before = await walPosition(empty.client);
      run.millis.push(await timed(() => ingest(run.site, body)));
      run.wal += (await walPosition(empty.client)) - before;
    }
  }
  const stored = `${(level / 1e6).toFixed(2)} M spans stored`;
  const perSpan = (bytes: number) => Math.round(bytes / ROUNDS / BATCH);
  const [none, ...others] = runs as [(typeof runs)[0], ...typeof runs];
  return others.flatMap(({ site: { ids }, millis, wal }) => {
    const [full, nothing] = [median(millis), median(none.millis)];
    return [
      {
        figure: `a batch of ${BATCH} spans, ${stored}, ${WHOSE[ids]}`,
        ours: `${full.toFixed(1)} ms; ${nothing.toFixed(1)} empty`,
        ratio: `${(full / nothing).toFixed(2)} of empty`,
        target: ids === 'ours' ? '≤ 1.2' : '–',
      },
      {
        figure: `WAL per span from a checkpoint on, ${stored}, ${WHOSE[ids]}`,
        ours: `${perSpan(wal)} B; ${perSpan(none.wal)} empty`,
        ratio: `${(wal / none.wal).toFixed(2)} of empty`,
        target: ids === 'ours' ? '≤ 1.1' : '–',
      },
    ];
  });
}

/** The latest 50 traces with their totals, for the owner of the tables and for a member under row-level security. */
async function page(site: Site, level: number): Promise<Figure[]> {
  const { client, project } = site;
  const { rows } = await client.query('insert into auth.users default values returning id');
  await client.query(
    'insert into agensight.project_members (project_id, user_id) values ($1, $2)',
    [project, rows[0].id],
  );
  const read = () =>
    client.query({
      name: 'page',
      text: `select id, name, started_at, status, span_count, error_count, total_tokens, total_cost
        from agensight.traces where project_id = $1 order by started_at desc limit 50`,
      values: [project],
    });
  const times = { owner: [] as number[], member: [] as number[] };
  for (let round = 0; round < 200; round++) {
    times.owner.push(await timed(read));
    await client.query("select set_config('request.jwt.claims', $1, false)", [
      JSON.stringify({ sub: rows[0].id, role: 'authenticated' }),
    ]);
    await client.query('set role authenticated');
    times.member.push(await timed(read));
    await client.query('reset role');
  }
  const [owner, member] = [median(times.owner), median(times.member)];
  const stored = `${(level / 1e6).toFixed(2)} M spans stored`;
  return [
    {
      figure: `latest 50 traces with totals, ${stored}`,
      ours: `${owner.toFixed(2)} ms`,
      ratio: '–',
      target: '≤ 2 ms',
    },
    {
      figure: 'the same as a member, under row-level security',
      ours: `${member.toFixed(2)} ms`,
      ratio: `${(member / owner).toFixed(2)} of the owner's`,
      target: '≤ 1.3',
    },
  ];
}

async function disk({ client }: Site): Promise<Figure> {
  const { rows } = await client.query(
    'select sum(pg_total_relation_size(c.oid))::bigint as bytes from unnest($1::text[]) t join pg_class c on c.oid = t::regclass',
    [TABLES.map((table) => `agensight.${table}`)],
  );
  const count = await client.query('select sum(span_count)::bigint as spans from agensight.traces');
  const perMillion = Number(rows[0].bytes) / (Number(count.rows[0].spans) / 1e6) / 1e9;
  return {
    figure: 'disk per million spans, tables and indexes',
    ours: `${perMillion.toFixed(2)} GB`,
    ratio: '–',
    target: '≤ 2.9 GB',
  };
}

/** The additional cost of indexing traces for the search, after ingest. */
async function searching(site: Site): Promise<Figure[]> {
  const { client } = site;
  await client.query('truncate agensight_private.traces_to_index, agensight_private.trace_search');
  const ids = await client.query(
    "insert into agensight_private.traces_to_index (project_id, trace_id) select project_id, id from agensight.traces where started_at < now() - interval '1 minute' order by started_at desc limit $1 returning 1",
    [SEARCHED / 6],
  );
  const spans = (ids.rowCount ?? 0) * 6;
  const millis = await timed(() => client.query('select agensight.index_traces(100000)'));
  await client.query('vacuum agensight_private.trace_search');
  const { rows } = await client.query(
    "select pg_total_relation_size('agensight_private.trace_search')::bigint as bytes",
  );
  const batches: number[] = [];
  for (let n = 0; n < 20; n++) {
    const body = nextBatch(site);
    batches.push(await timed(() => ingest(site, body)));
  }
  const perBatch = (millis / spans) * BATCH;
  return [
    {
      figure: `indexing ${BATCH} spans for the search, after ingest`,
      ours: `${perBatch.toFixed(1)} ms`,
      ratio: `${(perBatch / median(batches)).toFixed(2)} of ingest`,
      target: '< 1',
    },
    {
      figure: 'disk per million spans for the search index',
      ours: `${(Number(rows[0].bytes) / (spans / 1e6) / 1e9).toFixed(2)} GB`,
      ratio: '–',
      target: '–',
    },
  ];
}

async function ingest({ client, tokenHash }: Site, body: string): Promise<void> {
  await client.query({
    name: 'ingest',
    text: 'select agensight.ingest($1, $2::jsonb)',
    values: [tokenHash, body],
  });
}

/** A batch as JSON text, with random trace ids if the site simulates another client. */
function nextBatch({ source, ids }: Site): string {
  const batch: Batch = source.batch(BATCH);
  if (ids !== 'random') return JSON.stringify(batch);
  const renamed = new Map<string, string>();
  const rename = (id: string) => {
    const known = renamed.get(id) ?? createHash('md5').update(id).digest('hex');
    renamed.set(id, known);
    return known;
  };
  for (const trace of batch.traces ?? []) trace.id = rename(trace.id);
  for (const list of [batch.spans, batch.prompts, batch.completions, batch.tools]) {
    for (const record of list ?? []) record.trace_id = rename(record.trace_id);
  }
  return JSON.stringify(batch);
}

async function walPosition(client: pg.Client): Promise<number> {
  const { rows } = await client.query(
    "select pg_wal_lsn_diff(pg_current_wal_insert_lsn(), '0/0') as bytes",
  );
  return Number(rows[0].bytes);
}
