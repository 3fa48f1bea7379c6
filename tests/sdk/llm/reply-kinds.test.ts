import { describe, expect, it } from 'vitest';
import { partsJson } from '../../../sdk/llm/model.ts';
import { readReply } from '../../../sdk/llm/read-reply.ts';
import { REPLY_FORMS } from './reply-forms.ts';

const DECLARED = { isDeclared: true, hasMessages: true, model: null };
const UNKNOWN = { isDeclared: false, hasMessages: false, model: null };

const replyOf = (result: unknown, hints: Parameters<typeof readReply>[1] = DECLARED) => {
  const reply = readReply(result, hints, true);
  const [first] = reply?.completions ?? [];
  const parts = JSON.parse(first?.parts ? partsJson(first.parts) : 'null') as
    | { type: string; id?: string }[]
    | null;
  const isRequested = (id: string | null) =>
    (parts ?? []).some((part) => part.type === 'tool_call' && part.id === id);
  const calls = first?.toolCalls ?? [];
  const requested = calls.filter(({ id }) => isRequested(id));
  const ran = calls.filter(({ id }) => !isRequested(id));
  return {
    kind: reply?.kind,
    error: reply?.error ? (JSON.parse(reply.error) as unknown) : null,
    attributes: reply?.attributes,
    content: first?.content ?? null,
    parts,
    usage: first?.usage
      ? Object.fromEntries(
          Object.entries(first.usage).map(([key, count]) => [`${key}_tokens`, count]),
        )
      : null,
    calls: requested.map((call) => [
      call.id,
      call.name,
      JSON.parse(call.arguments ?? 'null') as unknown,
    ]),
    tools: ran.map((tool) => ({
      id: tool.id,
      name: tool.name,
      arguments: JSON.parse(tool.arguments ?? 'null') as unknown,
      output: JSON.parse(tool.output ?? 'null') as unknown,
      isFailed: tool.isFailed,
    })),
  };
};
const form = (name: string) => replyOf(REPLY_FORMS[name]?.whole);
const item = (fields: object) =>
  replyOf({ object: 'response', status: 'completed', output: [fields], usage: null });

const THOUGHT = 'Let me think about it.';
const ANSWER = 'It is warm. 🌞';

describe('reasoning', () => {
  it.each([
    'DeepSeek, reasoning',
    'OpenRouter, reasoning',
    'OpenRouter, reasoning in details alone',
    'Mistral, reasoning',
  ])('of %s is a part beside the text', (name) => {
    expect(form(name)).toMatchObject({
      content: ANSWER,
      parts: [
        { type: 'reasoning', text: THOUGHT },
        { type: 'text', text: ANSWER },
      ],
    });
  });
});

describe('what is beside the text', () => {
  it('is the transcript of a spoken answer', () => {
    expect(form('OpenAI, a spoken answer').content).toBe(ANSWER);
  });

  it.each([
    ['OpenAI, sources', ['https://weather.example/1', 'https://weather.example/2']],
    ['Anthropic, two citations of one text', ['one', 'two']],
  ])('are sources: %s', (name, sources) => {
    const { content, parts } = form(name);
    expect(content).toBe(ANSWER);
    for (const source of sources) expect(JSON.stringify(parts)).toContain(source);
  });
});

describe('usage', () => {
  it.each([
    ['DeepSeek', { prompt_tokens: 10, completion_tokens: 1, prompt_cache_hit_tokens: 8 }, 8],
    [
      'details before the older name',
      {
        prompt_tokens: 10,
        completion_tokens: 1,
        prompt_cache_hit_tokens: 9,
        prompt_tokens_details: { cached_tokens: 8 },
      },
      8,
    ],
  ])('has the cached tokens of %s', (_, usage, cached_tokens) => {
    expect(replyOf({ choices: [{ message: { content: 'a' } }], usage }).usage).toMatchObject({
      prompt_tokens: 10,
      cached_tokens,
      total_tokens: 11,
    });
  });

  it("keeps OpenRouter's cost as an attribute", () => {
    expect(form('OpenRouter, reasoning').attributes).toEqual({ 'gen_ai.usage.cost': 0.0012 });
  });
});

