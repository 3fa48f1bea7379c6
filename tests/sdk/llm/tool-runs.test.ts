import { describe, expect, it } from 'vitest';
import { span } from '../../../sdk/index.ts';
import { partsJson } from '../../../sdk/llm/model.ts';
import { readRequest } from '../../../sdk/llm/read-request.ts';
import { recorded } from '../support/edge.ts';

const CITY = { city: 'Paris' };
const noop = (): void => undefined;
const messages = [{ role: 'user', content: 'How warm is it?' }];

/** The tool row of a function that is called with these arguments. */
async function runOf(args: unknown[], result: unknown = 27) {
  const { tools, spans } = await recorded(() => {
    span({ name: 'get_weather', kind: 'tool' }, (..._: unknown[]) => result)(...args);
  });
  expect(tools).toHaveLength(1);
  return { tool: tools[0], span: spans[0] };
}

describe('a tool that a framework runs', () => {
  it.each([
    ['AI SDK', { toolCallId: 'call_1', messages, abortSignal: undefined }],
    ['LangGraph', { toolCallId: 'call_1', configurable: {}, state: { messages } }],
    ['LangChain', { toolCall: { id: 'call_1', name: 'get_weather', args: CITY } }],
    ['Anthropic', { toolUse: { type: 'tool_use', id: 'call_1', input: CITY } }],
    ['OpenAI Agents, in its context', { details: { toolCall: { callId: 'call_1' } } }],
    ['Strands', { toolUse: { toolUseId: 'call_1' }, agent: {} }],
    ['ADK', { functionCallId: 'call_1' }],
  ])('is the row of the call whose id %s passes on', async (_, state) => {
    const { tool, span } = await runOf([CITY, state]);
    expect(tool).toMatchObject({
      id: 'call_1',
      run_span_id: span?.id,
      arguments: CITY,
      output: 27,
    });
    expect(span?.input).toEqual(CITY);
  });

  it('is the row of the call whose id is in the third argument', async () => {
    const { tool } = await runOf([CITY, { context: {} }, { toolCall: { callId: 'call_1' } }]);
    expect(tool).toMatchObject({ id: 'call_1', arguments: CITY });
  });

  it('is the row of the call that it gets as a whole', async () => {
    const call = { id: 'call_1', function: { name: 'get_weather', arguments: '{"city":"Paris"}' } };
    expect((await runOf([call])).tool).toMatchObject({ id: 'call_1', arguments: CITY });
  });

  it('has no id of a program that has calls of its own', async () => {
    const { tool, span } = await runOf([CITY, { callId: 'CA1', id: 'x', phone: '1' }]);
    expect(tool).toMatchObject({ id: span?.id, arguments: CITY });
  });

  it('has the first argument, without the state of the framework', async () => {
    const extra = {
      signal: new AbortController().signal,
      sendNotification: noop,
      sendRequest: noop,
    };
    expect((await runOf([CITY, extra])).tool?.arguments).toEqual(CITY);
    expect((await runOf([extra])).tool).not.toHaveProperty('arguments');
    expect((await runOf([CITY, noop])).tool?.arguments).toEqual(CITY);
  });

  it('has all of its positional arguments', async () => {
    expect((await runOf(['Paris', 'C'])).tool?.arguments).toEqual(['Paris', 'C']);
    expect((await runOf([CITY, 'C'])).tool?.arguments).toEqual([CITY, 'C']);
    expect((await runOf(['Paris'])).tool?.arguments).toBe('Paris');
    expect((await runOf([])).tool).not.toHaveProperty('arguments');
  });

  it('has a state that cannot be read', async () => {
    const hostile = new Proxy(
      {},
      {
        get: () => {
          throw new Error('no');
        },
        has: () => {
          throw new Error('no');
        },
      },
    );
    const { tool } = await runOf([CITY, hostile]);
    expect(tool).toMatchObject({ run_span_id: expect.any(String), output: 27 });
  });

  it('does not take the call of the tool around it, which passes its state on', async () => {
    const state = { toolCallId: 'call_1' };
    const { tools } = await recorded(() => {
      const inner = span({ name: 'fetch_page', kind: 'tool' }, (..._: unknown[]) => 'page');
      span({ name: 'search', kind: 'tool' }, (_: object, given: object) =>
        inner({ url: 'a' }, given),
      )({ query: 'x' }, state);
    });
    expect(tools).toHaveLength(2);
    expect(tools).toEqual(
      expect.arrayContaining([
        expect.objectContaining({ name: 'search', id: 'call_1' }),
        expect.objectContaining({ name: 'fetch_page', id: expect.not.stringMatching('call_1') }),
      ]),
    );
  });
});

