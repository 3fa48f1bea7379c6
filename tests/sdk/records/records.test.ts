import { describe, expect, it } from 'vitest';
import { currentSpan, span, trace } from '../../../sdk/index.ts';
import { MODES, SPAN_KINDS, STATUSES } from '../../../wire/protocol.ts';
import { type FieldType, RECORDS, type TableName } from '../../../wire/records.ts';
import { KIND_OF_TABLE } from '../../support/kind-of-table.ts';
import { recorded } from '../support/edge.ts';

const CHECKS: Record<FieldType, (value: unknown) => boolean> = {
  id: (value) => typeof value === 'string' && value.length >= 1 && value.length <= 128,
  label: (value) => typeof value === 'string' && value.length <= 1_024,
  text: (value) => typeof value === 'string',
  json: (value) => value !== null,
  tags: (value) => Array.isArray(value) && value.every((tag) => typeof tag === 'string'),
  time: (value) => /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/.test(String(value)),
  count: (value) => Number.isSafeInteger(value),
  index: (value) => Number.isSafeInteger(value),
  millis: (value) => typeof value === 'number',
  mode: (value) => MODES.includes(value as never),
  status: (value) => STATUSES.includes(value as never),
  kind: (value) => SPAN_KINDS.includes(value as never),
};

/** A program that makes the SDK write every field that it can write. */
function everything(): void {
  const messages = [
    { role: 'user', name: 'ann', content: [{ type: 'text', text: 'hi' }, { type: 'audio' }] },
    { role: 'tool', tool_call_id: 'call_0', content: 'x' },
  ];
  const reply = {
    content: 'hello',
    finish_reason: 'stop',
    model: 'm',
    provider: 'p',
    id: 'r',
    tool_calls: [{ id: 'call_1', function: { name: 'look', arguments: '{}' } }],
    tool_used: { name: 'other', arguments: { a: 1 } },
    usage: {
      prompt_tokens: 1,
      completion_tokens: 2,
      total_tokens: 3,
      prompt_tokens_details: { cached_tokens: 1 },
      completion_tokens_details: { reasoning_tokens: 1 },
    },
  };
  const options = {
    name: 'root',
    session: { id: 's', name: 'n', user_id: 'u', metadata: {} },
    tags: ['a'],
    metadata: { b: 1 },
  };
  const root = trace(options, (_: unknown) => {
    span({ name: 'tool', kind: 'tool' }, (_: object) => 'sunny')({ city: 'Paris' });
    const breaking = span({ name: 'tool', kind: 'tool' }, () => {
      throw new Error('worn out');
    });
    expect(breaking).toThrow('worn out');
    currentSpan()?.setAttribute('answer', 42).addEvent('event', { a: 1 });
    span('chat', (_: object[]) => reply)(messages);
    return 1;
  });
  root('input');
  const failing = trace(options, () => {
    throw new Error('bad');
  });
  expect(failing).toThrow('bad');
}

describe('the records', () => {
  it('have only fields of the wire, of the right types, and no null', async () => {
    const lists = await recorded(everything, { release: '1.0' });
    for (const [table, records] of Object.entries(lists)) {
      const { fields, key } = RECORDS[KIND_OF_TABLE[table as TableName]];
      expect(records.length, table).toBeGreaterThan(0);
      for (const record of records) {
        for (const name of key) expect(record, table).toHaveProperty(name);
        for (const [name, value] of Object.entries(record)) {
          const type = (fields as Record<string, FieldType>)[name];
          expect(type, `${table}.${name}`).toBeDefined();
          expect(CHECKS[type as FieldType](value), `${table}.${name} = ${value}`).toBe(true);
        }
      }
    }
  });

  it('have every field of the wire except those of streams and of other providers', async () => {
    const lists = await recorded(everything, { release: '1.0' });
    const missing = Object.entries(lists).flatMap(([table, records]) => {
      const filled = new Set(records.flatMap((record) => Object.keys(record)));
      const { fields } = RECORDS[KIND_OF_TABLE[table as TableName]];
      return Object.keys(fields)
        .filter((name) => !filled.has(name))
        .map((name) => `${table}.${name}`);
    });
    expect(missing).toEqual([
      'completions.cache_write_tokens',
      'completions.time_to_first_token_ms',
    ]);
  });

  it('have the metadata of init, overridden by that of the trace', async () => {
    const { traces } = await recorded(
      () => trace({ name: 't', metadata: { region: 'b', own: 1 } }, () => 1)(),
      { metadata: { region: 'a', host: 'h' } },
    );
    expect(traces[0]?.metadata).toEqual({ region: 'b', host: 'h', own: 1 });
  });

  it('have a long name cut, with a mark', async () => {
    const { spans } = await recorded(() => span('n'.repeat(5_000), () => 1)());
    expect(spans[0]?.name).toMatch(/…\[cut: 5000 characters\]$/);
  });

  it('have a generated id when the tool call has no valid one', async () => {
    const calls = ['x'.repeat(200), 'a\u0000b', undefined].map((id) => ({
      id,
      function: { name: 'f', arguments: 'not json' },
    }));
    const { tools, spans } = await recorded(() =>
      span({ kind: 'llm', name: 'c' }, () => ({ content: null, tool_calls: calls }))(),
    );
    expect(tools.map(({ id }) => id)).toEqual([0, 1, 2].map((n) => `${spans[0]?.id}:${n}`));
    expect(tools[0]?.arguments).toBe('not json');
  });

  it('count attributes beyond the limit', async () => {
    const { spans } = await recorded(() =>
      span('many', () => {
        for (let i = 0; i < 600; i++) currentSpan()?.setAttribute(`a${i}`, i);
      })(),
    );
    expect(spans[0]?.attributes).toMatchObject({ a0: 0, a511: 511, 'agensight.lost': 88 });
  });
});
