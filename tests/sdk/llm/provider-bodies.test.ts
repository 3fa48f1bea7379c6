/**
 * One table of provider bodies against both entrances: the SDK, as argument and result of a call, and the
 * ingest function, as JSON on a span. Both have one reader, `wire/genai/provider`.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { span } from '../../../sdk/index.ts';
import { createAccumulator } from '../../../sdk/llm/accumulator.ts';
import type { RecordLists } from '../../../wire/records.ts';
import { rowsOf } from '../../wire/support/span.ts';
import { recorded } from '../support/edge.ts';
import { REPLY_FORMS } from './reply-forms.ts';

type Row = Record<string, unknown>;

interface Body {
  readonly name: string;
  readonly kind?: 'embedding';
  readonly request: Row;
  readonly response: Row;
  readonly prompts: readonly Row[];
  readonly completions: readonly Row[];
  /** Calls that the model requested, or that the provider ran. An id `:0` is that of a call without one. */
  readonly tools?: readonly Row[];
  /** Results of calls in the request. */
  readonly results?: readonly Row[];
  readonly error?: Row;
  readonly attributes?: Row;
}

const FOLDER = join(import.meta.dirname, '../../cases/provider-bodies');
const TABLE = readdirSync(FOLDER).map((file): [string, Body[]] => [
  file,
  JSON.parse(readFileSync(join(FOLDER, file), 'utf8')) as Body[],
]);

/** What the case states: no keys of the row, no unknown fields. */
function plain(row: object, spanId: unknown): Row {
  const fields = Object.entries(row).filter(
    ([key, value]) =>
      value !== null && !/^(trace_id|span_id|message_index|completion_index)$/.test(key),
  );
  const { id, parts, ...rest } = Object.fromEntries(fields);
  return {
    ...(typeof id === 'string' ? { id: id.replace(`${spanId}:`, ':') } : {}),
    ...rest,
    ...(Array.isArray(parts) ? { parts: parts.map(withoutNulls) } : {}),
  };
}

const withoutNulls = (part: object): Row =>
  Object.fromEntries(Object.entries(part).filter(([, value]) => value !== null));

function seen(all: Omit<RecordLists, 'sessions' | 'traces'>) {
  const [own] = all.spans;
  const of = (rows: readonly object[]): Row[] => rows.map((row) => plain(row, own?.id));
  return {
    prompts: of(all.prompts),
    completions: of(all.completions),
    tools: of(all.tools.filter((row) => row.span_id)),
    results: all.tools
      // Results without an id are numbered by the function alone, for the database to join.
      .filter((row) => !row.span_id && !String(row.id).includes(':result:'))
      .map(({ id, output, status }) => plain({ id, output, status: status ?? null }, own?.id))
      .sort((a, b) => String(a.id).localeCompare(String(b.id))),
    error: own?.error ?? null,
    status: own?.status === 'error' ? 'error' : 'fine',
    attributes: own?.attributes ?? {},
  };
}

const expected = ({ prompts, completions, tools, results, error, attributes }: Body) => ({
  prompts,
  completions,
  tools: tools ?? [],
  results: (results ?? []).map(({ name, ...row }) => row),
  error: error ?? null,
  status: error ? 'error' : 'fine',
  attributes: expect.objectContaining(attributes ?? {}),
});

const onSpan = (response: unknown) => {
  const rows = rowsOf({
    'openinference.span.kind': 'LLM',
    'output.value': JSON.stringify(response),
  });
  return seen({ ...rows, spans: [rows.span] });
};

describe.each(Object.entries(REPLY_FORMS))('%s', (_, { whole, events }) => {
  it('is the same as the sum of its stream and as a whole, for the function and for the SDK', async () => {
    const accumulator = createAccumulator(true);
    for (const [at, event] of events((text) => [text]).entries()) accumulator.add(event, at);
    const expected = onSpan(whole);
    const summed = onSpan(accumulator.result);
    expect([summed.completions, summed.tools]).toEqual([expected.completions, expected.tools]);
    const all = await recorded(() =>
      span({ name: 'call', kind: 'llm' }, () => structuredClone(whole))(),
    );
    const recordedRows = seen(all);
    expect([recordedRows.completions, recordedRows.tools]).toEqual([
      expected.completions,
      expected.tools,
    ]);
  });
});

describe.each(TABLE)('%s', (_, bodies) => {
  it.each(bodies.map((body) => [body.name, body] as const))('the SDK: %s', async (__, body) => {
    const all = await recorded(() =>
      span({ name: 'call', kind: 'llm' }, (_: object) => structuredClone(body.response))(
        body.request,
      ),
    );
    expect(seen(all)).toEqual(expected(body));
  });

  it.each(bodies.map((body) => [body.name, body] as const))('the function: %s', (__, body) => {
    const rows = rowsOf({
      'openinference.span.kind': body.kind === 'embedding' ? 'EMBEDDING' : 'LLM',
      'input.value': JSON.stringify(body.request),
      'output.value': JSON.stringify(body.response),
    });
    expect(seen({ ...rows, spans: [rows.span] })).toEqual(expected(body));
  });
});
