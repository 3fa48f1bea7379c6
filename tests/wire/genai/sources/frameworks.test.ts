/** Agent frameworks, most of them for Python, and their own forms of the conventions. */
import { describe, expect, it } from 'vitest';
import type { Attributes } from '../../../../wire/genai/forms/otel-span.ts';
import { chat, eventWith, json, rowsOf } from '../../support/span.ts';

const HELLO = [{ role: 'user', content: 'hello' }];
const LANGCHAIN_ANSWER = {
  lc: 1,
  type: 'constructor',
  id: ['langchain_core', 'messages', 'ToolMessage'],
  kwargs: { content: '{"b":2}', name: 'f', tool_call_id: 'c1' },
};

describe('OpenLLMetry for Python', () => {
  it('merges Anthropic\u2019s thoughts, a completion of their own, with the answer', () => {
    const { completions, tools } = rowsOf({
      'llm.request.type': 'chat',
      'gen_ai.completion.0.finish_reason': 'tool_use',
      'gen_ai.completion.0.role': 'thinking',
      'gen_ai.completion.0.content': 'Hm.',
      'gen_ai.completion.1.role': 'assistant',
      'gen_ai.completion.1.content': 'Let me see.',
      'gen_ai.completion.1.tool_calls.0.id': 'c1',
      'gen_ai.completion.1.tool_calls.0.name': 'f',
      'gen_ai.completion.1.tool_calls.0.arguments': '{"a":1}',
    });
    expect(completions).toMatchObject([
      {
        completion_index: 0,
        role: 'assistant',
        content: 'Let me see.',
        finish_reason: 'tool_use',
        parts: [
          { type: 'reasoning', text: 'Hm.' },
          { type: 'text', text: 'Let me see.' },
          { type: 'tool_call', id: 'c1' },
        ],
      },
    ]);
    expect(tools).toHaveLength(1);
  });

  it('reads a plain prompt under the role itself', () => {
    const { prompts } = rowsOf({
      'llm.request.type': 'completion',
      'gen_ai.prompt.0.user': 'hello',
    });
    expect(prompts).toMatchObject([{ role: 'user', content: 'hello' }]);
  });

  it.each(['null', '""', '[]'])('reads %s as no content', (nothing) => {
    const { completions } = rowsOf({
      'gen_ai.completion.0.role': 'assistant',
      'gen_ai.completion.0.content': nothing,
      'gen_ai.completion.0.tool_calls.0.name': 'f',
    });
    expect(completions).toMatchObject([{ content: null }]);
  });

  it.each<[string, Attributes]>([
    [
      'LangChain for Python',
      {
        'traceloop.span.kind': 'tool',
        'traceloop.entity.name': 'f',
        'traceloop.entity.input': json({
          input_str: "{'a': 1}",
          inputs: { a: 1 },
          tags: [],
          metadata: {},
          kwargs: {},
        }),
        'traceloop.entity.output': json({ output: LANGCHAIN_ANSWER, kwargs: { tags: [] } }),
      },
    ],
    [
      'LangChain.js',
      {
        'gen_ai.operation.name': 'execute_tool',
        'traceloop.span.kind': 'task',
        'traceloop.entity.name': 'DynamicStructuredTool',
        'traceloop.entity.input': json({ args: ['{"a":1}'] }),
        'traceloop.entity.output': json(LANGCHAIN_ANSWER),
      },
    ],
    [
      'LangChain.js in Langfuse',
      {
        'langfuse.observation.type': 'tool',
        'langfuse.observation.input': json({ a: 1 }),
        'langfuse.observation.output': json(LANGCHAIN_ANSWER),
      },
    ],
    [
      'LangChain for Python in OpenInference',
      {
        'openinference.span.kind': 'TOOL',
        'input.value': json({ a: 1 }),
        'output.value': json({
          output: { type: 'tool', content: '{"b":2}', name: 'f', tool_call_id: 'c1' },
        }),
      },
    ],
  ])('reads call and output of a tool of %s', (_name, attributes) => {
    expect(rowsOf(attributes, { name: 'f' }).tools).toMatchObject([
      { id: 'c1', name: 'f', arguments: { a: 1 }, output: { b: 2 } },
    ]);
  });
});

it('keeps the arguments of the call for a LangChain tool whose argument name OpenInference lost', () => {
  const run = {
    'openinference.span.kind': 'TOOL',
    'tool.name': 'f',
    'input.value': 'Paris',
    'output.value': json({ output: LANGCHAIN_ANSWER }),
  };
  expect(rowsOf(run)).toMatchObject({
    span: { input: 'Paris' },
    tools: [{ id: 'c1', arguments: null }],
  });
});