describe('a tool that says that it failed', () => {
  const content = [{ type: 'text', text: 'quota exceeded' }];
  it.each([
    ['MCP', { content, isError: true }],
    ['Anthropic', { type: 'tool_result', content: 'quota exceeded', is_error: true }],
    ['LangChain', { tool_call_id: 'a', content: 'quota exceeded', status: 'error' }],
  ])('by the result of %s has the status of an error', async (_, result) => {
    const { tool, span } = await runOf([CITY], result);
    const error = { type: 'ToolError', message: 'quota exceeded' };
    expect(tool).toMatchObject({ status: 'error', error });
    expect(span).toMatchObject({ status: 'error', error });
  });

  it('is not one whose result has a status of its own', async () => {
    expect((await runOf([CITY], { status: 'error', rows: 0 })).tool?.status).toBe('ok');
  });
});

describe('the result of a tool in the next request', () => {
  const ask = (result: object) => [
    { role: 'user', content: 'How warm is it?' },
    {
      role: 'assistant',
      content: [{ type: 'tool_use', id: 'a', name: 'get_weather', input: CITY }],
    },
    { role: 'user', content: [result] },
  ];
  it.each([
    [
      'Anthropic',
      { type: 'tool_result', tool_use_id: 'a', content: 'quota exceeded', is_error: true },
    ],
    [
      'Bedrock',
      { toolResult: { toolUseId: 'a', content: [{ text: 'quota exceeded' }], status: 'error' } },
    ],
    [
      'Vercel AI SDK',
      {
        type: 'tool-result',
        toolCallId: 'a',
        output: { type: 'error-text', value: 'quota exceeded' },
      },
    ],
  ])('says that the tool failed: %s', async (_, result) => {
    const { tools, prompts } = await recorded(() => {
      span({ kind: 'llm', name: 'ask' }, (_: object) => 'ok')({ messages: ask(result) });
    });
    expect(tools).toMatchObject([{ id: 'a', output: 'quota exceeded', status: 'error' }]);
    expect(prompts.at(-1)).toMatchObject({
      role: 'tool',
      tool_call_id: 'a',
      content: 'quota exceeded',
      parts: [{ type: 'tool_result', id: 'a', output: 'quota exceeded', is_error: true }],
    });
  });
});

describe('requests', () => {
  const promptsOf = (request: unknown) => readRequest([request], true, true)?.prompts;

  it('keep the reasoning of an earlier turn', () => {
    const turn = { role: 'assistant', content: 'Warm.', reasoning_content: 'Let me think.' };
    const [prompt] = promptsOf({ messages: [turn] }) ?? [];
    expect(prompt).toMatchObject({ content: 'Warm.' });
    expect(partsJson(prompt?.parts ?? [])).toContain('Let me think.');
  });

  it('may have a spoken answer of an earlier turn', () => {
    const turns = [
      { role: 'assistant', audio: { id: 'audio_1' } },
      { role: 'user', content: 'And?' },
    ];
    expect(promptsOf({ messages: turns })).toMatchObject([
      { role: 'assistant' },
      { content: 'And?' },
    ]);
  });

  it('are in the body of InvokeModel', async () => {
    const body = JSON.stringify({ max_tokens: 5, messages });
    const command = { middlewareStack: { add: noop }, input: { modelId: 'claude', body } };
    const { prompts, spans } = await recorded(() => {
      span({ kind: 'llm', name: 'ask' }, (_: object) => 'ok')(command);
      span({ name: 'put' }, (_: object) => 'ok')({ middlewareStack: {}, input: { Bucket: 'b' } });
    });
    expect(prompts).toMatchObject([{ role: 'user', content: 'How warm is it?' }]);
    expect(spans.map(({ input }) => input)).toEqual([
      { max_tokens: 5, modelId: 'claude' },
      { Bucket: 'b' },
    ]);
  });

  it.each([
    ['Llama', { prompt: 'Hi' }],
    ['Titan', { inputText: 'Hi' }],
    ['Cohere', { message: 'Hi' }],
  ])('are in the body of InvokeModel for %s', (_, body) => {
    const bytes = new TextEncoder().encode(JSON.stringify(body));
    const command = { middlewareStack: {}, input: { modelId: 'm', body: bytes } };
    expect(readRequest([command], true, true)).toMatchObject({
      model: 'm',
      prompts: [{ content: 'Hi' }],
    });
  });
});
