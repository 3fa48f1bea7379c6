import { beforeAll, expect, it } from 'vitest';
import { onEachPostgres, type TestProject } from '../support/database.ts';

const TRACES = [
  {
    id: 'weather',
    second: 1,
    trace: {
      user_id: 'ann',
      session_id: 'trip',
      tags: ['beta'],
      metadata: { plan: { name: 'pro' } },
    },
    sent: 'What is the weather in Paris, France? call get_weather(city="Paris")',
    answer: 'Rain until 17:00.',
    model: 'gpt-4o',
    tool: 'get_weather',
  },
  {
    id: 'chinese',
    second: 2,
    trace: { session_id: 'trip', ended_at: at(12) },
    sent: '巴黎今天的天气怎么样？',
    answer: '下雨',
    model: 'qwen-max',
  },
  {
    id: 'broken',
    second: 3,
    trace: { session_id: 'other', status: 'error' },
    sent: 'Summarise src/lambda/store.ts and its foo_bar()',
    answer: null,
    model: 'claude-sonnet',
    error: { type: 'RateLimitError', message: 'Too many requests, slow down' },
  },
];

function at(second: number): string {
  return new Date(Date.UTC(2026, 0, 1) + second * 1000).toISOString();
}

onEachPostgres('searching traces', (database) => {
  let project: TestProject;
  let other: TestProject;

  async function fill(): Promise<TestProject> {
    const made = await database().project();
    await database().ingest(made, {
      sessions: [
        { id: 'trip', user_id: 'bob' },
        { id: 'other', metadata: { shop: 7 } },
      ],
      traces: TRACES.map(({ id, second, trace }) => ({ id, started_at: at(second), ...trace })),
      spans: TRACES.map(({ id, second, error }) => ({
        ...{ trace_id: id, id: 'llm', kind: 'llm', started_at: at(second) },
        ...(error ? { status: 'error', error } : {}),
      })),
      prompts: TRACES.map(({ id, sent }) => ({
        ...{ trace_id: id, span_id: 'llm', message_index: 0, role: 'user', content: sent },
      })),
      completions: TRACES.map(({ id, answer, model }) => ({
        ...{ trace_id: id, span_id: 'llm', completion_index: 0, role: 'assistant' },
        ...{ content: answer, model },
      })),
      tools: TRACES.filter(({ tool }) => tool).map(({ id, tool }) => ({
        ...{ trace_id: id, id: 'call', span_id: 'llm', name: tool },
      })),
    });
    return made;
  }

  beforeAll(async () => {
    [project, other] = [await fill(), await fill()];
  });

  async function found(conditions: Record<string, unknown>, id = project.id): Promise<string[]> {
    const names = Object.keys(conditions);
    const rows = await database().query<{ id: string }>(
      `select id from agensight.search_traces($1${names.map((name, n) => `, ${name} => $${n + 2}`).join('')})`,
      [id, ...Object.values(conditions)],
    );
    return rows.map((row) => row.id);
  }

  const CASES: [string, Record<string, unknown>, string[]][] = [
    ['a word of a prompt, in any case', { p_text: 'PARIS' }, ['weather']],
    ['a word of an answer', { p_text: 'rain' }, ['weather']],
    ['words of prompt and answer together', { p_text: 'rain weather' }, ['weather']],
    ['words that are not adjacent', { p_text: 'rain store' }, []],
    ['a part of a word', { p_text: 'weath' }, []],
    ['words next to each other', { p_text: '"in Paris, France"' }, ['weather']],
    ['the same words in another order', { p_text: '"France, in Paris"' }, []],
    ['Chinese, a part of a sentence', { p_text: '天气' }, ['chinese']],
    ['Chinese that no message contains', { p_text: '气天' }, []],
    ['a name in code', { p_text: 'foo_bar' }, ['broken']],
    ['a path', { p_text: 'lambda/store.ts' }, ['broken']],
    ['a user, of the trace or of its session', { p_user_id: 'bob' }, ['chinese', 'weather']],
    ['a user of one trace', { p_user_id: 'ann' }, ['weather']],
    ['a session', { p_session_id: 'trip' }, ['chinese', 'weather']],
    ['a tag', { p_tag: 'beta' }, ['weather']],
    ['a path in metadata', { p_metadata: { plan: { name: 'pro' } } }, ['weather']],
    ['metadata of the session', { p_metadata: { shop: 7 } }, ['broken']],
    ['a model', { p_model: 'gpt-4o' }, ['weather']],
    ['a tool', { p_tool: 'get_weather' }, ['weather']],
    ['any error', { p_error: '' }, ['broken']],
    ['words of an error', { p_error: 'ratelimiterror requests' }, ['broken']],
    ['words of no error', { p_error: 'timeout' }, []],
    ['a duration', { p_min_duration_ms: 10_000 }, ['chinese']],
    ['a start', { p_since: at(2), p_until: at(3) }, ['chinese']],
    ['nothing in particular', {}, ['broken', 'chinese', 'weather']],
    ['a page', { p_limit: 1, p_before: 'broken' }, ['chinese']],
    [
      'several things at once',
      { p_user_id: 'bob', p_text: '天气', p_model: 'qwen-max' },
      ['chinese'],
    ],
  ];

  // Each case runs twice: before the traces are indexed, and from the index.
  it.each(CASES)('finds by %s as soon as it is stored', async (_, conditions, expected) => {
    expect(await found(conditions)).toEqual(expected);
  });

  it.each(CASES)('finds by %s from the index', async (_, conditions, expected) => {
    await database().query('select agensight.maintain(60000)');
    expect(await database().value('select count(*) from agensight_private.traces_to_index')).toBe(
      '0',
    );
    expect(await found(conditions)).toEqual(expected);
  });

  it('finds by cost, and no longer by a text that was replaced', async () => {
    const own = await fill();
    await database().query('select agensight.index_traces(1000)');
    await database().query(
      "update agensight.completions set cost = 0.5 where project_id = $1 and trace_id = 'weather'",
      [own.id],
    );
    await database().query(
      "update agensight.traces set total_cost = 0.5 where project_id = $1 and id = 'weather'",
      [own.id],
    );
    await database().query(
      "delete from agensight.message_lists where project_id = $1 and trace_id = 'chinese'",
      [own.id],
    );
    for (const index of [false, true]) {
      if (index) await database().query('select agensight.index_traces(1000)');
      expect(await found({ p_min_cost: 0.4 }, own.id)).toEqual(['weather']);
      expect(await found({ p_text: '天气' }, own.id)).toEqual([]);
    }
  });

  it('finds by later values of a trace or its session', async () => {
    const own = await fill();
    await database().query('select agensight.index_traces(1000)');
    await database().ingest(own, {
      sessions: [{ id: 'other', user_id: 'late' }],
      completions: [
        { trace_id: 'broken', span_id: 'llm', completion_index: 0, content: 'finally' },
      ],
    });
    expect(await found({ p_text: 'finally', p_user_id: 'late' }, own.id)).toEqual(['broken']);
    await database().query('select agensight.index_traces(1000)');
    expect(await found({ p_text: 'finally', p_user_id: 'late' }, own.id)).toEqual(['broken']);
  });

  it('shows a member the own project and nothing of another', async () => {
    const member = await database().user(project);
    await database().query('begin');
    await database().query("select set_config('request.jwt.claims', $1, true)", [
      JSON.stringify({ role: 'authenticated', sub: member }),
    ]);
    await database().query('set local role authenticated');
    expect(await found({ p_text: 'paris' })).toEqual(['weather']);
    expect(await found({ p_text: 'paris' }, other.id)).toEqual([]);
    await database().query('rollback');
  });

  it('no longer finds a deleted trace, also one deleted while it is indexed', async () => {
    const own = await fill();
    await database().query('select agensight.index_traces(1000)');
    await database().ingest(own, { traces: [{ id: 'weather', name: 'again' }] });
    await database().query(
      "delete from agensight.traces where project_id = $1 and id = 'weather'",
      [own.id],
    );
    await database().query('select agensight.index_traces(1000)');
    expect(
      await database().query(
        'select trace_id from agensight_private.trace_search where project_id = $1 order by 1',
        [own.id],
      ),
    ).toEqual([{ trace_id: 'broken' }, { trace_id: 'chinese' }]);
  });

  it.each([
    [{ p_limit: 0 }, 'p_limit is from 1 to 1000.'],
    [{ p_text: '?!' }, 'p_text has no word to search for.'],
    [{ p_before: 'unknown' }, 'p_before is not the id of a trace.'],
  ])('refuses %j', async (conditions, message) => {
    await expect(found(conditions)).rejects.toMatchObject({ code: 'PT400', message });
  });
});
