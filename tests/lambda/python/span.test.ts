import { describe, expect, it } from 'vitest';
import { CUT_KEY } from '../../../lambda/validation/bound-json.ts';
import { LIMITS } from '../../../wire/protocol.ts';
import { create, SPAN } from '../support/python-request.ts';

/** A span with these attributes, in JSON text as the client writes them. */
async function span(attributes: unknown, more: Record<string, unknown> = {}) {
  const data = {
    id: SPAN,
    trace_id: 't',
    name: 'f',
    attributes: typeof attributes === 'string' ? attributes : JSON.stringify(attributes),
    ...more,
  };
  const { batch, status } = await create('span', data);
  expect(status).toBe(200);
  return {
    trace: batch?.traces?.[0],
    span: batch?.spans?.[0],
    prompts: batch?.prompts ?? [],
    completions: batch?.completions ?? [],
    tools: batch?.tools ?? [],
  };
}

describe('the attributes of a Python span', () => {
  it('make it a call by indexed keys, in numeric order', async () => {
    const found = await span({
      'gen_ai.prompt.10.content': 'k',
      'gen_ai.prompt.2.role': 'user',
      'gen_ai.prompt.2.content': 'c',
      'gen_ai.completion.0.content': 'answer',
      other: 1,
    });
    expect(found.span).toMatchObject({ kind: 'llm', attributes: { other: 1 } });
    expect(found.span).not.toHaveProperty('input');
    expect(found.prompts.map(({ message_index, content }) => [message_index, content])).toEqual(
      expect.arrayContaining([
        [2, 'c'],
        [10, 'k'],
      ]),
    );
    expect(found.completions).toMatchObject([{ completion_index: 0, content: 'answer' }]);
  });

  it('make it a call by the model alone', async () => {
    const found = await span({ 'gen_ai.system': 'Anthropic', 'gen_ai.request.model': 'm' });
    expect(found.span?.kind).toBe('llm');
    expect(found.completions).toMatchObject([{ model: 'm', provider: 'anthropic' }]);
  });

  it('make no completion for a failed call', async () => {
    const found = await span({ 'gen_ai.request.model': 'm' }, { status: 'StatusCode.ERROR' });
    expect(found).toMatchObject({ span: { kind: 'llm' }, completions: [] });
  });

  it('do not make it a call when the SDK writes the values of a function as messages', async () => {
    const summary = {
      prompts: [{ role: 'user', content: '{"x": 1}' }],
      completions: [{ role: 'assistant', content: 'done', total_tokens: 0 }],
    };
    const found = await span({ 'gen_ai.normalized_input_output': JSON.stringify(summary) });
    expect(found).toMatchObject({
      span: { kind: 'span', input: { x: 1 }, output: 'done' },
      prompts: [],
      completions: [],
    });
    expect(found.span).not.toHaveProperty('attributes');
  });

  it('make it a call when it used tokens', async () => {
    const summary = {
      prompts: [{ role: 'user', content: 'q' }],
      completions: [{ role: 'assistant', content: 'a', prompt_tokens: 2, completion_tokens: 1 }],
    };
    const found = await span({ 'gen_ai.normalized_input_output': JSON.stringify(summary) });
    expect(found).toMatchObject({
      span: { kind: 'llm' },
      prompts: [{ message_index: 0, role: 'user', content: 'q' }],
      completions: [{ content: 'a', prompt_tokens: 2, completion_tokens: 1, total_tokens: 3 }],
    });
    expect(found.span).not.toHaveProperty('input');
    expect(found.span).not.toHaveProperty('output');
  });

  it('distinguish two equal tool calls, and identify the first as its own request does', async () => {
    const { tools } = await span({
      'gen_ai.completion.0.tool_calls.0.name': 'f',
      'gen_ai.completion.0.tool_calls.0.arguments': '{}',
      'gen_ai.completion.0.tool_calls.1.name': 'f',
      'gen_ai.completion.0.tool_calls.1.arguments': '{}',
    });
    const request = await create('tool', { span_id: SPAN, name: 'f', arguments: '{}' });
    const id = request.batch?.tools?.[0]?.id;
    expect(tools.map((tool) => tool.id)).toEqual([id, `${id}:1`]);
  });

  it('state the session and the name of the trace', async () => {
    const found = await span({ 'session.id': 's', 'trace.name': 'n', trace_id: 't' });
    expect(found.trace).toMatchObject({ id: 't', session_id: 's', name: 'n' });
    expect(found.span?.attributes).toEqual({ 'session.id': 's', 'trace.name': 'n' });
  });

  it('supply a trace id that the body lacks', async () => {
    expect((await span({ trace_id: 'u' }, { trace_id: null })).span?.trace_id).toBe('u');
  });

  it.each([
    ['no JSON', '{"gen_ai.'],
    ['a list', '[1]'],
    ['a number', '7'],
    ['a summary that is no object', { 'gen_ai.normalized_input_output': '[[]]' }],
    [
      'a summary of nonsense',
      { 'gen_ai.normalized_input_output': '{"prompts":7,"completions":[7]}' },
    ],
    ['a prototype', '{"__proto__":{"x":1},"gen_ai.prompt.0.role":"user"}'],
    ['a place far away', { 'gen_ai.completion.999999999.content': 'x' }],
    ['NUL', '{"a":"\\u0000","gen_ai.prompt.0.content":"\\ud800"}'],
    ['deep nesting', `{"a":${'['.repeat(400)}${']'.repeat(400)}}`],
  ])('are accepted as %s', async (_, attributes) => {
    expect((await span(attributes)).span).toMatchObject({ id: SPAN, trace_id: 't' });
  });

  it('are bounded in number', async () => {
    const keys = Array.from({ length: 100_000 }, (_, i) => [`gen_ai.prompt.${i}.role`, 'user']);
    const { prompts, span: row } = await span(Object.fromEntries(keys));
    expect(prompts).toHaveLength(LIMITS.maxKeys);
    expect(row?.attributes).toEqual({ [CUT_KEY]: '…[cut: 16384 of 100000 keys]' });
  });

  it('may not hold more messages than a request', async () => {
    const prompts = Array.from({ length: 150_000 }, () => ({ role: 'user' }));
    const attributes = {
      'gen_ai.request.model': 'm',
      'gen_ai.normalized_input_output': { prompts },
    };
    const { status, reply } = await create('span', { id: SPAN, trace_id: 't', attributes });
    expect([status, reply.error.code]).toEqual([413, 'too_large']);
  });
});
