/** Spans of the Vercel AI SDK to which other products add keys, or which they rewrite. */
import { describe, expect, it } from 'vitest';
import type { Attributes } from '../../../../wire/genai/forms/otel-span.ts';
import { toRecords } from '../../../../wire/genai/index.ts';
import { json, rowsOf, spanWith } from '../../support/span.ts';

const CALL = {
  'ai.operationId': 'ai.generateText.doGenerate',
  'ai.model.provider': 'openai.chat',
  'gen_ai.system': 'openai.chat',
  'gen_ai.request.model': 'gpt-4o-mini',
};
const ASKED = { toolCallId: 'c1', toolName: 'f', input: '{"a":1}' };
const MESSAGES = [{ role: 'user', content: [{ type: 'text', text: 'hello' }] }];

const OWN = {
  ...CALL,
  'ai.prompt.messages': json(MESSAGES),
  'ai.response.toolCalls': json([ASKED, { ...ASKED, toolCallId: 'c2' }]),
};

const LAYERS: [string, Attributes][] = [
  ['nobody', OWN],
  [
    'LangSmith',
    {
      ...OWN,
      'langsmith.span.kind': 'llm',
      'gen_ai.prompt': json({ input: MESSAGES }),
      'gen_ai.completion': json([ASKED, { ...ASKED, toolCallId: 'c2' }]),
    },
  ],
  [
    'OpenInference',
    {
      ...OWN,
      'openinference.span.kind': 'LLM',
      'input.value': json(MESSAGES),
      'output.value': json([ASKED]),
      'llm.input_messages.0.message.role': 'user',
      'llm.input_messages.0.message.tool_calls.0.tool_call.id': null,
    },
  ],
  [
    'OpenLLMetry, which removes the SDK\u2019s own keys',
    {
      ...CALL,
      'gen_ai.input.messages': json([
        { role: 'user', parts: [{ type: 'text', content: 'hello' }] },
      ]),
      'gen_ai.output.messages': json([
        {
          role: 'assistant',
          parts: ['c1', 'c2'].map((id) => ({
            type: 'tool_call',
            id,
            name: 'f',
            arguments: { a: 1 },
          })),
        },
      ]),
    },
  ],
];

describe('a call of the Vercel AI SDK', () => {
  it.each(LAYERS)('is the same call with the keys of %s', (_name, attributes) => {
    const { span, prompts, completions, tools } = rowsOf(attributes);
    expect(span.kind).toBe('llm');
    expect(prompts.map(({ role, content }) => [role, content])).toEqual([['user', 'hello']]);
    expect(completions).toHaveLength(1);
    expect(tools.map(({ id, name, arguments: args }) => [id, name, args])).toEqual([
      ['c1', 'f', { a: 1 }],
      ['c2', 'f', { a: 1 }],
    ]);
  });

  it.each(LAYERS)('stores no message in its attributes with the keys of %s', (_name, given) => {
    expect(json(rowsOf(given).span.attributes)).not.toContain('hello');
  });

  it('has one id for a tool run that LangSmith traces too', () => {
    const asking = spanWith(OWN, { span_id: '1'.repeat(16) });
    const run = spanWith(
      {
        'ai.operationId': 'ai.toolCall',
        'ai.toolCall.id': 'c1',
        'ai.toolCall.name': 'f',
        'ai.toolCall.args': '{"a":1}',
        'ai.toolCall.result': '"done"',
        'langsmith.span.kind': 'tool',
      },
      { span_id: '2'.repeat(16) },
    );
    const within = spanWith(
      {
        'langsmith.span.kind': 'tool',
        'gen_ai.tool.name': 'f',
        'gen_ai.prompt': json({ args: [{ a: 1 }, { toolCallId: 'c1', messages: [] }] }),
        'gen_ai.completion': json({ outputs: 'done' }),
      },
      { span_id: '3'.repeat(16), parent_span_id: run.span_id },
    );
    const { tools } = toRecords([asking, run, within]);
    // The database merges them by the id.
    expect(tools.map(({ id, run_span_id }) => [id, run_span_id])).toEqual([
      ['c1', undefined],
      ['c2', undefined],
      ['c1', '2'.repeat(16)],
      ['c1', '3'.repeat(16)],
    ]);
  });

  it('runs the tool that OpenLLMetry has renamed', () => {
    const { tools } = rowsOf({
      'ai.operationId': 'ai.toolCall',
      'gen_ai.operation.name': 'execute_tool',
      'gen_ai.tool.name': 'f',
      'gen_ai.tool.call.id': 'c1',
      'gen_ai.tool.call.arguments': '{"a":1}',
      'gen_ai.tool.call.result': '"done"',
      'traceloop.span.kind': 'tool',
      'traceloop.entity.output': '"done"',
    });
    expect(tools).toMatchObject([{ id: 'c1', name: 'f', arguments: { a: 1 }, output: 'done' }]);
  });
});

