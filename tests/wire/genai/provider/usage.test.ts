import { describe, expect, it } from 'vitest';
import type { Attributes } from '../../../../wire/genai/forms/otel-span.ts';
import type { JsonObject } from '../../../../wire/records.ts';
import { chat, json, rowsOf } from '../../support/span.ts';

const ANTHROPIC = { 'gen_ai.provider.name': 'anthropic' };
const TRACELOOP = { scope_name: '@traceloop/instrumentation-anthropic' };

function usageOf(...args: Parameters<typeof rowsOf>) {
  const row = rowsOf(...args).completions[0];
  return [row?.prompt_tokens, row?.completion_tokens, row?.total_tokens];
}

describe('token counts', () => {
  it('add a total when both halves are known', () => {
    const attributes = { 'gen_ai.usage.input_tokens': 7, 'gen_ai.usage.output_tokens': 3 };
    expect(usageOf(chat(attributes))).toEqual([7, 3, 10]);
  });

  it('stay null, not 0, when nothing was counted', () => {
    expect(usageOf(chat())).toEqual([null, null, null]);
  });

  it('are read from text and fractions, and not from other types', () => {
    const attributes = {
      'gen_ai.usage.input_tokens': '1217',
      'gen_ai.usage.output_tokens': 47.0000001,
      'gen_ai.usage.reasoning_tokens': true,
    };
    expect(usageOf(chat(attributes))).toEqual([1217, 47, 1264]);
    expect(rowsOf(chat(attributes)).completions[0]?.reasoning_tokens).toBeNull();
  });

  it.each([
    ['1217', 1217],
    [' 1217 ', 1217],
    ['1.217e3', 1217],
    [1217, 1217],
    [1216.9999999, 1217],
    [1217.0000001, 1217],
    [0, 0],
    [5_000_000_000, 5_000_000_000],
    [1_000_000_000_001, null],
    ['', null],
    [' ', null],
    ['1,217', null],
    ['many', null],
    ['Infinity', null],
    ['NaN', null],
    [-1, null],
    [true, null],
    [[1217], null],
  ])('of %j are %j', (value, tokens) => {
    expect(usageOf(chat({ 'gen_ai.usage.input_tokens': value }))[0]).toBe(tokens);
  });

  it('over the maximum of a column are unknown, and reject nothing else', () => {
    const attributes = chat({
      'gen_ai.usage.input_tokens': 1_000_000_000_000,
      'gen_ai.usage.output_tokens': 1,
    });
    expect(usageOf(attributes)).toEqual([1_000_000_000_000, 1, null]);
  });

  it.each(['openai', 'gcp.gen_ai', null])(
    'leave alone a cache of %s that is larger than the input',
    (provider) => {
      const attributes = {
        'gen_ai.operation.name': 'chat',
        'gen_ai.provider.name': provider,
        'gen_ai.usage.input_tokens': 1217,
        'gen_ai.usage.output_tokens': 47,
        'gen_ai.usage.cache_read.input_tokens': 5_000_000_000,
      };
      expect(usageOf(attributes)).toEqual([1217, 47, 1264]);
    },
  );

  it.each([
    { 'gen_ai.provider.name': 'aws.bedrock' },
    { 'gen_ai.provider.name': 'gcp.vertex_ai', 'gen_ai.request.model': 'claude-opus-4' },
  ])('include the cache that is more than the input, for %j', (more) => {
    const attributes = {
      ...more,
      'gen_ai.usage.input_tokens': 193,
      'gen_ai.usage.output_tokens': 47,
      'gen_ai.usage.cache_read.input_tokens': 1024,
    };
    expect(usageOf(chat(attributes))).toEqual([1217, 47, 1264]);
  });

  it('include the cache where the scope passes on Anthropic numbers, even a small one', () => {
    const attributes = chat({
      ...ANTHROPIC,
      'gen_ai.usage.input_tokens': 193,
      'gen_ai.usage.output_tokens': 47,
      'gen_ai.usage.total_tokens': 240,
      'gen_ai.usage.cache_read.input_tokens': 10,
      'gen_ai.usage.cache_creation.input_tokens': 2,
    });
    expect(usageOf(attributes, TRACELOOP)).toEqual([205, 47, 252]);
    expect(usageOf(attributes)).toEqual([193, 47, 240]);
  });

  it('include the cache when it is more than the input it should be part of', () => {
    const attributes = {
      ...ANTHROPIC,
      'gen_ai.usage.input_tokens': 193,
      'gen_ai.usage.output_tokens': 47,
      'gen_ai.usage.cache_read.input_tokens': 1024,
    };
    expect(usageOf(chat(attributes))).toEqual([1217, 47, 1264]);
  });

  it('include the cache when the total shows it', () => {
    const attributes = {
      ...ANTHROPIC,
      'gen_ai.usage.input_tokens': 193,
      'gen_ai.usage.output_tokens': 47,
      'gen_ai.usage.cache_read.input_tokens': 10,
      'gen_ai.usage.total_tokens': 250,
    };
    expect(usageOf(chat(attributes))).toEqual([203, 47, 250]);
  });

  it('include the thoughts that Gemini counts beside the candidates', () => {
    const attributes = {
      'gen_ai.provider.name': 'gcp.gen_ai',
      'gen_ai.usage.input_tokens': 1217,
      'gen_ai.usage.output_tokens': 47,
      'gen_ai.usage.reasoning_tokens': 8,
      'gen_ai.usage.total_tokens': 1272,
    };
    expect(usageOf(chat(attributes))).toEqual([1217, 55, 1272]);
  });

  it.each<[string, Attributes, (number | null)[]]>([
    [
      'more than the answer they should be part of',
      {
        'gen_ai.usage.input_tokens': 100,
        'gen_ai.usage.output_tokens': 20,
        'gen_ai.usage.reasoning_tokens': 30,
      },
      [100, 50, 150],
    ],
    [
      'under the Agent Development Kit’s first key',
      {
        'gen_ai.usage.input_tokens': 100,
        'gen_ai.usage.output_tokens': 20,
        'gen_ai.usage.experimental.reasoning_tokens': 8,
      },
      [100, 28, 128],
    ],
  ])('include thoughts that are %s', (_, attributes, expected) => {
    expect(usageOf(chat(attributes))).toEqual(expected);
  });

  it.each<[string, JsonObject, (number | null)[]]>([
    [
      'and the cache, which an instrumentation has added to the prompt once more',
      {
        prompt_token_count: 100,
        cached_content_token_count: 64,
        candidates_token_count: 20,
        thoughts_token_count: 8,
        total_token_count: 128,
      },
      [100, 28, 128],
    ],
    [
      'and what its own tools put into the prompt',
      {
        promptTokenCount: 100,
        toolUsePromptTokenCount: 50,
        candidatesTokenCount: 20,
        thoughtsTokenCount: 8,
        totalTokenCount: 178,
      },
      [150, 28, 178],
    ],
    [
      'and nothing but thoughts',
      { promptTokenCount: 100, thoughtsTokenCount: 30, totalTokenCount: 130 },
      [100, 30, 130],
    ],
  ])('are those of Gemini’s response when it is present, %s', (_, usage_metadata, expected) => {
    const attributes = {
      'openinference.span.kind': 'LLM',
      'llm.token_count.prompt': 164,
      'llm.token_count.total': 192,
      'output.value': json({ candidates: [{ content: { role: 'model' } }], usage_metadata }),
    };
    expect(usageOf(attributes)).toEqual(expected);
  });

  it('do not add reasoning that is already included', () => {
    const attributes = {
      'gen_ai.usage.input_tokens': 1217,
      'gen_ai.usage.output_tokens': 47,
      'gen_ai.usage.reasoning_tokens': 8,
      'gen_ai.usage.total_tokens': 1264,
    };
    expect(usageOf(chat(attributes))).toEqual([1217, 47, 1264]);
  });

  it.each([
    [
      'wrapper: details taken out',
      {
        input: 193,
        output: 39,
        total: 1264,
        input_cached_tokens: 1024,
        output_reasoning_tokens: 8,
      },
      [1217, 47, 1264],
    ],
    [
      'by hand: provider names',
      { input: 193, output: 47, cache_read_input_tokens: 1024, cache_creation_input_tokens: 128 },
      [1345, 47, 1392],
    ],
    [
      'by hand: details inside',
      { input: 1217, output: 47, total: 1264, cache_read_input_tokens: 1024 },
      [1217, 47, 1264],
    ],
    [
      'handler for LangChain',
      { input: 193, output: 39, total: 1264, input_cache_read: 1024, output_reasoning: 8 },
      [1217, 47, 1264],
    ],
    [
      'OpenAI names',
      { prompt_tokens: 1217, completion_tokens: 47, total_tokens: 1264 },
      [1217, 47, 1264],
    ],
  ])('of Langfuse, %s', (_name, details, expected) => {
    const attributes = {
      'langfuse.observation.type': 'generation',
      'langfuse.observation.usage_details': json(details),
    };
    expect(usageOf(attributes)).toEqual(expected);
  });

  it('of zero for a failed call are unknown', () => {
    const failed = {
      'gen_ai.usage.input_tokens': 0,
      'gen_ai.usage.output_tokens': 0,
      'error.type': '429',
    };
    expect(rowsOf(chat(failed)).completions).toEqual([]);
  });

  it('are on the first choice only', () => {
    const { completions } = rowsOf(
      chat({
        'gen_ai.usage.input_tokens': 7,
        'gen_ai.output.messages': json([
          { role: 'assistant', parts: [{ type: 'text', content: 'a' }] },
          { role: 'assistant', parts: [{ type: 'text', content: 'b' }] },
        ]),
      }),
    );
    expect(
      completions.map((row) => [row.completion_index, row.content, row.prompt_tokens]),
    ).toEqual([
      [0, 'a', 7],
      [1, 'b', null],
    ]);
  });
});
