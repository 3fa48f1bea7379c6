import { describe, expect, it } from 'vitest';
import { span } from '../../../sdk/index.ts';
import { recorded } from '../support/edge.ts';

const png = `data:image/png;base64,${'iVBORw0K'.repeat(50)}`;
const call = { name: 'get_weather', arguments: { city: 'Paris' } };

const CASES: [string, object, object, object][] = [
  [
    'OpenAI responses',
    {
      model: 'gpt',
      instructions: 'Be brief.',
      input: [
        {
          role: 'user',
          content: [
            { type: 'input_text', text: 'Look' },
            { type: 'input_image', image_url: png },
          ],
        },
        { type: 'function_call', call_id: 'c0', name: 'look', arguments: '{}' },
        { type: 'function_call_output', call_id: 'c0', output: 'a cat' },
      ],
    },
    {
      id: 'r1',
      object: 'response',
      model: 'gpt-1',
      status: 'completed',
      output: [
        { type: 'message', role: 'assistant', content: [{ type: 'output_text', text: 'Hi' }] },
        {
          type: 'function_call',
          call_id: 'c1',
          name: 'get_weather',
          arguments: '{"city":"Paris"}',
        },
      ],
      usage: { input_tokens: 10, output_tokens: 4, total_tokens: 14 },
    },
    { roles: ['system', 'user', 'assistant', 'tool'], prompt_tokens: 10, completion_tokens: 4 },
  ],
  [
    'Anthropic messages',
    {
      model: 'claude',
      system: [{ type: 'text', text: 'Be brief.' }],
      messages: [
        {
          role: 'user',
          content: [
            { type: 'text', text: 'Look' },
            {
              type: 'image',
              source: { type: 'base64', media_type: 'image/png', data: png.slice(22) },
            },
          ],
        },
        { role: 'assistant', content: [{ type: 'tool_use', id: 'c0', name: 'look', input: {} }] },
        { role: 'user', content: [{ type: 'tool_result', tool_use_id: 'c0', content: 'a cat' }] },
      ],
    },
    {
      id: 'm1',
      type: 'message',
      role: 'assistant',
      model: 'claude-1',
      stop_reason: 'tool_use',
      content: [
        { type: 'text', text: 'Hi' },
        { type: 'tool_use', id: 'c1', name: 'get_weather', input: { city: 'Paris' } },
      ],
      usage: {
        input_tokens: 2,
        cache_read_input_tokens: 5,
        cache_creation_input_tokens: 3,
        output_tokens: 4,
      },
    },
    {
      roles: ['system', 'user', 'assistant', 'tool'],
      prompt_tokens: 10,
      completion_tokens: 4,
      total_tokens: 14,
      cached_tokens: 5,
      cache_write_tokens: 3,
    },
  ],
  [
    'Google GenAI',
    {
      model: 'gemini',
      config: { systemInstruction: 'Be brief.' },
      contents: [
        {
          role: 'user',
          parts: [{ text: 'Look' }, { inlineData: { mimeType: 'image/png', data: png.slice(22) } }],
        },
      ],
    },
    {
      responseId: 'g1',
      modelVersion: 'gemini-1',
      candidates: [
        {
          finishReason: 'STOP',
          content: {
            role: 'model',
            parts: [
              { text: 'Hi' },
              { functionCall: { id: 'c1', name: 'get_weather', args: { city: 'Paris' } } },
            ],
          },
        },
      ],
      usageMetadata: {
        promptTokenCount: 10,
        candidatesTokenCount: 3,
        thoughtsTokenCount: 1,
        totalTokenCount: 14,
      },
    },
    { roles: ['system', 'user'], completion_tokens: 4, total_tokens: 14, reasoning_tokens: 1 },
  ],
  [
    'Bedrock Converse',
    {
      input: {
        modelId: 'nova',
        system: [{ text: 'Be brief.' }],
        messages: [
          {
            role: 'user',
            content: [
              { text: 'Look' },
              { image: { format: 'png', source: { bytes: new Uint8Array(300) } } },
            ],
          },
        ],
      },
    },
    {
      output: {
        message: {
          role: 'assistant',
          content: [
            { text: 'Hi' },
            { toolUse: { toolUseId: 'c1', name: 'get_weather', input: { city: 'Paris' } } },
          ],
        },
      },
      stopReason: 'tool_use',
      usage: { inputTokens: 2, outputTokens: 4, totalTokens: 6, cacheReadInputTokens: 8 },
    },
    { roles: ['system', 'user'], prompt_tokens: 10, total_tokens: 14, cached_tokens: 8 },
  ],
  [
    'the Vercel AI SDK',
    {
      model: { modelId: 'gpt' },
      system: 'Be brief.',
      messages: [
        {
          role: 'user',
          content: [
            { type: 'text', text: 'Look' },
            { type: 'image', image: new Uint8Array(300), mediaType: 'image/png' },
          ],
        },
      ],
    },
    {
      text: 'Hi',
      toolCalls: [{ toolCallId: 'c1', toolName: 'get_weather', input: { city: 'Paris' } }],
      finishReason: 'tool-calls',
      usage: { inputTokens: 10, outputTokens: 4, cachedInputTokens: 8, reasoningTokens: 1 },
      response: { id: 'v1', modelId: 'gpt-1' },
    },
    { roles: ['system', 'user'], prompt_tokens: 10, cached_tokens: 8, reasoning_tokens: 1 },
  ],
  [
    'LangChain',
    {
      messages: [
        { getType: () => 'system', content: 'Be brief.' },
        {
          getType: () => 'human',
          content: [
            { type: 'text', text: 'Look' },
            { type: 'image_url', image_url: { url: png } },
          ],
        },
      ],
    },
    {
      id: 'l1',
      getType: () => 'ai',
      content: 'Hi',
      tool_calls: [{ id: 'c1', name: 'get_weather', args: { city: 'Paris' } }],
      usage_metadata: {
        input_tokens: 10,
        output_tokens: 4,
        total_tokens: 14,
        input_token_details: { cache_read: 8 },
      },
      response_metadata: { model_name: 'gpt-1', finish_reason: 'tool_calls' },
    },
    { roles: ['system', 'user'], prompt_tokens: 10, cached_tokens: 8 },
  ],
];