it('reads the parallel calls of LiteLLM, completions of their own, as one answer', () => {
  const { completions, tools } = rowsOf({
    'gen_ai.completion.0.role': 'assistant',
    'gen_ai.completion.0.finish_reason': 'tool_calls',
    'gen_ai.completion.0.function_call.name': 'f',
    'gen_ai.completion.0.function_call.arguments': '{"a":1}',
    'gen_ai.completion.1.function_call.name': 'g',
    'gen_ai.completion.1.function_call.arguments': '{}',
  });
  expect(completions).toMatchObject([{ finish_reason: 'tool_calls' }]);
  expect(tools.map(({ name }) => name)).toEqual(['f', 'g']);
});

describe('Strands', () => {
  it('keeps Bedrock\u2019s parts as JSON in events', () => {
    const { prompts, completions, tools } = rowsOf(
      chat({ 'gen_ai.usage.cache_write_input_tokens': 128, 'gen_ai.usage.input_tokens': 1345 }),
      {
        events: [
          eventWith('gen_ai.user.message', { content: json([{ text: 'hello' }]) }),
          eventWith('gen_ai.choice', {
            finish_reason: 'tool_use',
            message: json([{ text: 'ok' }, { toolUse: { toolUseId: 'c1', name: 'f', input: {} } }]),
          }),
        ],
      },
    );
    expect(prompts).toMatchObject([{ role: 'user', content: 'hello', parts: null }]);
    expect(completions).toMatchObject([
      { content: 'ok', finish_reason: 'tool_use', cache_write_tokens: 128 },
    ]);
    expect(tools).toMatchObject([{ id: 'c1', name: 'f' }]);
  });

  it.each([
    [
      'a message each',
      [
        eventWith('gen_ai.tool.message', { role: 'tool', content: '{"a":1}', id: 'c1' }),
        eventWith('gen_ai.choice', { message: json([{ json: { b: 2 } }]), id: 'c1' }),
      ],
    ],
    [
      'the details',
      [
        eventWith('gen_ai.client.inference.operation.details', {
          'gen_ai.input.messages': json([
            { role: 'tool', parts: [{ type: 'tool_call', id: 'c1', arguments: { a: 1 } }] },
          ]),
        }),
        eventWith('gen_ai.client.inference.operation.details', {
          'gen_ai.output.messages': json([
            {
              role: 'tool',
              parts: [{ type: 'tool_call_response', id: 'c1', response: [{ text: '{"b":2}' }] }],
            },
          ]),
        }),
      ],
    ],
  ])('reads arguments and output of a tool from events: %s', (_name, events) => {
    const { span, tools } = rowsOf(
      {
        'gen_ai.operation.name': 'execute_tool',
        'gen_ai.tool.name': 'f',
        'gen_ai.tool.call.id': 'c1',
      },
      { events },
    );
    expect(tools).toMatchObject([{ id: 'c1', arguments: { a: 1 }, output: { b: 2 } }]);
    expect(span.events).toBeNull();
  });
});

describe('events of the span', () => {
  it('of Azure\u2019s SDKs have a JSON body', () => {
    const content = (value: unknown) => ({ 'gen_ai.event.content': json(value) });
    const { prompts, completions } = rowsOf(chat(), {
      events: [
        eventWith('gen_ai.user.message', content({ role: 'user', content: 'hello' })),
        eventWith('gen_ai.tool.message', content({ content: 'done', id: 'c1' })),
        eventWith(
          'gen_ai.choice',
          content({ index: 0, finish_reason: 'stop', message: { content: 'yo' } }),
        ),
      ],
    });
    expect(prompts).toMatchObject([
      { role: 'user', content: 'hello' },
      { role: 'tool', content: 'done', tool_call_id: 'c1' },
    ]);
    expect(completions).toMatchObject([{ content: 'yo', finish_reason: 'stop' }]);
  });

  it('of the earliest conventions have all prompts, and all choices, in one', () => {
    const { prompts, completions } = rowsOf(chat(), {
      events: [
        eventWith('gen_ai.content.prompt', { 'gen_ai.prompt': json(HELLO) }),
        eventWith('gen_ai.content.completion', {
          'gen_ai.completion': json([
            { role: 'assistant', content: 'a' },
            { role: 'assistant', content: 'b' },
          ]),
        }),
      ],
    });
    expect(prompts).toMatchObject([{ role: 'user', content: 'hello' }]);
    expect(completions.map(({ content }) => content)).toEqual(['a', 'b']);
  });

  it('of Google\u2019s instrumentation have Gemini\u2019s content instead of a text', () => {
    const { prompts, completions } = rowsOf(chat(), {
      events: [
        eventWith('gen_ai.user.message', { content: { role: 'user', parts: [{ text: 'hello' }] } }),
        eventWith('gen_ai.choice', {
          index: 0,
          content: { role: 'model', parts: [{ text: 'yo' }] },
        }),
      ],
    });
    expect(prompts).toMatchObject([{ role: 'user', content: 'hello' }]);
    expect(completions).toMatchObject([{ role: 'assistant', content: 'yo' }]);
  });
});
