import { expect, it } from 'vitest';
import { onEachPostgres } from '../support/database.ts';

const CALLS = [
  {
    trace_id: 't',
    id: 'call_1',
    span_id: 'llm',
    name: 'get_weather',
    arguments: { city: 'Paris', unit: 'C' },
  },
  {
    trace_id: 't',
    id: 'call_2',
    span_id: 'llm',
    name: 'get_weather',
    arguments: { city: 'Rome', unit: 'C' },
  },
];
const RUNS = [
  {
    trace_id: 't',
    id: 'run_1',
    run_span_id: 'run_1',
    name: 'get_weather',
    arguments: { city: 'Paris', unit: 'C' },
    output: 'sunny',
    status: 'ok',
    started_at: '2026-01-01T00:00:01Z',
    ended_at: '2026-01-01T00:00:02Z',
  },
  // A function with positional parameters.
  {
    trace_id: 't',
    id: 'run_2',
    run_span_id: 'run_2',
    name: 'get_weather',
    arguments: ['C', 'Rome'],
    output: 'rain',
    status: 'error',
    started_at: '2026-01-01T00:00:01Z',
    ended_at: '2026-01-01T00:00:03Z',
  },
];
const MESSAGES = [{ trace_id: 't', id: 'call_1', output: 'sunny' }];
const JOINED = [
  {
    id: 'call_1',
    span_id: 'llm',
    run_span_id: 'run_1',
    output: 'sunny',
    status: 'ok',
    arguments: { city: 'Paris', unit: 'C' },
  },
  { id: 'call_2', span_id: 'llm', run_span_id: 'run_2', output: 'rain', status: 'error' },
];

function orders<T>(items: readonly T[]): T[][] {
  if (items.length <= 1) return [[...items]];
  return items.flatMap((item, at) => orders(items.toSpliced(at, 1)).map((rest) => [item, ...rest]));
}

