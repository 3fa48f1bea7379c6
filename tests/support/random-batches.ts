import fc from 'fast-check';
import type { RawLists } from './database.ts';

/** Few ids and few values, so that records meet, contradict each other and leave gaps. */
const maybe = <T>(value: fc.Arbitrary<T>) => fc.option(value, { nil: undefined });
const id = (prefix: string) => fc.constantFrom(...['a', 'b', 'c'].map((x) => `${prefix}${x}`));
const label = maybe(fc.constantFrom('x', 'y', 'Z', 'ä', ''));
const time = maybe(
  fc.integer({ min: 0, max: 5 }).map((s) => new Date(Date.UTC(2026, 0, 1, 0, 0, s)).toISOString()),
);
const json = maybe(
  fc.constantFrom<unknown>(null, 0, 1, 'x', [], [1, 'a'], { a: 1 }, { a: 1, b: [null] }),
);
const status = maybe(fc.constantFrom('unset', 'ok', 'error'));
const mode = maybe(fc.constantFrom('dev', 'prod'));
const count = maybe(fc.integer({ min: 0, max: 9 }));

const session = fc.record({
  id: id('s'),
  name: label,
  user_id: label,
  metadata: json,
  mode,
  started_at: time,
  ended_at: time,
});
const trace = fc.record({
  id: id('t'),
  session_id: maybe(id('s')),
  user_id: label,
  name: label,
  release: label,
  mode,
  started_at: time,
  ended_at: time,
  status,
  error: json,
  input: json,
  output: json,
  tags: maybe(fc.array(fc.constantFrom('red', 'blue'), { maxLength: 2 })),
  metadata: json,
});
const span = fc.record({
  trace_id: id('t'),
  id: id('p'),
  parent_id: maybe(id('p')),
  name: label,
  kind: maybe(fc.constantFrom('llm', 'tool', 'span')),
  mode,
  status,
  error: json,
  started_at: time,
  ended_at: time,
  input: json,
  output: json,
  attributes: json,
  events: json,
});
const prompt = fc.record({
  trace_id: id('t'),
  span_id: id('p'),
  message_index: fc.integer({ min: 0, max: 1 }),
  role: label,
  content: label,
  parts: json,
  name: label,
  tool_call_id: maybe(id('call')),
});
const completion = fc.record({
  trace_id: id('t'),
  span_id: id('p'),
  completion_index: fc.integer({ min: 0, max: 1 }),
  role: label,
  content: label,
  model: label,
  prompt_tokens: count,
  completion_tokens: count,
  total_tokens: count,
  time_to_first_token_ms: count,
});
const tool = fc.record({
  trace_id: id('t'),
  id: id('call'),
  span_id: maybe(id('p')),
  run_span_id: maybe(id('p')),
  name: label,
  arguments: json,
  output: json,
  status,
  error: json,
  started_at: time,
  ended_at: time,
});

/** Some records of all six kinds that speak of the same few rows. */
export const anyLists: fc.Arbitrary<Required<RawLists>> = fc.record({
  sessions: fc.array(session, { maxLength: 4 }),
  traces: fc.array(trace, { maxLength: 5 }),
  spans: fc.array(span, { maxLength: 6 }),
  prompts: fc.array(prompt, { maxLength: 4 }),
  completions: fc.array(completion, { maxLength: 4 }),
  tools: fc.array(tool, { maxLength: 5 }),
});
