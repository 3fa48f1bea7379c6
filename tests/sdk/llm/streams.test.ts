import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { span, trace } from '../../../sdk/index.ts';
import { recorded } from '../support/edge.ts';
import { duration } from '../support/stream-reading.ts';

const messages = [{ role: 'user', content: 'Weather in Paris?' }];

const head = { id: 'chatcmpl-1', object: 'chat.completion.chunk', model: 'gpt-4o-mini-2024-07-18' };
const choice = (delta: object, index = 0, finish_reason: string | null = null) => ({
  ...head,
  choices: [{ index, delta, finish_reason }],
});
const call = (index: number, rest: object) => choice({ tool_calls: [{ index, ...rest }] });

const CHUNKS = [
  choice({ role: 'assistant', content: '' }),
  choice({ role: 'assistant', content: 'Sun' }, 1),
  choice({ content: 'ny.' }, 1),
  call(0, { id: 'call_1', type: 'function', function: { name: 'get_weather', arguments: '' } }),
  call(1, { id: 'call_2', type: 'function', function: { name: 'get_time', arguments: '{"zo' } }),
  call(0, { function: { arguments: '{"city":' } }),
  call(1, { function: { arguments: 'ne":1}' } }),
  call(0, { function: { arguments: '"Paris"}' } }),
  choice({}, 0, 'tool_calls'),
  choice({}, 1, 'stop'),
  {
    ...head,
    choices: [],
    usage: { prompt_tokens: 9, completion_tokens: 6, total_tokens: 15 },
  },
];

async function* streamed(chunks: object[], pauseMillis = 0): AsyncGenerator<object> {
  for (const chunk of chunks) {
    if (pauseMillis > 0) await sleep(pauseMillis);
    yield structuredClone(chunk);
  }
}

/** The stream of a client: an object that returns a generator. */
const client = (chunks: object[], pauseMillis = 0) => ({
  [Symbol.asyncIterator]: () => streamed(chunks, pauseMillis),
});

async function drain(items: AsyncIterable<unknown>, limit = Infinity): Promise<void> {
  let count = 0;
  for await (const _ of items) if (++count >= limit) break;
}

describe('a streamed OpenAI chat completion', () => {
  it('is recorded like a completion without streaming, with the time to the first token', async () => {
    const { spans, prompts, completions, tools } = await recorded(() =>
      drain(span('chat', (_: object) => client(CHUNKS, 5))({ model: 'gpt-4o-mini', messages })),
    );
    expect(spans[0]).toMatchObject({ kind: 'llm', status: 'ok', input: { model: 'gpt-4o-mini' } });
    expect(spans[0]).not.toHaveProperty('output');
    expect(prompts).toMatchObject([{ role: 'user', content: 'Weather in Paris?' }]);
    expect(completions).toMatchObject([
      {
        role: 'assistant',
        finish_reason: 'tool_calls',
        model: head.model,
        response_id: head.id,
        prompt_tokens: 9,
        completion_tokens: 6,
        total_tokens: 15,
      },
      { completion_index: 1, content: 'Sunny.', finish_reason: 'stop' },
    ]);
    // The second chunk has the first text; nine more follow after a pause each.
    const toFirst = completions[0]?.time_to_first_token_ms ?? Number.NaN;
    expect(toFirst).toBeGreaterThan(8);
    expect(duration(spans[0]) - toFirst).toBeGreaterThan(9 * 4);
    expect(tools).toMatchObject([
      { id: 'call_1', name: 'get_weather', arguments: { city: 'Paris' } },
      { id: 'call_2', name: 'get_time', arguments: { zone: 1 } },
    ]);
  });

  it('is recorded up to the last item, without usage, when the caller stops early', async () => {
    const chunks = ['One', ' two', ' three'].map((content) => choice({ content }));
    const { completions, spans } = await recorded(() =>
      drain(span('chat', (_: object) => client(chunks))(messages), 2),
    );
    expect(spans[0]).toMatchObject({ kind: 'llm', status: 'ok' });
    expect(completions).toMatchObject([{ content: 'One two', model: head.model }]);
    for (const field of ['prompt_tokens', 'completion_tokens', 'total_tokens', 'finish_reason']) {
      expect(completions[0]).not.toHaveProperty(field);
    }
  });

  it('is recorded up to the last item when it fails', async () => {
    const { completions, spans } = await recorded(async () => {
      const broken = span('chat', async function* (_: object) {
        yield choice({ content: 'Half' });
        throw new Error('socket hang up');
      });
      await expect(drain(broken(messages))).rejects.toThrow('socket');
    });
    expect(spans[0]).toMatchObject({ kind: 'llm', status: 'error' });
    expect(completions).toMatchObject([{ content: 'Half' }]);
  });

  it('is recorded once when a parent returns the stream or its items', async () => {
    const { completions, spans } = await recorded(async () => {
      const child = span('child', async (_: object[]) => client(CHUNKS));
      const parent = span('parent', (list: object[]) => child(list));
      const root = trace('root', async function* (list: object[]) {
        yield* await parent(list);
      });
      await drain(root(messages));
    });
    expect(completions).toHaveLength(2);
    expect(spans.map(({ name, kind }) => [name, kind])).toEqual([
      ['child', 'llm'],
      ['parent', 'span'],
      ['root', 'span'],
    ]);
  });

  it('cannot change a prototype, nor grow without limit', async () => {
    const hostile = [
      JSON.parse('{"choices":[{"delta":{"__proto__":{"polluted":1},"content":"a"}}]}') as object,
      { choices: [{ index: 4_000_000_000, delta: { content: 'far' } }] },
      ...Array.from({ length: 30 }, () => choice({ content: 'x'.repeat(100_000) })),
    ];
    const { completions } = await recorded(() =>
      drain(span('chat', (_: object) => client(hostile))(messages)),
    );
    expect(({} as { polluted?: number }).polluted).toBeUndefined();
    expect(completions).toHaveLength(1);
    expect(completions[0]?.content).toMatch(/…\[cut: 1048576 of \d+ bytes\]$/);
  });

  it('records no content without captureContent', async () => {
    const all = await recorded(
      () => drain(span('chat', (_: object) => client(CHUNKS))({ messages })),
      { captureContent: false },
    );
    expect(all.completions[0]).toMatchObject({ prompt_tokens: 9, model: head.model });
    expect(JSON.stringify(all)).not.toMatch(/Paris|Sunny/);
  });
});

