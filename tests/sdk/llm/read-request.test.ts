import { describe, expect, it } from 'vitest';
import { span, trace } from '../../../sdk/index.ts';
import { recorded } from '../support/edge.ts';

const messages = [
  { role: 'system', content: 'Be brief.' },
  { role: 'user', content: 'Weather in Paris?' },
];

const completion = {
  id: 'chatcmpl-1',
  object: 'chat.completion',
  model: 'gpt-4o-mini-2024-07-18',
  choices: [
    {
      index: 0,
      finish_reason: 'tool_calls',
      message: {
        role: 'assistant',
        content: null,
        tool_calls: [
          {
            id: 'call_1',
            type: 'function',
            function: { name: 'get_weather', arguments: '{"city":"Paris"}' },
          },
        ],
      },
    },
    { index: 1, finish_reason: 'stop', message: { role: 'assistant', content: 'Sunny.' } },
  ],
  usage: {
    prompt_tokens: 20,
    completion_tokens: 5,
    prompt_tokens_details: { cached_tokens: 16 },
    completion_tokens_details: { reasoning_tokens: 0 },
  },
};

describe('an OpenAI chat completion', () => {
  it('is recorded as prompts, completions and tools, with its messages stored once', async () => {
    const { spans, prompts, completions, tools } = await recorded(() =>
      span('chat', async (_: object) => structuredClone(completion))({
        model: 'gpt-4o-mini',
        temperature: 0,
        messages,
      }),
    );
    const { trace_id, id: span_id } = spans[0] ?? {};
    expect(spans[0]).toMatchObject({
      kind: 'llm',
      input: { model: 'gpt-4o-mini', temperature: 0 },
    });
    expect(spans[0]).not.toHaveProperty('output');
    expect(prompts).toEqual([
      { trace_id, span_id, message_index: 0, role: 'system', content: 'Be brief.' },
      { trace_id, span_id, message_index: 1, role: 'user', content: 'Weather in Paris?' },
    ]);
    const shared = { trace_id, span_id, role: 'assistant', model: completion.model };
    const call = { type: 'tool_call', id: 'call_1', name: 'get_weather' };
    expect(completions).toEqual([
      {
        ...shared,
        completion_index: 0,
        parts: [{ ...call, arguments: { city: 'Paris' } }],
        finish_reason: 'tool_calls',
        response_id: 'chatcmpl-1',
        prompt_tokens: 20,
        completion_tokens: 5,
        total_tokens: 25,
        cached_tokens: 16,
        reasoning_tokens: 0,
      },
      {
        ...shared,
        completion_index: 1,
        content: 'Sunny.',
        finish_reason: 'stop',
        response_id: 'chatcmpl-1',
      },
    ]);
    expect(tools).toEqual([
      { trace_id, span_id, id: 'call_1', name: 'get_weather', arguments: { city: 'Paris' } },
    ]);
  });

  it('is recorded once when parents return the result of their child', async () => {
    const { spans, completions, traces } = await recorded(() => {
      const child = span('child', async (_: object[]) => structuredClone(completion));
      const parent = span('parent', (list: object[]) => child(list));
      return trace('root', (list: object[]) => parent(list))(messages);
    });
    expect(completions).toHaveLength(2);
    expect(spans.map(({ name, kind }) => [name, kind])).toEqual([
      ['child', 'llm'],
      ['parent', 'span'],
      ['root', 'span'],
    ]);
    expect(traces[0]).toMatchObject({ input: messages, output: completion });
  });

  it('has no token counts where the reply has none, never 0', async () => {
    const { completions } = await recorded(() =>
      span('chat', (_: object[]) => ({ ...completion, usage: { prompt_tokens: 3 } }))(messages),
    );
    expect(completions[0]).toMatchObject({ prompt_tokens: 3 });
    for (const field of ['completion_tokens', 'total_tokens', 'cached_tokens']) {
      expect(completions[0]).not.toHaveProperty(field);
    }
  });
});