describe('replies of providers', () => {
  it.each(CASES)('%s: request and result', async (_, request, result, expected) => {
    const { roles, ...counts } = expected as { roles: string[] };
    const all = await recorded(() => span('chat', (_: object) => result)(request));
    expect(all.spans[0]?.kind).toBe('llm');
    expect(all.prompts.map(({ role }) => role)).toEqual(roles);
    expect(all.prompts[0]?.content).toBe('Be brief.');
    const image = { type: 'image', bytes: 300 };
    expect(all.prompts[1]).toMatchObject({ content: 'Look', parts: [{ text: 'Look' }, image] });
    expect(all.completions).toMatchObject([{ role: 'assistant', content: 'Hi', ...counts }]);
    expect(all.completions[0]?.finish_reason).toBeTruthy();
    expect(all.completions[0]?.model).toBeTruthy();
    const made = all.tools.filter(({ span_id }) => span_id);
    expect(made).toMatchObject([{ id: 'c1', ...call }]);
    expect(JSON.stringify(all)).not.toContain('iVBORw0KiVBORw0K');
  });

  it('OpenAI embeddings: only tokens', async () => {
    const result = {
      object: 'list',
      model: 'emb-1',
      data: [{ embedding: [0.5, 0.25] }],
      usage: { prompt_tokens: 3, total_tokens: 3 },
    };
    const all = await recorded(() =>
      span('e', (_: object) => result)({ input: 'a', model: 'emb' }),
    );
    expect(all.spans[0]).toMatchObject({ kind: 'embedding', input: { input: 'a' } });
    expect(all.prompts).toEqual([]);
    expect(all.completions).toMatchObject([{ model: 'emb-1', prompt_tokens: 3, total_tokens: 3 }]);
    expect(JSON.stringify(all)).not.toContain('0.25');
  });
});
