import { describe, expect, it } from 'vitest';
import { chat, eventWith, json, rowsOf } from '../../support/span.ts';

const HELLO = [{ role: 'user', content: 'hello' }];

describe('the GenAI conventions', () => {
  it('reads a separate system prompt, as parts or as bare text', () => {
    const apart = json([{ type: 'text', content: 'be kind' }]);
    for (const system of [apart, 'be kind']) {
      const { prompts } = rowsOf(
        chat({ 'gen_ai.system_instructions': system, 'gen_ai.input.messages': json(HELLO) }),
      );
      expect(prompts.map(({ role, content }) => [role, content])).toEqual([
        ['system', 'be kind'],
        ['user', 'hello'],
      ]);
    }
  });

  it('does not repeat a system prompt that is both separate and the first message', () => {
    const messages = [{ role: 'system', content: 'be kind' }, ...HELLO];
    const { prompts } = rowsOf(
      chat({ 'gen_ai.system_instructions': 'be kind', 'gen_ai.input.messages': json(messages) }),
    );
    expect(prompts).toHaveLength(2);
  });

  it('reads messages that are values instead of JSON text', () => {
    const { prompts } = rowsOf(chat({ 'gen_ai.input.messages': HELLO }));
    expect(prompts[0]).toMatchObject({ role: 'user', content: 'hello' });
  });

  it('reads messages that are a list of JSON texts', () => {
    const { prompts, completions } = rowsOf(
      chat({
        'gen_ai.input.messages': HELLO.map(json),
        'gen_ai.output.messages': [json({ role: 'assistant', content: 'yo' })],
      }),
    );
    expect(prompts).toMatchObject([{ role: 'user', content: 'hello' }]);
    expect(completions).toMatchObject([{ role: 'assistant', content: 'yo' }]);
  });

  it.each([[['stop']], ['stop'], ['["stop"]']])('reads the finish reasons %j', (reasons) => {
    const { completions } = rowsOf(chat({ 'gen_ai.response.finish_reasons': reasons }));
    expect(completions[0]?.finish_reason).toBe('stop');
  });

  it('keeps an agent\u2019s messages as input and output, without a call', () => {
    const { span, prompts, completions } = rowsOf({
      'gen_ai.operation.name': 'invoke_agent',
      'gen_ai.usage.input_tokens': 99,
      'gen_ai.input.messages': json(HELLO),
      'gen_ai.output.messages': json(HELLO),
    });
    expect(span).toMatchObject({ kind: 'agent', input: HELLO, output: HELLO });
    expect([prompts, completions]).toEqual([[], []]);
  });

  it('stores no message twice', () => {
    const { span } = rowsOf(chat({ 'gen_ai.input.messages': json(HELLO), 'server.port': 443 }));
    expect(span.input).toBeNull();
    expect(span.attributes).toEqual({
      'gen_ai.operation.name': 'chat',
      'gen_ai.provider.name': 'openai',
      'server.port': 443,
    });
  });

  it('splits the items that OpenLLMetry writes into one text, and no other text', () => {
    const items = [
      ...HELLO,
      { type: 'function_call', call_id: 'c1', name: 'f', arguments: '{}' },
      { type: 'function_call_output', call_id: 'c1', output: 'done' },
    ];
    const messages = json([{ role: 'user', parts: [{ type: 'text', content: json(items) }] }]);
    const attributes = chat({ 'gen_ai.input.messages': messages });
    const split = rowsOf(attributes, { scope_name: '@traceloop/instrumentation-openai' });
    expect(split.prompts.map(({ role }) => role)).toEqual(['user', 'assistant', 'tool']);
    expect(rowsOf(attributes).prompts.map(({ content }) => content)).toEqual([json(items)]);
  });
});

describe('indexed GenAI keys', () => {
  it('orders by number, not by text', () => {
    const attributes = Object.fromEntries(
      [10, 2, 0, 1].flatMap((i) => [
        [`gen_ai.prompt.${i}.content`, `message ${i}`],
        [`gen_ai.prompt.${i}.role`, 'user'],
      ]),
    );
    const { prompts } = rowsOf(attributes);
    expect(prompts.map(({ content }) => content)).toEqual([
      'message 0',
      'message 1',
      'message 2',
      'message 10',
    ]);
  });

  it('reads "null" as no text, and a JSON list of parts as parts', () => {
    const { prompts } = rowsOf({
      'gen_ai.prompt.0.role': 'assistant',
      'gen_ai.prompt.0.content': 'null',
      'gen_ai.prompt.1.role': 'user',
      'gen_ai.prompt.1.content': json([
        { type: 'text', text: 'look' },
        { type: 'image_url', image_url: { url: 'https://e.com/i' } },
      ]),
      'gen_ai.prompt.2.role': 'user',
      'gen_ai.prompt.2.content': '[1, 2]',
    });
    expect(prompts.map(({ content }) => content)).toEqual([null, 'look', '[1, 2]']);
    expect(prompts[1]?.parts).toHaveLength(2);
  });

  it('identifies tool calls without id by requesting span and position', () => {
    const { tools } = rowsOf({
      'gen_ai.completion.0.role': 'assistant',
      'gen_ai.completion.0.tool_calls.1.name': 'second',
      'gen_ai.completion.0.tool_calls.0.name': 'first',
      'gen_ai.completion.0.tool_calls.0.arguments': '{"a":1}',
    });
    expect(tools.map(({ id, name }) => [id, name])).toEqual([
      ['b7ad6b7169203331:0', 'first'],
      ['b7ad6b7169203331:1', 'second'],
    ]);
  });

  it('accepts keys that are names of Object.prototype', () => {
    const { prompts } = rowsOf({
      'gen_ai.prompt.0.role': 'user',
      'gen_ai.prompt.0.content': 'hello',
      'gen_ai.prompt.0.__proto__.polluted': 'yes',
      'gen_ai.prompt.toString.content': 'no',
      __proto__: 'x',
    });
    expect(prompts[0]?.content).toBe('hello');
    expect(({} as { polluted?: string }).polluted).toBeUndefined();
  });
});

describe('messages in span events', () => {
  it('reads one event for each message, and stores them nowhere else', () => {
    const events = [
      eventWith('gen_ai.user.message', { content: 'hello' }),
      eventWith('gen_ai.choice', {
        index: 0,
        finish_reason: 'stop',
        message: json({ role: 'assistant', content: 'yo' }),
      }),
      eventWith('retry', { attempt: 2 }),
    ];
    const { span, prompts, completions } = rowsOf(chat(), { events });
    expect(prompts[0]).toMatchObject({ role: 'user', content: 'hello' });
    expect(completions[0]).toMatchObject({ content: 'yo', finish_reason: 'stop' });
    expect(span.events).toEqual([expect.objectContaining({ name: 'retry' })]);
  });
});