describe('messages', () => {
  it('keep parts other than text, tool calls and tool results', async () => {
    const list = [
      {
        role: 'user',
        name: 'ann',
        content: [
          { type: 'text', text: 'What is this?' },
          { type: 'image_url', image_url: { url: 'https://a.test/b.png' } },
        ],
      },
      {
        role: 'assistant',
        content: null,
        tool_calls: [
          { id: 'call_1', type: 'function', function: { name: 'look', arguments: 'no' } },
        ],
      },
      { role: 'tool', tool_call_id: 'call_1', content: '{"answer":"a cat"}' },
    ];
    const { prompts, tools, spans } = await recorded(() =>
      span({ name: 'chat', kind: 'llm' }, (_: object[]) => 'A cat.')(list),
    );
    expect(prompts).toMatchObject([
      {
        role: 'user',
        name: 'ann',
        content: 'What is this?',
        parts: [
          { type: 'text', text: 'What is this?' },
          { type: 'image', uri: 'https://a.test/b.png' },
        ],
      },
      {
        role: 'assistant',
        parts: [{ type: 'tool_call', id: 'call_1', name: 'look', arguments: 'no' }],
      },
      { role: 'tool', tool_call_id: 'call_1', content: '{"answer":"a cat"}' },
    ]);
    expect(tools).toEqual([
      { trace_id: spans[0]?.trace_id, id: 'call_1', output: { answer: 'a cat' } },
    ]);
  });

  it('with the same content keep their roles', async () => {
    const list = ['user', 'assistant', 'user', 'user'].map((role) => ({ role, content: 'Yes?' }));
    const { prompts } = await recorded(() => {
      for (let call = 0; call < 2; call++) {
        span({ kind: 'llm', name: 'chat' }, (_: object[]) => 'Yes?')(list);
      }
    });
    expect(prompts).toMatchObject([...list, ...list]);
  });

  it('of history do not record a tool result again', async () => {
    const list = [
      { role: 'tool', tool_call_id: 'old', content: '1' },
      { role: 'assistant', content: 'Done.' },
      { role: 'user', content: 'And now?' },
    ];
    const { tools } = await recorded(() =>
      span({ kind: 'llm', name: 'chat' }, (_: object[]) => 'Fine.')(list),
    );
    expect(tools).toEqual([]);
  });

  it.each<[string, unknown[]]>([
    ['alone', [messages]],
    ['with more in them', [[{ role: 'user', content: 'hi', extra: 1 }]]],
    ['before other arguments', [messages, { temperature: 1 }]],
    ['before several arguments', [messages, 1, [2]]],
    ['in a field', [{ messages, model: 'm' }]],
    ['in a field alone', [{ messages }]],
    ['before undefined', [messages, undefined]],
  ])('%s are the input of a function that is no LLM call', async (_, args) => {
    const { spans, prompts } = await recorded(() => span('f', (..._: unknown[]) => 7)(...args));
    const expected = JSON.parse(JSON.stringify(args.length === 1 ? args[0] : args)) as unknown;
    expect(spans[0]).toMatchObject({ kind: 'span', input: expected, output: 7 });
    expect(prompts).toEqual([]);
  });
});

describe("the documentation's plain reply", () => {
  it('is recorded as a completion and a tool', async () => {
    const { completions, tools, spans } = await recorded(() =>
      span('llm', (_: object[]) => ({ content: 'Mock', tool_used: 'get_weather' }))(messages),
    );
    expect(completions[0]).toMatchObject({ role: 'assistant', content: 'Mock' });
    expect(tools[0]).toMatchObject({ id: `${spans[0]?.id}:0`, name: 'get_weather' });
  });

  it.each<[string, unknown, unknown]>([
    ['an object with content, without messages', 'query', { content: 'page' }],
    ['a message of the user', messages, { role: 'user', content: 'hi' }],
    ['a text', messages, 'hi'],
    ['text that looks like usage', messages, '{"usage":{"prompt_tokens":9}}'],
  ])('is not seen in %s', async (_, argument, result) => {
    const { spans, completions } = await recorded(() =>
      span('f', (_: unknown) => result)(argument),
    );
    expect(completions).toEqual([]);
    expect(spans[0]).toMatchObject({ kind: 'span', output: result });
  });
});

describe('a declared LLM call', () => {
  it('records a text as prompt and a text as completion', async () => {
    const { prompts, completions } = await recorded(() =>
      span({ kind: 'llm', name: 'ask' }, async (_: string) => 'Four.')('Two plus two?'),
    );
    expect(prompts[0]).toMatchObject({ role: 'user', content: 'Two plus two?' });
    expect(completions[0]).toMatchObject({ role: 'assistant', content: 'Four.' });
  });

  it('records its prompts when it fails', async () => {
    const { spans, prompts } = await recorded(() =>
      span({ kind: 'llm', name: 'ask' }, async (_: object[]) => {
        throw new Error('429');
      })(messages).catch(() => undefined),
    );
    expect(prompts).toHaveLength(2);
    expect(spans[0]).toMatchObject({ kind: 'llm', status: 'error' });
  });

  it('is not detected in a function of another kind', async () => {
    const { spans, completions } = await recorded(() =>
      span({ kind: 'agent', name: 'f' }, (_: object[]) => structuredClone(completion))(messages),
    );
    expect(completions).toEqual([]);
    expect(spans[0]?.kind).toBe('agent');
  });
});

describe('the span of a tool', () => {
  it('is also a tool record, which the database joins to the tool call of the model', async () => {
    const { tools, spans } = await recorded(() =>
      span({ name: 'get_weather', kind: 'tool' }, async (_: object) => ({ degrees: 20 }))({
        city: 'Paris',
      }),
    );
    const { trace_id, id, started_at, ended_at } = spans[0] ?? {};
    expect(tools).toEqual([
      {
        trace_id,
        id,
        run_span_id: id,
        name: 'get_weather',
        status: 'ok',
        started_at,
        ended_at,
        arguments: { city: 'Paris' },
        output: { degrees: 20 },
      },
    ]);
  });
});

describe('captureContent: false', () => {
  it('records no content, and keeps tokens, models and names', async () => {
    const all = await recorded(
      () => span('chat', (_: object) => structuredClone(completion))({ messages, user: 'secret' }),
      { captureContent: false },
    );
    expect(all.prompts.map(({ role }) => role)).toEqual(['system', 'user']);
    expect(all.completions[0]).toMatchObject({ prompt_tokens: 20, model: completion.model });
    expect(all.tools[0]).toMatchObject({ name: 'get_weather' });
    expect(JSON.stringify(all)).not.toMatch(/Paris|brief|Sunny|secret/);
  });
});