describe('the usage of a call of the Vercel AI SDK', () => {
  const ANTHROPIC = {
    input_tokens: 193,
    output_tokens: 47,
    cache_read_input_tokens: 1024,
    cache_creation_input_tokens: 128,
  };
  const GEMINI = {
    promptTokenCount: 1217,
    candidatesTokenCount: 47,
    thoughtsTokenCount: 8,
    totalTokenCount: 1272,
    cachedContentTokenCount: 1024,
  };
  const OPENROUTER = {
    promptTokens: 1217,
    completionTokens: 47,
    totalTokens: 1264,
    promptTokensDetails: { cachedTokens: 1024 },
    completionTokensDetails: { reasoningTokens: 8 },
  };

  it.each<[string, Attributes, unknown, (number | null)[]]>([
    [
      'Anthropic in 5, without streaming',
      { 'ai.usage.promptTokens': 193, 'ai.usage.completionTokens': 47 },
      { anthropic: { usage: ANTHROPIC, cacheCreationInputTokens: 128 } },
      [1345, 47, 1392, 1024, 128, null],
    ],
    [
      'Anthropic in 5, with streaming',
      { 'ai.usage.inputTokens': 193, 'ai.usage.totalTokens': 240, 'ai.usage.cachedInputTokens': 9 },
      { anthropic: { usage: ANTHROPIC } },
      [1345, 47, 1392, 1024, 128, null],
    ],
    [
      'Anthropic in 4, which has the cache alone',
      { 'ai.usage.promptTokens': 193, 'ai.usage.completionTokens': 47 },
      { anthropic: { cacheReadInputTokens: 10, cacheCreationInputTokens: 2 } },
      [205, 47, 252, 10, 2, null],
    ],
    [
      'Anthropic in 6, which has it all',
      {
        'ai.usage.inputTokens': 1345,
        'ai.usage.outputTokens': 47,
        'ai.usage.totalTokens': 1392,
        'ai.usage.inputTokenDetails.noCacheTokens': 193,
        'ai.usage.inputTokenDetails.cacheReadTokens': 1024,
        'ai.usage.inputTokenDetails.cacheWriteTokens': 128,
      },
      { anthropic: { usage: { cacheWriteInputTokens: 128 } } },
      [1345, 47, 1392, 1024, 128, null],
    ],
    [
      'Gemini in 5',
      { 'ai.usage.promptTokens': 1217, 'ai.usage.completionTokens': 47 },
      { google: { groundingMetadata: null, usageMetadata: GEMINI } },
      [1217, 55, 1272, 1024, null, 8],
    ],
    [
      'OpenAI in 4',
      { 'ai.usage.promptTokens': 1217, 'ai.usage.completionTokens': 47 },
      { openai: { cachedPromptTokens: 1024, reasoningTokens: 8 } },
      [1217, 47, 1264, 1024, null, 8],
    ],
    [
      'OpenRouter',
      { 'ai.usage.promptTokens': 1217, 'ai.usage.completionTokens': 47 },
      { openrouter: { usage: OPENROUTER } },
      [1217, 47, 1264, 1024, null, 8],
    ],
    [
      'a provider that says nothing of it',
      { 'ai.usage.promptTokens': 1217, 'ai.usage.completionTokens': 47 },
      { openai: { responseId: 'resp_1' } },
      [1217, 47, 1264, null, null, null],
    ],
  ])('is that of the provider: %s', (_name, usage, metadata, expected) => {
    const [row] = rowsOf({
      ...CALL,
      ...usage,
      'ai.response.text': 'yo',
      'ai.response.providerMetadata': json(metadata),
    }).completions;
    expect([
      row?.prompt_tokens,
      row?.completion_tokens,
      row?.total_tokens,
      row?.cached_tokens,
      row?.cache_write_tokens,
      row?.reasoning_tokens,
    ]).toEqual(expected);
  });
});
