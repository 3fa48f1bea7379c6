import { expect, it } from 'vitest';
import { onEachPostgres, type TestProject } from '../support/database.ts';
import { BILLS, type Call } from './bills.ts';

onEachPostgres('costs', (database) => {
  it.each(BILLS)('%s', async (_, call, expected) => {
    const project = await database().project();
    await ingest(project, [call]);
    expect(await costs(project)).toEqual([expected]);
    const [named] = await database().query(
      'select p.source, p.source_date::text from agensight.completions c join agensight.prices p on p.id = c.price_id where c.project_id = $1',
      [project.id],
    );
    expect(named).toMatchObject({ source: expect.stringContaining('genai-prices') });
    const [trace] = await database().rows('traces', project);
    expect(trace?.total_cost).toBe(Number(expected));
  });

  it.each<[string, Call]>([
    ['a model that is not listed', { provider: 'openai', model: 'gpt-of-tomorrow', prompt: 5 }],
    [
      'a provider without a list',
      { provider: 'ollama', model: 'deepseek-r1', prompt: 5, completion: 5 },
    ],
    [
      'a model that is paid by other units as well',
      { provider: 'openai', model: 'gpt-4o-audio-preview-2025-06-03', prompt: 5 },
    ],
    [
      'a service tier without a price',
      {
        provider: 'openai',
        model: 'gpt-4o-mini',
        prompt: 5,
        attributes: { 'gen_ai.openai.response.service_tier': 'flex' },
      },
    ],
  ])('are null for %s, and unpriced_models lists it', async (_, call) => {
    const project = await database().project();
    await ingest(project, [call, call]);
    expect(await costs(project)).toEqual([null, null]);
    const rows = await database().query(
      'select model, calls::int, prompt_tokens::int from agensight.unpriced_models where project_id = $1',
      [project.id],
    );
    expect(rows).toEqual([{ model: call.model, calls: 2, prompt_tokens: 10 }]);
  });

  it('are null, and nothing is missing, where no usage is known', async () => {
    const project = await database().project();
    await ingest(project, [{ provider: 'openai', model: 'gpt-4o-mini' }]);
    expect(await costs(project)).toEqual([null]);
    expect(
      await database().query('select 1 from agensight.unpriced_models where project_id = $1', [
        project.id,
      ]),
    ).toEqual([]);
  });

  it("are computed by a project's own price first, from when it holds", async () => {
    const project = await database().project();
    await database().query(
      "select agensight.set_price($1, 'gpt-4o-mini%', 1, 2, cached_per_million => 0.5, valid_from => '2026-10-01Z')",
      [project.id],
    );
    const call = { provider: 'openai', model: 'gpt-4o-mini', prompt: 1000, completion: 500 };
    await ingest(project, [
      { ...call, started_at: '2026-09-30T23:59:59Z' },
      { ...call, started_at: '2026-10-01T00:00:00Z' },
    ]);
    expect(await costs(project)).toEqual(['0.00045', '0.002']);
    const neighbour = await database().project();
    await ingest(neighbour, [{ ...call, started_at: '2026-10-01T00:00:00Z' }]);
    expect(await costs(neighbour)).toEqual(['0.00045']);
  });

  it('follow the service tier of the call', async () => {
    const project = await database().project();
    await database().query(
      "select agensight.set_price($1, 'gpt-4o-mini', 0.075, 0.3, provider => 'openai', service_tier => 'batch')",
      [project.id],
    );
    const call = { provider: 'openai', model: 'gpt-4o-mini', prompt: 1000, completion: 500 };
    await ingest(project, [
      { ...call, attributes: { 'openai.response.service_tier': 'batch' } },
      { ...call, attributes: { 'openai.response.service_tier': 'default' } },
    ]);
    expect(await costs(project)).toEqual(['0.000225', '0.00045']);
  });

  it("are the same in any order of arrival of a call's parts, and when parts are repeated", async () => {
    const call = {
      provider: 'openai',
      model: 'o3',
      prompt: 1200,
      completion: 3400,
      started_at: '2025-01-01T00:00:00Z',
    };
    const { spans, completions } = recordsOf([call]);
    const [whole] = completions;
    const { model, prompt_tokens, completion_tokens, total_tokens, ...key } = whole as Record<
      string,
      unknown
    >;
    const parts = [
      { spans },
      { completions: [{ ...key, model }] },
      { completions: [{ ...key, prompt_tokens }] },
      { completions: [{ ...key, completion_tokens, total_tokens }] },
    ];
    for (const order of [
      [0, 1, 2, 3],
      [3, 2, 1, 0],
      [1, 3, 0, 2],
      [2, 0, 3, 1, 1, 0],
    ]) {
      const project = await database().project();
      for (const place of order) await database().ingest(project, parts[place] ?? {});
      expect(await costs(project)).toEqual(['0.148']);
      const [trace] = await database().rows('traces', project);
      expect(trace?.total_cost).toBe(0.148);
    }
  });

  it('are computed anew by reprice(), in steps, for a span of time', async () => {
    const project = await database().project();
    const call = { provider: 'openai', model: 'in-house', prompt: 1_000_000, completion: 0 };
    const days = ['2026-10-01', '2026-10-02', '2026-10-03', '2026-10-04', '2026-10-04'];
    await ingest(
      project,
      days.map((day) => ({ ...call, started_at: `${day}T12:00:00Z` })),
    );
    await database().query("select agensight.set_price($1, 'in-house', 7, 0)", [project.id]);
    const steps: unknown[] = [];
    let from: string | null = '2026-10-02T00:00:00Z';
    while (from !== null) {
      const [step]: Record<string, unknown>[] = await database().query(
        "select checked, changed, next_from::text from agensight.reprice($1, '2026-10-05Z', $2, 1)",
        [from, project.id],
      );
      steps.push([step?.checked, step?.changed]);
      from = (step?.next_from ?? null) as string | null;
    }
    // Two calls with the same start are in one step; the next step finds no call.
    expect(steps.flat().reduce((sum: number, n) => sum + Number(n), 0)).toBe(8);
    expect(await costs(project)).toEqual([null, '7', '7', '7', '7']);
    const [trace] = await database().rows('traces', project);
    expect(trace?.total_cost).toBe(28);
    expect(
      await database().query('select * from agensight.audit_totals($1)', [project.id]),
    ).toEqual([]);
  });

  async function ingest(project: TestProject, calls: readonly Call[]): Promise<void> {
    await database().ingest(project, recordsOf(calls));
  }

  function costs(project: TestProject): Promise<unknown> {
    return database().value(
      'select array_agg(trim_scale(cost)::text order by span_id) from agensight.completions where project_id = $1',
      [project.id],
    );
  }
});

function recordsOf(calls: readonly Call[]) {
  return {
    spans: calls.map(({ started_at = '2026-10-01T12:00:00Z', attributes }, place) => ({
      trace_id: 't',
      id: `s${place}`,
      kind: 'llm',
      started_at,
      attributes,
    })),
    completions: calls.map(({ provider, model, prompt, completion, cached, written }, place) => ({
      trace_id: 't',
      span_id: `s${place}`,
      completion_index: 0,
      provider,
      model,
      prompt_tokens: prompt,
      completion_tokens: completion,
      total_tokens: prompt === undefined ? undefined : prompt + (completion ?? 0),
      cached_tokens: cached,
      cache_write_tokens: written,
    })),
  };
}