onEachPostgres('the three sources of a tool call', (database) => {
  it.each(
    orders([
      ['calls', CALLS] as const,
      ['runs', RUNS] as const,
      ['messages', MESSAGES] as const,
    ]).map(
      (order) => [order.map(([name]) => name).join(', '), order.map(([, tools]) => tools)] as const,
    ),
  )('make one row when they come as %s, each of them twice', async (_, batches) => {
    const project = await database().project();
    for (const tools of [...batches, ...batches]) await database().ingest(project, { tools });
    expect(await database().rows('tools', project)).toMatchObject(JOINED);
  });

  it('make one row in one batch', async () => {
    const project = await database().project();
    await database().ingest(project, { tools: [...RUNS, ...MESSAGES, ...CALLS] });
    expect(await database().rows('tools', project)).toMatchObject(JOINED);
  });

  it('make one row when a later batch knows the call id of a run', async () => {
    const project = await database().project();
    await database().ingest(project, { tools: [RUNS[0] as object] });
    await database().ingest(project, { tools: [{ ...RUNS[0], id: 'call_9' }] });
    expect(await database().rows('tools', project)).toMatchObject([
      { id: 'call_9', run_span_id: 'run_1' },
    ]);
  });

  it('stay separate when trace, name or arguments differ', async () => {
    const project = await database().project();
    const run = RUNS[0] as (typeof RUNS)[0];
    await database().ingest(project, {
      tools: [
        { ...CALLS[0], trace_id: 'other' },
        { ...CALLS[0], id: 'x', name: 'get_time' },
        { ...CALLS[0], id: 'y', arguments: { city: 'Oslo' } },
        run,
      ],
    });
    expect(await database().rows('tools', project)).toHaveLength(4);
  });

  it('give each call one run when the same call is made twice', async () => {
    const project = await database().project();
    const call = CALLS[0] as (typeof CALLS)[0];
    const run = RUNS[0] as (typeof RUNS)[0];
    await database().ingest(project, {
      tools: [
        call,
        { ...call, id: 'call_3' },
        run,
        { ...run, id: 'run_3', run_span_id: 'run_3', started_at: '2026-01-01T00:00:05Z' },
      ],
    });
    expect(await database().rows('tools', project)).toMatchObject([
      { id: 'call_1', run_span_id: 'run_1' },
      { id: 'call_3', run_span_id: 'run_3' },
    ]);
  });

  it.each([
    ['one positional argument', { city: 'Paris' }, 'Paris'],
    ['several positional arguments', { city: 'Paris', unit: 'C' }, ['Paris', 'C']],
    ['no argument', {}, null],
    ['an argument, where the model wrote none', null, {}],
    ['defaults filled in', { city: 'Paris' }, { city: 'Paris', unit: 'C', days: 3 }],
    [
      'the object, and state of a framework',
      { city: 'Paris' },
      [{ city: 'Paris' }, { user: 'ann' }],
    ],
    ['keys in another order', { a: 1, b: 2 }, { b: 2, a: 1 }],
  ])(
    'make one row, with the arguments of the model, when the function gets %s',
    async (_, called, ran) => {
      const call = { trace_id: 't', id: 'call_1', name: 'f', arguments: called };
      const run = {
        trace_id: 't',
        id: 'run_1',
        run_span_id: 'run_1',
        name: 'f',
        arguments: ran,
        output: 27,
      };
      for (const batches of orders([[call], [run]])) {
        const project = await database().project();
        for (const tools of [...batches, ...batches]) await database().ingest(project, { tools });
        const rows = await database().rows('tools', project);
        expect(rows).toMatchObject([{ id: 'call_1', run_span_id: 'run_1', output: 27 }]);
        expect(rows[0]?.arguments).toEqual(called === null ? null : called);
      }
    },
  );

  it.each([
    ['another value', { city: 'Paris' }, 'Rome'],
    ['a value changed', { city: 'Paris', unit: 'C' }, { city: 'Rome', unit: 'C' }],
    ['fewer fields', { city: 'Paris', unit: 'C' }, { city: 'Paris' }],
    ['arguments, where the function got none', { city: 'Paris' }, null],
  ])('stay apart when there is %s', async (_, called, ran) => {
    const project = await database().project();
    const call = { trace_id: 't', id: 'call_1', name: 'f', arguments: called };
    const run = { trace_id: 't', id: 'run_1', run_span_id: 'run_1', name: 'f', arguments: ran };
    await database().ingest(project, { tools: [call, run] });
    expect(await database().rows('tools', project)).toHaveLength(2);
  });

  it('are joined by what fits best', async () => {
    const project = await database().project();
    const call = (id: string, args: object) => ({ trace_id: 't', id, name: 'f', arguments: args });
    const run = (id: string, args: object) => ({ ...call(id, args), run_span_id: id });
    await database().ingest(project, {
      tools: [
        call('call_1', {}),
        call('call_2', { city: 'Paris' }),
        call('call_3', { city: 'Paris', unit: 'F' }),
        run('run_1', { city: 'Paris', unit: 'C' }),
        run('run_2', { city: 'Paris', unit: 'F' }),
        run('run_3', { unit: 'C' }),
      ],
    });
    expect(await database().rows('tools', project)).toMatchObject([
      { id: 'call_1', run_span_id: 'run_3' },
      { id: 'call_2', run_span_id: 'run_1' },
      { id: 'call_3', run_span_id: 'run_2' },
    ]);
  });

  it("make one row when a framework has a span of its own above the function's", async () => {
    const call = { trace_id: 't', id: 'call_1', name: 'f', arguments: { city: 'Paris' } };
    const outer = { ...call, run_span_id: 'outer' };
    const inner = { ...call, id: 'inner', run_span_id: 'inner', output: 27 };
    const spans = [
      { trace_id: 't', id: 'outer', kind: 'tool' },
      { trace_id: 't', id: 'inner', parent_id: 'outer', kind: 'tool' },
    ];
    for (const order of orders([call, outer, inner])) {
      const project = await database().project();
      await database().ingest(project, { spans });
      for (const tool of [...order, ...order]) await database().ingest(project, { tools: [tool] });
      expect(await database().rows('tools', project)).toMatchObject([{ id: 'call_1', output: 27 }]);
    }
  });
});