describe('errors with a status code of success', () => {
  const error = { code: 'server_error', message: 'exploded' };
  it.each([
    ['a failed response', { object: 'response', output: [], status: 'failed', error }],
    ['OpenRouter', { error: { code: 502, message: 'exploded' }, user_id: 'u' }],
    ['OpenRouter, in a choice', { choices: [{ message: { content: '' }, error }] }],
    ['Anthropic', { type: 'error', error: { type: 'overloaded_error', message: 'exploded' } }],
    ['Ollama', { error: 'exploded' }],
  ])('are errors of the span: %s', (_, result) => {
    expect(replyOf(result).error).toMatchObject({
      type: expect.any(String),
      message: 'exploded',
    });
  });

  it('have no message when content is not captured', () => {
    const reply = readReply({ error }, DECLARED, false);
    expect(JSON.parse(reply?.error ?? '')).toEqual({ type: 'server_error', code: 'server_error' });
  });

  it('are not found in a result of any function', () => {
    expect(readReply({ error }, UNKNOWN, true)).toBeUndefined();
  });

  it.each(['incomplete', 'cancelled'])('are no errors when a response is %s', (status) => {
    expect(replyOf({ object: 'response', output: [], status, error: null }).error).toBeNull();
  });
});

describe('a background response', () => {
  const pending = { object: 'response', id: 'resp_1', background: true, output: [], usage: null };
  it.each(['queued', 'in_progress'])('has no completion while it is %s', (status) => {
    const reply = readReply({ ...pending, status }, DECLARED, true);
    expect(reply?.completions).toEqual([]);
    expect(reply?.attributes).toEqual({
      'gen_ai.response.id': 'resp_1',
      'openai.response.status': status,
    });
  });

  it('has its usage where it is looked up, unlike one that was answered at once', () => {
    const done = { ...pending, status: 'completed', usage: { input_tokens: 3, output_tokens: 2 } };
    const lookup = { ...DECLARED, isLookup: true };
    expect(replyOf(done, lookup).usage).toMatchObject({ total_tokens: 5 });
    expect(replyOf({ ...done, background: false }, lookup).usage).toBeNull();
  });
});

describe('tool calls', () => {
  it.each([
    [
      'OpenAI',
      {
        choices: [
          { message: { tool_calls: [{ id: 'a', function: { name: 'now', arguments: '' } }] } },
        ],
      },
    ],
    [
      'Anthropic',
      { type: 'message', content: [{ type: 'tool_use', id: 'a', name: 'now', input: {} }] },
    ],
    [
      'Gemini',
      { candidates: [{ content: { parts: [{ functionCall: { id: 'a', name: 'now' } }] } }] },
    ],
    [
      'Bedrock',
      { output: { message: { content: [{ toolUse: { toolUseId: 'a', name: 'now' } }] } } },
    ],
  ])('without arguments have an empty object: %s', (_, result) => {
    expect(replyOf(result).calls).toEqual([['a', 'now', {}]]);
  });

  it.each([
    ['computer_call', { action: { type: 'click', x: 1 } }, 'computer', { type: 'click', x: 1 }],
    ['shell_call', { action: { commands: ['ls'] } }, 'shell', { commands: ['ls'] }],
    ['local_shell_call', { action: { command: ['ls'] } }, 'local_shell', { command: ['ls'] }],
    ['apply_patch_call', { operation: { path: 'a' } }, 'apply_patch', { path: 'a' }],
    ['custom_tool_call', { name: 'sql', input: 'select 1' }, 'sql', 'select 1'],
    ['some_new_call', { query: 'x', status: 'completed' }, 'some_new', { query: 'x' }],
  ])('of the Responses API are calls: %s', (type, fields, name, args) => {
    expect(item({ type, id: 'x', call_id: 'a', ...fields }).calls).toEqual([['a', name, args]]);
  });

  it.each([
    [
      'mcp_call',
      { name: 'search', server_label: 's', arguments: '{"q":1}', output: 'found', error: null },
      { name: 'search', arguments: { q: 1 }, output: 'found' },
    ],
    [
      'mcp_call',
      { name: 'search', arguments: '{}', output: null, error: { message: 'no' } },
      { name: 'search', arguments: {}, isFailed: true },
    ],
    [
      'web_search_call',
      { action: { type: 'search', query: 'x' } },
      { name: 'web_search', arguments: { type: 'search', query: 'x' } },
    ],
    [
      'file_search_call',
      { queries: ['x'], results: [{ text: 'y' }] },
      { name: 'file_search', arguments: { queries: ['x'] }, output: [{ text: 'y' }] },
    ],
    [
      'code_interpreter_call',
      { code: 'print(1)', outputs: [{ type: 'logs', logs: '1' }] },
      { name: 'code_interpreter', arguments: { code: 'print(1)' }, output: [{ logs: '1' }] },
    ],
    [
      'image_generation_call',
      { result: 'A'.repeat(400), revised_prompt: 'a cat' },
      { name: 'image_generation', arguments: { revised_prompt: 'a cat' }, output: { bytes: 300 } },
    ],
  ])('that the provider ran are tools with their result: %s', (type, fields, tool) => {
    const { tools, calls } = item({ type, id: 'x', status: 'completed', ...fields });
    expect(tools).toMatchObject([{ id: 'x', ...tool }]);
    expect(calls).toEqual([]);
  });

  it('of the server of Anthropic are tools, and parts with their input', () => {
    const { tools, parts, content } = form('Anthropic, a search by the server');
    expect(content).toBe('Noon.');
    expect(tools).toMatchObject([
      { id: 's', name: 'web_search', arguments: { query: 'time' }, output: [{ title: 'Time' }] },
    ]);
    expect(parts).toMatchObject([{ type: 'server_tool_use', input: { query: 'time' } }, {}, {}]);
  });
});

