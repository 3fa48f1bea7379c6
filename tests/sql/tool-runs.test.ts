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
});
