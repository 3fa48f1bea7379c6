import { expect, it } from 'vitest';
import type { OtelSpan } from '../../wire/genai/forms/otel-span.ts';
import { toRecords } from '../../wire/genai/index.ts';
import { onEachPostgres } from '../support/database.ts';
import { chat, json, spanWith } from '../wire/support/span.ts';

const ASK = { type: 'tool_call', id: 'c1', name: 'f', arguments: { a: 1, b: 2 } };
const AGENT = '9'.repeat(16);
const id = (digit: number) => `${digit}`.repeat(16);
const at = (second: number) => `2026-01-02T03:04:0${second}.000000Z`;

function asking(span: number, ...parts: unknown[]): OtelSpan {
  const output = json([{ role: 'assistant', parts }]);
  return spanWith(chat({ 'gen_ai.output.messages': output }), {
    span_id: id(span),
    parent_span_id: AGENT,
    started_at: at(span),
  });
}

function ran(span: number, args: string, more: Partial<OtelSpan> = {}): OtelSpan {
  return spanWith(
    {
      'traceloop.span.kind': 'tool',
      'traceloop.entity.name': 'f',
      'traceloop.entity.input': args,
      'traceloop.entity.output': '"done"',
    },
    { span_id: id(span), parent_span_id: AGENT, started_at: at(span), ended_at: at(9), ...more },
  );
}

