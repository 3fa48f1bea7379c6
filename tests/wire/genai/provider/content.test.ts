import { describe, expect, it } from 'vitest';
import type { JsonValue } from '../../../../wire/records.ts';
import { chat, json, rowsOf } from '../../support/span.ts';

function prompts(messages: unknown): ReturnType<typeof rowsOf>['prompts'] {
  return rowsOf(chat({ 'gen_ai.input.messages': json(messages) })).prompts;
}

function partsOf(part: unknown): JsonValue {
  return prompts([{ role: 'user', parts: [part] }])[0]?.parts ?? null;
}

describe('message content', () => {
  it.each([
    [
      'blob of the conventions',
      { type: 'blob', modality: 'image', mime_type: 'image/png', content: 'aGVsbG8=' },
    ],
    [
      'data URL of OpenAI chat',
      { type: 'image_url', image_url: { url: 'data:image/png;base64,aGVsbG8=' } },
    ],
    [
      'data URL of OpenAI responses',
      { type: 'input_image', image_url: 'data:image/png;base64,aGVsbG8=' },
    ],
    [
      'source of Anthropic',
      { type: 'image', source: { type: 'base64', media_type: 'image/png', data: 'aGVsbG8=' } },
    ],
    ['inline data of Gemini', { inlineData: { mimeType: 'image/png', data: 'aGVsbG8=' } }],
    ['file of Vercel', { type: 'file', mediaType: 'image/png', data: 'aGVsbG8=' }],
    ['image of LangChain', { type: 'image', base64: 'aGVsbG8=', mime_type: 'image/png' }],
    ['image of MCP', { type: 'image', data: 'aGVsbG8=', mimeType: 'image/png' }],
    ['medium of Google', { type: 'media', data: 'aGVsbG8=', mime_type: 'image/png' }],
    ['binary of Pydantic', { type: 'binary', media_type: 'image/png', content: 'aGVsbG8=' }],
    [
      'URI of OpenLLMetry that is none',
      { type: 'uri', modality: 'image', mime_type: 'image/png', uri: 'aGVsbG8=' },
    ],
  ])('keeps media type and size of a %s, not the bytes', (_name, part) => {
    expect(partsOf(part)).toEqual([{ type: 'image', media_type: 'image/png', bytes: 5 }]);
  });

  it.each([
    [{ type: 'input_audio', input_audio: { format: 'wav', data: 'aGVsbG8=' } }, 'wav'],
    [{ type: 'audio', mime_type: 'audio/wav', base64: 'aGVsbG8=' }, 'audio/wav'],
  ])('keeps media type and size of audio, %j', (part, media_type) => {
    expect(partsOf(part)).toEqual([{ type: 'audio', media_type, bytes: 5 }]);
  });

  it('keeps the reference to media that Langfuse has uploaded', () => {
    const url = '@@@langfuseMedia:type=image/png|id=x1|source=base64_data_uri@@@';
    expect(partsOf({ type: 'image_url', image_url: { url } })).toEqual([
      { type: 'image', media_type: 'image/png', uri: url },
    ]);
  });

  it('keeps media type and size of an image in the output of a tool', () => {
    const [row] = prompts([
      {
        role: 'user',
        content: [
          {
            type: 'tool_result',
            tool_use_id: 'c1',
            content: [
              { type: 'text', text: 'here' },
              {
                type: 'image',
                source: { type: 'base64', media_type: 'image/png', data: 'aGVsbG8=' },
              },
            ],
          },
        ],
      },
    ]);
    expect(JSON.parse(row?.content ?? '')).toEqual([
      { type: 'text', text: 'here' },
      { type: 'image', media_type: 'image/png', bytes: 5 },
    ]);
  });

  it.each([
    [[{ type: 'file', name: 'a.txt', content: 'hello' }]],
    [{ type: 'video', title: 'x', url: 'https://example.com' }],
    [{ type: 'image', caption: 'a cat' }],
    [{ type: 'file', data: 'a,b' }],
  ])('keeps an output of a tool that only resembles media: %j', (answer) => {
    const { tools } = rowsOf({
      'gen_ai.operation.name': 'execute_tool',
      'gen_ai.tool.name': 'f',
      'traceloop.span.kind': 'tool',
      'traceloop.entity.output': json(answer),
    });
    expect(tools[0]?.output).toEqual(answer);
  });

  it('keeps a URI', () => {
    expect(partsOf({ type: 'uri', modality: 'image', uri: 'https://example.com/a.png' })).toEqual([
      { type: 'image', uri: 'https://example.com/a.png' },
    ]);
  });

  it.each([
    ['conventions', { type: 'tool_call', id: 'c1', name: 'f', arguments: { a: 1 } }],
    ['Anthropic', { type: 'tool_use', id: 'c1', name: 'f', input: { a: 1 } }],
    ['Vercel 5', { type: 'tool-call', toolCallId: 'c1', toolName: 'f', input: '{"a":1}' }],
    ['Gemini', { functionCall: { id: 'c1', name: 'f', args: { a: 1 } } }],
    ['Bedrock', { toolUse: { toolUseId: 'c1', name: 'f', input: { a: 1 } } }],
    [
      'OpenTelemetry\u2019s instrumentation of the Responses API',
      { type: 'tool_call', id: 'fc_1', call_id: 'c1', name: 'f', arguments: '{"a":1}' },
    ],
    ['responses', { type: 'function_call', call_id: 'c1', name: 'f', arguments: '"{\\"a\\":1}"' }],
    [
      'Agents SDK',
      { type: 'function_call', id: 'x', callId: 'c1', name: 'f', arguments: '{"a":1}' },
    ],
  ])('reads the tool call of %s with parsed arguments', (_name, part) => {
    const { completions, tools } = rowsOf(
      chat({ 'gen_ai.output.messages': json([{ role: 'assistant', parts: [part] }]) }),
    );
    expect(completions[0]?.parts).toEqual([
      { type: 'tool_call', id: 'c1', name: 'f', arguments: { a: 1 } },
    ]);
    expect(tools[0]).toMatchObject({ id: 'c1', name: 'f', arguments: { a: 1 } });
  });

  it.each([
    ['conventions', { type: 'tool_call_response', id: 'c1', response: { b: 2 } }],
    [
      'OpenTelemetry\u2019s instrumentation of the Responses API',
      { type: 'tool_call_response', call_id: 'c1', response: '{"b":2}' },
    ],
    [
      'Anthropic',
      { type: 'tool_result', tool_use_id: 'c1', content: [{ type: 'text', text: '{"b":2}' }] },
    ],
    [
      'Vercel',
      {
        type: 'tool-result',
        toolCallId: 'c1',
        toolName: 'f',
        output: { type: 'json', value: { b: 2 } },
      },
    ],
    ['Gemini', { functionResponse: { id: 'c1', name: 'f', response: { b: 2 } } }],
    ['Bedrock', { toolResult: { toolUseId: 'c1', content: [{ json: { b: 2 } }] } }],
    ['shell', { type: 'local_shell_call_output', id: 'c1', output: '{"b":2}' }],
    [
      'Agents SDK',
      { type: 'function_call_result', callId: 'c1', output: { type: 'text', text: '{"b":2}' } },
    ],
  ])('makes a tool message from the result of %s', (_name, part) => {
    const [row] = prompts([{ role: 'user', parts: [part] }]);
    expect(row).toMatchObject({
      role: 'tool',
      content: '{"b":2}',
      tool_call_id: 'c1',
      parts: null,
    });
  });

  it.each(['reasoning', 'reasoning_content'])('reads reasoning in the field %s', (field) => {
    const [row] = prompts([{ role: 'assistant', content: 'yo', [field]: 'hm' }]);
    expect(row).toMatchObject({
      content: 'yo',
      parts: [
        { type: 'reasoning', text: 'hm' },
        { type: 'text', text: 'yo' },
      ],
    });
  });

  it('reads reasoning in the details of OpenRouter', () => {
    const details = [
      { type: 'reasoning.text', text: 'h' },
      { type: 'reasoning.summary', summary: 'm' },
    ];
    const [row] = prompts([{ role: 'assistant', content: 'yo', reasoning_details: details }]);
    expect(row?.parts).toMatchObject([{ type: 'reasoning', text: 'hm' }, { type: 'text' }]);
  });

  it.each([
    ['beside it', { content: 'yo', annotations: [{ url: 'a' }] }, { annotations: [{ url: 'a' }] }],
    [
      'in its part',
      { content: [{ type: 'text', text: 'yo', citations: [1] }] },
      { citations: [1] },
    ],
  ])('keeps the sources of a text: %s', (_name, message, sources) => {
    const [row] = prompts([{ role: 'assistant', ...message }]);
    expect(row).toMatchObject({ content: 'yo', parts: [{ type: 'text', text: 'yo', ...sources }] });
  });

  it('keeps no parts of a text without sources', () => {
    const content = [{ type: 'output_text', text: 'yo', annotations: [] }];
    expect(prompts([{ role: 'assistant', content }])[0]?.parts).toBeNull();
  });

  it.each([
    ['computer_call', { action: { type: 'click' } }, 'computer', { type: 'click' }],
    ['shell_call', { action: { commands: ['ls'] } }, 'shell', { commands: ['ls'] }],
    ['apply_patch_call', { operation: { path: 'a' } }, 'apply_patch', { path: 'a' }],
  ])('reads the call of a tool of the Responses API: %s', (type, fields, name, args) => {
    const [row] = prompts([{ type, id: 'x', call_id: 'c1', ...fields }]);
    expect(row?.parts).toEqual([{ type: 'tool_call', id: 'c1', name, arguments: args }]);
  });

  it('says that a tool failed', () => {
    const result = { type: 'tool_result', tool_use_id: 'c1', content: 'no', is_error: true };
    const [row] = prompts([{ role: 'user', content: [result] }]);
    expect(row).toMatchObject({
      content: 'no',
      parts: [{ type: 'tool_result', id: 'c1', output: 'no', is_error: true }],
    });
  });

  it('reads a tool that the provider ran as part of the model\u2019s turn', () => {
    const rows = prompts([
      { role: 'user', content: 'hello' },
      { type: 'web_search_call', id: 'ws_1', status: 'completed' },
      { type: 'image_generation_call', id: 'ig_1', result: 'aGVsbG8=' },
    ]);
    expect(rows.map(({ role, parts }) => [role, parts])).toEqual([
      ['user', null],
      [
        'assistant',
        [
          { type: 'web_search_call', id: 'ws_1', status: 'completed' },
          { type: 'image', bytes: 5 },
        ],
      ],
    ]);
  });

  it('makes a row for each of several results in one message', () => {
    const rows = prompts([
      {
        role: 'user',
        content: [
          { type: 'tool_result', tool_use_id: 'c1', content: 'one' },
          { type: 'tool_result', tool_use_id: 'c2', content: 'two' },
          { type: 'text', text: 'and now?' },
        ],
      },
    ]);
    expect(rows.map(({ role, content, tool_call_id }) => [role, content, tool_call_id])).toEqual([
      ['tool', 'one', 'c1'],
      ['tool', 'two', 'c2'],
      ['user', 'and now?', null],
    ]);
  });

  it('keeps a broken inner JSON as text of an unknown role', () => {
    const broken = '[{"role":"user","parts":[{"type":"te';
    const [row] = rowsOf(chat({ 'gen_ai.input.messages': broken })).prompts;
    expect(row).toMatchObject({ role: null, content: broken });
  });

  it('cleans NUL and lone surrogates that appear only after parsing', () => {
    const text = '[{"role":"user","content":"a\\u0000b \\ud83d c"}]';
    const [row] = rowsOf(chat({ 'gen_ai.input.messages': text })).prompts;
    expect(row?.content).toBe('a\ufffdb \ufffd c');
  });

  it('keeps the text of a tool message unchanged', () => {
    const [row] = prompts([{ role: 'tool', tool_call_id: 'c1', content: '{"a": 1.0}' }]);
    expect(row?.content).toBe('{"a": 1.0}');
  });

  it('cuts values that are nested too deeply, and JSON in JSON in JSON', () => {
    const deep = `${'['.repeat(5000)}${']'.repeat(5000)}`;
    const message = [{ role: 'tool', tool_call_id: 'c1', content: deep }];
    expect(() => prompts(message)).not.toThrow();
    let nested = '"x"';
    for (let i = 0; i < 12; i++) nested = JSON.stringify(nested);
    expect(
      rowsOf({ 'traceloop.span.kind': 'workflow', 'traceloop.entity.output': nested }).span.output,
    ).toBe('x');
  });

  it('bounds the messages of one span, with a mark', () => {
    const rows = prompts(Array.from({ length: 5000 }, () => ({ role: 'user', content: 'x' })));
    expect(rows).toHaveLength(4001);
    expect(rows.at(-1)?.content).toBe('…[cut: 4000 of 5000 messages]');
  });
});
