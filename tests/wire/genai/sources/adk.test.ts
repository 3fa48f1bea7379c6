import { describe, expect, it } from 'vitest';
import { json, rowsOf } from '../../support/span.ts';

describe('Google\u2019s Agent Development Kit', () => {
  const ASK = { function_call: { id: 'c1', name: 'f', args: { a: 1 } } };

  it('has Gemini\u2019s request and response as JSON', () => {
    const { span, prompts, completions, tools } = rowsOf({
      'gen_ai.system': 'gcp.vertex.agent',
      'gen_ai.request.model': 'gemini-2.5-flash',
      'gen_ai.usage.input_tokens': 1217,
      'gen_ai.usage.output_tokens': 47,
      'gen_ai.response.finish_reasons': ['stop'],
      'gcp.vertex.agent.session_id': 's-1',
      'gcp.vertex.agent.llm_request': json({
        model: 'gemini-2.5-flash',
        config: { system_instruction: 'be kind' },
        contents: [{ role: 'user', parts: [{ text: 'hello' }] }],
      }),
      'gcp.vertex.agent.llm_response': json({
        content: { role: 'model', parts: [{ text: 'ok' }, ASK] },
        usage_metadata: {
          prompt_token_count: 1217,
          candidates_token_count: 47,
          thoughts_token_count: 8,
          total_token_count: 1272,
          cached_content_token_count: 1024,
        },
      }),
    });
    expect(span.kind).toBe('llm');
    expect(prompts.map(({ role, content }) => [role, content])).toEqual([
      ['system', 'be kind'],
      ['user', 'hello'],
    ]);
    expect(completions).toMatchObject([
      {
        role: 'assistant',
        content: 'ok',
        finish_reason: 'stop',
        prompt_tokens: 1217,
        completion_tokens: 55,
        total_tokens: 1272,
        cached_tokens: 1024,
        reasoning_tokens: 8,
      },
    ]);
    expect(tools).toMatchObject([{ id: 'c1', name: 'f', arguments: { a: 1 } }]);
  });

  it.each([
    ['c1', 'c1'],
    ['<not specified>', 'b7ad6b7169203331'],
  ])('runs a tool whose call id is %s', (given, id) => {
    const { tools } = rowsOf({
      'gen_ai.operation.name': 'execute_tool',
      'gen_ai.tool.name': 'f',
      'gen_ai.tool.call.id': given,
      'gcp.vertex.agent.llm_request': '{}',
      'gcp.vertex.agent.llm_response': '{}',
      'gcp.vertex.agent.tool_call_args': '{"a":1}',
      'gcp.vertex.agent.tool_response': '{"result":"done"}',
    });
    expect(tools).toMatchObject([
      { id, name: 'f', arguments: { a: 1 }, output: { result: 'done' } },
    ]);
  });

  it('makes no row for the merged results of parallel tools', () => {
    const { span, tools } = rowsOf({
      'gen_ai.operation.name': 'execute_tool',
      'gen_ai.tool.name': '(merged tools)',
      'gcp.vertex.agent.tool_call_args': 'N/A',
      'gcp.vertex.agent.tool_response': '{}',
    });
    expect([span.kind, tools]).toEqual(['span', []]);
  });
});
