import { describe, expect, it } from 'vitest';
import { eventWith, json, rowsOf } from '../../support/span.ts';

const HELLO = [{ role: 'user', content: 'hello' }];

describe('OpenInference', () => {
  const LLM = { 'openinference.span.kind': 'LLM', 'llm.system': 'openai' };

  it('reads the copy with more messages: the request, for Anthropic\u2019s system prompt', () => {
    const { prompts } = rowsOf({
      ...LLM,
      'input.value': json({ system: 'be kind', messages: HELLO }),
      'llm.input_messages.0.message.role': 'user',
      'llm.input_messages.0.message.content': 'hello',
    });
    expect(prompts.map(({ role }) => role)).toEqual(['system', 'user']);
  });

  it('reads the copy with more messages: the flat keys, for an agent\u2019s instructions', () => {
    const { prompts } = rowsOf({
      ...LLM,
      'input.value': json(HELLO),
      'llm.input_messages.1.message.role': 'user',
      'llm.input_messages.1.message.content': 'hello',
      'llm.input_messages.0.message.role': 'system',
      'llm.input_messages.0.message.content': 'be kind',
    });
    expect(prompts.map(({ content }) => content)).toEqual(['be kind', 'hello']);
  });

  it('reads one answer from flat messages that each hold a parallel call', () => {
    const key = (i: number) => `llm.output_messages.${i}.message`;
    const { completions, tools } = rowsOf({
      ...LLM,
      ...Object.fromEntries(
        [0, 1].flatMap((i) => [
          [`${key(i)}.role`, 'assistant'],
          [`${key(i)}.tool_calls.0.tool_call.id`, `c${i}`],
          [`${key(i)}.tool_calls.0.tool_call.function.name`, 'f'],
          [`${key(i)}.tool_calls.0.tool_call.function.arguments`, '{}'],
        ]),
      ),
    });
    expect(completions).toHaveLength(1);
    expect(tools.map(({ id }) => id)).toEqual(['c0', 'c1']);
  });

  it('reads the second choice when only the response has it', () => {
    const choices = [0, 1].map((index) => ({
      index,
      message: { role: 'assistant', content: `say ${index}` },
      finish_reason: 'stop',
    }));
    const { completions } = rowsOf({
      ...LLM,
      'output.value': json({ id: 'chatcmpl-1', model: 'm-1', choices }),
      'llm.output_messages.0.message.content': 'say 0',
    });
    expect(completions.map(({ content, finish_reason }) => [content, finish_reason])).toEqual([
      ['say 0', 'stop'],
      ['say 1', 'stop'],
    ]);
    expect(completions[0]).toMatchObject({ response_id: 'chatcmpl-1', model: 'm-1' });
  });

  it('makes no tool row of parallel calls that a stream has joined', () => {
    const call = 'llm.output_messages.0.message.tool_calls.0.tool_call';
    const { completions, tools } = rowsOf({
      ...LLM,
      [`${call}.id`]: 'c0c1',
      [`${call}.function.name`]: 'fg',
      [`${call}.function.arguments`]: '{"a":1}{"b":2}',
    });
    expect(tools).toEqual([]);
    expect(completions[0]?.parts).toHaveLength(1);
  });

  it('reads Gemini\u2019s answer as Python writes it', () => {
    const { completions } = rowsOf({
      ...LLM,
      'output.value': json({
        candidates: [
          {
            index: 0,
            finish_reason: 'STOP',
            content: { role: 'model', parts: [{ text: 'yo', function_call: null, thought: null }] },
          },
        ],
        model_version: 'gemini-2.5-flash',
        response_id: 'r-1',
        usage_metadata: {
          prompt_token_count: 1217,
          candidates_token_count: 47,
          thoughts_token_count: 8,
          total_token_count: 1272,
          prompt_tokens_details: [{ modality: 'TEXT', token_count: 1217 }],
        },
      }),
    });
    expect(completions).toMatchObject([
      {
        content: 'yo',
        finish_reason: 'STOP',
        model: 'gemini-2.5-flash',
        response_id: 'r-1',
        prompt_tokens: 1217,
        completion_tokens: 55,
        total_tokens: 1272,
      },
    ]);
  });

  it('is not an agent when it is a prompt template', () => {
    expect(rowsOf({ 'openinference.span.kind': 'PROMPT' }).span.kind).toBe('span');
  });
});