describe('calls of other kinds', () => {
  const usage = { input_tokens: 4, output_tokens: 3, total_tokens: 7 };
  it.each([
    ['an image', { created: 1, data: [{ b64_json: 'AAAA' }], usage }, { type: 'image', bytes: 3 }],
    [
      'an image by its address',
      { created: 1, data: [{ url: 'https://images.example/1' }], usage },
      { type: 'image', uri: 'https://images.example/1' },
    ],
    [
      'a moderation',
      { id: 'modr', model: 'm', results: [{ flagged: true, categories: { hate: true } }], usage },
      { type: 'moderation', flagged: true, categories: { hate: true } },
    ],
  ])('have their usage: %s', (_, result, part) => {
    expect(replyOf(result, UNKNOWN)).toMatchObject({
      kind: 'llm',
      parts: [part],
      usage: { total_tokens: 7 },
    });
  });

  it('have their usage: a transcription', () => {
    const result = { text: 'Hello.', usage: { type: 'tokens', ...usage } };
    expect(replyOf(result, UNKNOWN)).toMatchObject({
      content: 'Hello.',
      usage: { total_tokens: 7 },
    });
    expect(replyOf({ text: 'Hello.' }, UNKNOWN).kind).toBeUndefined();
  });

  it.each([
    ['embedMany', { embeddings: [[0.1]], values: ['a'], usage: { tokens: 3 } }],
    ['embed', { embedding: [0.1], value: 'a', usage: { tokens: 3 } }],
    ['Titan', { embedding: [0.1], inputTextTokenCount: 3 }],
  ])('have their usage: %s', (_, result) => {
    expect(replyOf(result, UNKNOWN)).toMatchObject({
      kind: 'embedding',
      content: null,
      usage: { prompt_tokens: 3 },
    });
  });

  it('have their usage when they are done: a batch', () => {
    const batch = { id: 'batch_1', object: 'batch', request_counts: { total: 2 }, model: 'm' };
    expect(replyOf({ ...batch, status: 'in_progress' }, UNKNOWN)).toMatchObject({
      usage: null,
      attributes: { 'gen_ai.response.id': 'batch_1', 'gen_ai.batch.status': 'in_progress' },
    });
    expect(replyOf({ ...batch, status: 'completed', usage }, UNKNOWN).usage).toMatchObject({
      total_tokens: 7,
    });
  });
});

describe('InvokeModel of Bedrock', () => {
  const invoked = (body: object) => replyOf({ body: Buffer.from(JSON.stringify(body)) });
  it.each([
    [
      'Anthropic',
      {
        type: 'message',
        content: [{ type: 'text', text: 'Hi' }],
        usage: { input_tokens: 3, output_tokens: 2 },
      },
    ],
    [
      'Llama',
      { generation: 'Hi', prompt_token_count: 3, generation_token_count: 2, stop_reason: 'stop' },
    ],
    ['Titan', { inputTextTokenCount: 3, results: [{ outputText: 'Hi', tokenCount: 2 }] }],
  ])('has the body of %s', (_, body) => {
    expect(invoked(body)).toMatchObject({ content: 'Hi', usage: { total_tokens: 5 } });
  });

  it('has the body of Mistral, without usage', () => {
    expect(invoked({ outputs: [{ text: 'Hi', stop_reason: 'stop' }] }).content).toBe('Hi');
  });
});
