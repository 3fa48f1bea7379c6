import { describe, expect, it } from 'vitest';
import { toRecords } from '../../../../wire/genai/index.ts';
import { chat, json, rowsOf, spanWith } from '../../support/span.ts';

const HELLO = [{ role: 'user', content: 'hello' }];

describe('Pydantic', () => {
  const SCHEMA = { 'logfire.json_schema': '{"type":"object"}' };

  it('AI writes events as JSON into one attribute', () => {
    const { prompts, completions } = rowsOf({
      ...SCHEMA,
      ...chat(),
      events: json([
        { content: 'be kind', role: 'system', 'event.name': 'gen_ai.system.message' },
        { content: 'hello', role: 'user', 'event.name': 'gen_ai.user.message' },
        { index: 0, message: { role: 'assistant', content: 'yo' }, 'event.name': 'gen_ai.choice' },
        7,
      ]),
    });
    expect(prompts.map(({ role }) => role)).toEqual(['system', 'user']);
    expect(completions).toMatchObject([{ role: 'assistant', content: 'yo' }]);
  });

  it.each([
    ['tool_arguments', 'tool_response'],
    ['gen_ai.tool.call.arguments', 'gen_ai.tool.call.result'],
  ])('AI runs tools without an operation, with %s', (args, result) => {
    const { span, tools } = rowsOf({
      ...SCHEMA,
      'gen_ai.tool.name': 'f',
      'gen_ai.tool.call.id': 'c1',
      [args]: '{"a":1}',
      [result]: 'done',
    });
    expect(span.kind).toBe('tool');
    expect(tools).toMatchObject([{ id: 'c1', name: 'f', arguments: { a: 1 }, output: 'done' }]);
  });

  it('AI repeats its calls on the span of the agent, which is not a call', () => {
    const { span, completions } = rowsOf({
      ...SCHEMA,
      'gen_ai.agent.name': 'agent',
      'gen_ai.usage.input_tokens': 99,
      'pydantic_ai.all_messages': json(HELLO),
      final_result: 'yo',
    });
    expect(span).toMatchObject({ kind: 'agent', input: HELLO, output: 'yo' });
    expect(completions).toEqual([]);
  });

  it('AI has usage details beside the counts', () => {
    const { completions } = rowsOf(
      chat({
        'gen_ai.usage.input_tokens': 1345,
        'gen_ai.usage.output_tokens': 47,
        'gen_ai.usage.details.cache_read_tokens': 1024,
        'gen_ai.usage.details.cache_write_tokens': 128,
        'gen_ai.usage.details.reasoning_tokens': 8,
      }),
    );
    expect(completions).toMatchObject([
      { prompt_tokens: 1345, cached_tokens: 1024, cache_write_tokens: 128, reasoning_tokens: 8 },
    ]);
  });

  it('Logfire has request and response, and a streamed call counts once', () => {
    const facts = {
      ...SCHEMA,
      'gen_ai.request.model': 'gpt-4o',
      'gen_ai.system': 'openai',
    };
    const sent = spanWith({ ...facts, request_data: json({ messages: HELLO, stream: true }) });
    const ended = spanWith(
      {
        ...facts,
        request_data: json({ messages: HELLO, stream: true }),
        response_data: json({ combined_chunk_content: 'yo', chunk_count: 2 }),
      },
      { span_id: '2'.repeat(16) },
    );
    const whole = spanWith(
      {
        ...facts,
        request_data: json({ messages: HELLO }),
        response_data: json({
          message: { role: 'assistant', content: 'yo' },
          usage: { prompt_tokens: 7, completion_tokens: 3 },
        }),
      },
      { span_id: '3'.repeat(16) },
    );
    const { prompts, completions } = toRecords([sent, ended, whole]);
    expect(prompts).toHaveLength(2);
    expect(completions).toMatchObject([
      { content: 'yo', prompt_tokens: null },
      { content: 'yo', prompt_tokens: 7, total_tokens: 10 },
    ]);
  });
});