describe('Vercel AI SDK', () => {
  it('counts the step, not the root', () => {
    const usage = { 'ai.usage.inputTokens': 10, 'ai.usage.outputTokens': 2 };
    const root = rowsOf({
      'ai.operationId': 'ai.generateText',
      'ai.prompt': '{"prompt":"hi"}',
      'ai.response.text': 'yo',
      ...usage,
    });
    expect(root.completions).toEqual([]);
    expect(root.span).toMatchObject({ kind: 'agent', input: { prompt: 'hi' }, output: 'yo' });
    const step = rowsOf({
      'ai.operationId': 'ai.generateText.doGenerate',
      'ai.response.text': 'yo',
      ...usage,
    });
    expect(step.completions[0]).toMatchObject({ content: 'yo', total_tokens: 12 });
  });

  it('reads tool calls whose input is JSON text (5) or an object (7)', () => {
    for (const input of ['{"a":1}', { a: 1 }]) {
      const { tools } = rowsOf({
        'ai.operationId': 'ai.streamText.doStream',
        'ai.response.toolCalls': json([{ toolCallId: 'c1', toolName: 'f', input }]),
      });
      expect(tools[0]).toMatchObject({ id: 'c1', name: 'f', arguments: { a: 1 } });
    }
  });

  it('times the first chunk', () => {
    const { completions } = rowsOf(
      { 'ai.operationId': 'ai.streamText.doStream', 'ai.response.text': 'x' },
      { events: [eventWith('ai.stream.firstChunk', {})] },
    );
    expect(completions[0]?.time_to_first_token_ms).toBe(250);
  });
});

describe('LangSmith', () => {
  it('reads JSON under keys without an index', () => {
    const { prompts, completions } = rowsOf({
      'langsmith.span.kind': 'llm',
      'gen_ai.prompt': json({ messages: HELLO }),
      'gen_ai.completion': json({
        choices: [
          { index: 0, message: { role: 'assistant', content: 'yo' }, finish_reason: 'stop' },
        ],
      }),
      'langsmith.usage_metadata': json({
        input_tokens: 9,
        output_tokens: 2,
        input_token_details: { cache_read: 4 },
      }),
    });
    expect(prompts[0]?.content).toBe('hello');
    expect(completions[0]).toMatchObject({ content: 'yo', prompt_tokens: 9, cached_tokens: 4 });
  });

  it('reads the finish reasons of several choices from one text', () => {
    const { completions } = rowsOf({
      'langsmith.span.kind': 'llm',
      'gen_ai.response.finish_reasons': 'stop, length',
      'gen_ai.completion': json({
        choices: [0, 1].map((index) => ({ index, message: { content: 'x' } })),
      }),
    });
    expect(completions.map((row) => row.finish_reason)).toEqual(['stop', 'length']);
  });

  it('adds up the cache writes of both lifetimes', () => {
    const { completions } = rowsOf({
      'langsmith.span.kind': 'llm',
      'langsmith.usage_metadata': json({
        input_tokens: 1345,
        output_tokens: 47,
        input_token_details: {
          cache_read: 1024,
          ephemeral_5m_input_tokens: 100,
          ephemeral_1h_input_tokens: 28,
        },
      }),
    });
    expect(completions).toMatchObject([
      { prompt_tokens: 1345, cached_tokens: 1024, cache_write_tokens: 128 },
    ]);
  });
});

describe('Mastra', () => {
  it('merges the two spans of a call on the step, in any batch', () => {
    const step = rowsOf(
      {
        'mastra.span.type': 'model_step',
        'mastra.model_step.input': json(HELLO),
        'mastra.model_step.output': json({ text: 'yo', toolCalls: [] }),
      },
      { span_id: 'aaaaaaaaaaaaaaaa' },
    );
    const inference = rowsOf(
      { 'mastra.span.type': 'model_inference', 'gen_ai.usage.input_tokens': 9 },
      { parent_span_id: 'aaaaaaaaaaaaaaaa' },
    );
    expect(step.completions[0]).toMatchObject({ span_id: 'aaaaaaaaaaaaaaaa', content: 'yo' });
    expect(inference.completions[0]).toMatchObject({
      span_id: 'aaaaaaaaaaaaaaaa',
      prompt_tokens: 9,
    });
    expect([step.span.kind, inference.span.kind]).toEqual(['llm', 'span']);
  });
});