onEachPostgres('the rows of spans that tell of the same', (database) => {
  /** The rows of a table, which must be equal when each span is sent alone, the last first. */
  async function rowsOf(table: 'tools' | 'completions', spans: OtelSpan[]) {
    const [together, alone] = [await database().project(), await database().project()];
    await database().ingest(together, toRecords(spans));
    for (const span of spans.toReversed()) await database().ingest(alone, toRecords([span]));
    const rows = (await database().rows(table, together)).map(withoutAges);
    expect((await database().rows(table, alone)).map(withoutAges)).toEqual(rows);
    return rows;
  }

  it.each([
    ['named arguments', '{"args":[],"kwargs":{"b":2,"a":1}}'],
    ['positional arguments', '{"args":[1,2],"kwargs":{}}'],
  ])('are one for a call and its run without the id, by name and %s', async (_, args) => {
    expect(await rowsOf('tools', [ran(2, args), asking(1, ASK)])).toMatchObject([
      { id: 'c1', span_id: id(1), run_span_id: id(2), output: 'done', arguments: { a: 1, b: 2 } },
    ]);
  });

  it('are two for other arguments', async () => {
    const tools = await rowsOf('tools', [
      ran(2, '{"args":[],"kwargs":{"other":1}}'),
      asking(1, ASK),
    ]);
    expect(tools.map((row) => row.id)).toEqual([id(2), 'c1']);
  });

  it('use each call once, in the order of the calls', async () => {
    const args = '{"args":[],"kwargs":{"a":1,"b":2}}';
    const tools = await rowsOf('tools', [
      ran(5, args),
      ran(3, args),
      asking(1, ASK, { ...ASK, id: 'c2' }),
    ]);
    expect(tools).toMatchObject([
      { id: 'c1', run_span_id: id(3) },
      { id: 'c2', run_span_id: id(5) },
    ]);
  });

  it('are those of the nearest agent, of agents that make equal calls at the same time', async () => {
    const args = '{"args":[],"kwargs":{"a":1,"b":2}}';
    const agent = (span: number) =>
      spanWith(
        { 'gen_ai.operation.name': 'invoke_agent' },
        { span_id: id(span), parent_span_id: AGENT },
      );
    const below = (span: OtelSpan, parent: number) => ({ ...span, parent_span_id: id(parent) });
    const tools = await rowsOf('tools', [
      agent(7),
      agent(8),
      below(asking(1, ASK), 7),
      below(asking(2, { ...ASK, id: 'c2' }), 8),
      below(ran(3, args), 8),
      below(ran(4, args), 7),
    ]);
    expect(tools).toMatchObject([
      { id: 'c1', run_span_id: id(4) },
      { id: 'c2', run_span_id: id(3) },
    ]);
  });

  it('are one for the run of an agent, its MCP client and the server', async () => {
    const args = '{"args":[],"kwargs":{"a":1,"b":2}}';
    const wrapped = '{"args":[],"kwargs":{"name":"f","arguments":{"a":1,"b":2}}}';
    const tools = await rowsOf('tools', [
      asking(1, ASK),
      ran(2, args, { ended_at: at(8) }),
      ran(3, wrapped, { parent_span_id: id(2), ended_at: at(7) }),
      spanWith({}, { span_id: id(4), parent_span_id: id(3) }),
      ran(5, args, { parent_span_id: id(4), ended_at: at(6) }),
    ]);
    expect(tools).toMatchObject([{ id: 'c1', run_span_id: id(2), arguments: { a: 1, b: 2 } }]);
  });

  const call = (name: string) => ({ functionCall: { name, args: { a: 1 } } });
  const result = (name: string, n: number) => ({ functionResponse: { name, response: { n } } });
  const next = (span: number, calls: unknown[], results: unknown[]) =>
    spanWith(
      chat({
        'gen_ai.input.messages': json([
          { role: 'user', parts: [{ text: 'hello' }] },
          { role: 'model', parts: calls },
          { role: 'user', parts: results },
        ]),
      }),
      { span_id: id(span), parent_span_id: AGENT, started_at: at(span) },
    );

  it('have the results of the next request, which name no call, in order', async () => {
    const calls = [call('f'), call('g'), call('f')];
    const tools = await rowsOf('tools', [
      asking(1, ...calls),
      next(2, calls, [result('g', 2), result('f', 1), result('f', 3)]),
    ]);
    expect(tools.map((row) => [row.id, row.output])).toEqual([
      [`${id(1)}:0`, { n: 1 }],
      [`${id(1)}:1`, { n: 2 }],
      [`${id(1)}:2`, { n: 3 }],
    ]);
  });

  it('have the results of the turn that follows, of several equal calls', async () => {
    const tools = await rowsOf('tools', [
      asking(1, call('f')),
      next(2, [call('f')], [result('f', 1)]),
      asking(3, call('f')),
      next(4, [call('f')], [result('f', 2)]),
    ]);
    expect(tools.map((row) => [row.id, row.output])).toEqual([
      [`${id(1)}:0`, { n: 1 }],
      [`${id(3)}:0`, { n: 2 }],
    ]);
  });

  it('have, of a call that two libraries traced, what either knows', async () => {
    const outer = asking(1, ASK);
    const inner = spanWith(
      chat({
        'gen_ai.usage.input_tokens': 5,
        'gen_ai.response.id': 'msg_1',
        'anthropic.message.stop_reason': 'tool_use',
      }),
      { span_id: id(4), parent_span_id: outer.span_id, scope_name: 'com.anthropic.sdk.typescript' },
    );
    const within = { ...inner, started_at: outer.started_at };
    const ended = { ...outer, ended_at: at(9) };
    expect(await rowsOf('completions', [within, ended])).toMatchObject([
      // What its own span reported is kept where it does not count.
      { span_id: id(4), prompt_tokens: null, repeat_of: id(1), own: { prompt_tokens: 5 } },
      {
        ...{ span_id: id(1), prompt_tokens: 5, response_id: 'msg_1', finish_reason: 'tool_use' },
        ...{ repeat_of: null, own: { prompt_tokens: null, response_id: null } },
      },
    ]);
  });

  // Ollama picks a number below 1,000 by chance, so that two calls of a trace often have the same.
  it.each([
    ['chatcmpl-abc123', 1],
    ['chatcmpl-412', 2],
  ])('of two calls side by side with the id %s are %i call(s)', async (response, counted) => {
    const calls = [asking(1, ASK), asking(2, { ...ASK, id: 'c2' })].map((span) => ({
      ...span,
      attributes: {
        ...span.attributes,
        'gen_ai.response.id': response,
        'gen_ai.usage.output_tokens': 7,
      },
    }));
    const rows = await rowsOf('completions', calls);
    expect(rows.filter(({ repeat_of }) => repeat_of === null)).toHaveLength(counted);
    const tokens = rows.map(({ completion_tokens }) => Number(completion_tokens ?? 0));
    expect(tokens.reduce((sum, one) => sum + one)).toBe(7 * counted);
  });
});

function withoutAges({ merge_state: _, ...row }: Record<string, unknown>): Record<string, unknown> {
  return row;
}