describe('the helper streams of clients, which run by themselves', () => {
  it('are recorded without a listener', async () => {
    class Helper {
      private readonly listeners: ((chunk: object) => void)[] = [];
      on(_: string, listener: (chunk: object) => void): this {
        this.listeners.push(listener);
        return this;
      }
      _emit(event: string, ...args: object[]): void {
        if (event === 'chunk') for (const listener of this.listeners) listener(args[0] as object);
      }
      async run(): Promise<void> {
        for (const chunk of CHUNKS) this._emit('chunk', chunk);
        this._emit('end');
      }
      [Symbol.asyncIterator](): AsyncIterator<object> {
        throw new Error('nobody iterates');
      }
    }
    const heard: object[] = [];
    const { completions } = await recorded(() => {
      const stream = span('chat', (_: object) => new Helper())(messages);
      return stream.on('chunk', (chunk) => heard.push(chunk)).run();
    });
    expect(heard).toHaveLength(CHUNKS.length);
    expect(completions).toMatchObject([{ prompt_tokens: 9 }, { content: 'Sunny.' }]);
  });
});

describe('a declared LLM call that returns the body of a stream', () => {
  const text = [...CHUNKS.map((chunk) => JSON.stringify(chunk)), '[DONE]']
    .map((data) => `data: ${data}\n\n`)
    .join('');
  it.each([
    ['as one text', () => text],
    ['as bytes', () => new Response(text).body],
    [
      'in a Response',
      () => new Response(text, { headers: { 'content-type': 'text/event-stream' } }),
    ],
  ])('is recorded as the reply that the events are: %s', async (_, make) => {
    const { completions, tools } = await recorded(async () => {
      const result = span({ kind: 'llm', name: 'ask' }, (_: object): unknown => make())({
        messages,
      });
      if (result instanceof Response) await result.text();
      else if (result instanceof ReadableStream) for await (const _ of result);
    });
    expect(completions).toMatchObject([{ total_tokens: 15 }, { content: 'Sunny.' }]);
    expect(tools).toHaveLength(2);
  });
});

describe('a declared LLM call that streams text', () => {
  it('is recorded as one completion', async () => {
    const { completions, spans } = await recorded(() => {
      const ask = span({ kind: 'llm', name: 'ask' }, async function* (_: string) {
        yield 'Fo';
        yield 'ur.';
      });
      return drain(ask('Two plus two?'));
    });
    expect(completions).toMatchObject([{ role: 'assistant', content: 'Four.' }]);
    expect(spans[0]).not.toHaveProperty('output');
  });
});
