import { randomUUID } from 'node:crypto';
import type pg from 'pg';
import { expect, it } from 'vitest';
import { connect, onEachPostgres, type TestProject } from '../support/database.ts';

interface Lists {
  spans?: object[];
  prompts?: object[];
  completions?: object[];
  tools?: object[];
}

/** Both sides of the search, a record for its span and a span for its records, at the same time. */
onEachPostgres('ingest_by_span', (database) => {
  const ingest = (client: pg.Client, { tokenHash }: TestProject, lists: Lists) =>
    client.query('select agensight.ingest_by_span($1, $2::jsonb)', [
      tokenHash,
      JSON.stringify({ batch_id: randomUUID(), ...lists }),
    ]);
  const childrenOf = (span: string): Lists => {
    const place = { trace_id: `span:${span}`, span_id: span };
    return {
      prompts: [{ ...place, message_index: 0, content: 'q' }],
      completions: [{ ...place, completion_index: 0, content: 'a', total_tokens: 2 }],
      tools: [{ ...place, id: `${span}:f`, name: 'f' }],
    };
  };
  const spanOf = (trace: string, span: string): Lists => ({
    spans: [{ trace_id: trace, id: span, name: 'f' }],
  });
  const traces = (project: TestProject) =>
    database().query(
      'select id, span_count, total_tokens from agensight.traces where project_id = $1 order by id',
      [project.id],
    );

  it.each(['span', 'record'])(
    'finds the other while the %s is not committed yet',
    async (first) => {
      const project = await database().project();
      const span = randomUUID();
      const messages = [spanOf('t', span), childrenOf(span)];
      const [early = {}, late = {}] = first === 'span' ? messages : messages.reverse();
      const [one, two] = [await connect(database().url), await connect(database().url)];
      await one.query('begin');
      await ingest(one, project, early);
      const waiting = ingest(two, project, late);
      await expect
        .poll(() =>
          database().value(
            "select count(*)::integer from pg_locks where locktype = 'advisory' and not granted and database = (select oid from pg_database where datname = current_database())",
          ),
        )
        .toBe(1);
      await one.query('commit');
      await waiting;
      expect(await traces(project)).toEqual([{ id: 't', span_count: 1, total_tokens: '2' }]);
      await Promise.all([one.end(), two.end()]);
    },
  );

  it('merges waiting records with those of the span itself, each call once', async () => {
    const project = await database().project();
    const span = randomUUID();
    await ingest(database().client, project, childrenOf(span));
    await ingest(database().client, project, {
      ...spanOf('t', span),
      completions: [
        { trace_id: 't', span_id: span, completion_index: 0, model: 'm', total_tokens: 2 },
      ],
    });
    expect(await database().rows('completions', project)).toMatchObject([
      { trace_id: 't', content: 'a', model: 'm', total_tokens: 2 },
    ]);
    expect(await traces(project)).toEqual([{ id: 't', span_count: 1, total_tokens: '2' }]);
  });

  it('also finds a span that came another way, and then what waited for it', async () => {
    const project = await database().project();
    const span = randomUUID();
    const { prompts = [], completions = [] } = childrenOf(span);
    await ingest(database().client, project, { completions });
    await database().ingest(project, spanOf('t', span));
    await ingest(database().client, project, { prompts });
    expect(await traces(project)).toEqual([{ id: 't', span_count: 1, total_tokens: '2' }]);
    expect(await database().rows('prompts', project)).toMatchObject([{ trace_id: 't' }]);
  });

  it('keeps a waiting trace that another client added a span to', async () => {
    const project = await database().project();
    const span = randomUUID();
    await database().ingest(project, spanOf(`span:${span}`, 'own'));
    await ingest(database().client, project, childrenOf(span));
    await ingest(database().client, project, spanOf('t', span));
    expect(await traces(project)).toEqual([
      { id: `span:${span}`, span_count: 1, total_tokens: '0' },
      { id: 't', span_count: 1, total_tokens: '2' },
    ]);
  });

  it('never waits in a circle with itself or with ingest()', async () => {
    const project = await database().project();
    const ids = Array.from({ length: 8 }, () => randomUUID());
    const trace = (index: number) => `t${index % 3}`;
    const clients = await Promise.all(Array.from({ length: 8 }, () => connect(database().url)));
    await Promise.all(
      clients.map(async (client, n) => {
        for (let i = 0; i < 40; i++) {
          const at = (i * 5 + n * 3) % ids.length;
          const span = ids[at] ?? '';
          if ((i + n) % 3 === 0) await ingest(client, project, childrenOf(span));
          else if ((i + n) % 3 === 1) await ingest(client, project, spanOf(trace(at), span));
          else {
            const batch = {
              batch_id: randomUUID(),
              traces: [{ id: 't2' }, { id: 't0' }, { id: 't1' }],
              spans: ids.map((id, index) => ({ trace_id: trace(index), id, name: 'f' })),
            };
            await client.query('select agensight.ingest($1, $2::jsonb)', [
              project.tokenHash,
              JSON.stringify(batch),
            ]);
          }
        }
      }),
    );
    for (const span of ids) await ingest(clients[0] as pg.Client, project, childrenOf(span));
    const found = await database().query<{ total_tokens: string; span_count: number }>(
      'select sum(total_tokens) as total_tokens, sum(span_count)::integer as span_count from agensight.traces where project_id = $1',
      [project.id],
    );
    expect(found).toEqual([{ total_tokens: '16', span_count: 8 }]);
    expect(await traces(project)).toHaveLength(3);
    await Promise.all(clients.map((client) => client.end()));
  });

  it('finds a span by an index, and keeps no client role', async () => {
    await database().query('set enable_seqscan = off');
    const plan = await database().query(
      "explain select trace_id from agensight.spans where project_id = gen_random_uuid() and id = 'x' and length(id) = 36",
    );
    await database().query('reset enable_seqscan');
    expect(JSON.stringify(plan)).toContain('spans_by_uuid');
    for (const role of ['anon', 'authenticated']) {
      const may = await database().value(
        "select has_function_privilege($1, 'agensight.ingest_by_span(text, jsonb)', 'execute')",
        [role],
      );
      expect(may).toBe(false);
    }
  });
});
