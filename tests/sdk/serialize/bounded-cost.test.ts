/** Large values cost little, because they are cut before they are read, measured and escaped. */
import { describe, expect, it } from 'vitest';
import { span, status } from '../../../sdk/index.ts';
import { errorJson } from '../../../sdk/serialize/error-json.ts';
import { quoteText, snapshot } from '../../../sdk/serialize/snapshot.ts';
import { LIMITS } from '../../../wire/protocol.ts';
import { byteLength } from '../../../wire/text.ts';
import { recorded } from '../support/edge.ts';

const VALUES: [string, () => unknown][] = [
  ['a text of 50 MB', () => 'x y '.repeat(12_500_000)],
  ['a text of 100 MB, flat', () => Buffer.alloc(100_000_000, 'x y ').toString('latin1')],
  ['a text of 20 MB of lone surrogates', () => '\ud800'.repeat(10_000_000)],
  ['a text of 30 MB of control characters', () => '\u0001'.repeat(30_000_000)],
  [
    'base64 of 30 MB in an object',
    () => ({ image: Buffer.alloc(22_000_000, 7).toString('base64') }),
  ],
  ['a list of ten million', () => new Array(10_000_000).fill(1)],
  ['a map of a million', () => new Map(Array.from({ length: 1_000_000 }, (_, i) => [i, i]))],
  [
    'a chat completion of 50 MB',
    () => ({
      choices: [{ message: { role: 'assistant', content: 'x y '.repeat(12_500_000) } }],
    }),
  ],
];

describe('a large value', () => {
  it.each(VALUES)('%s fits into one field', (_, make) => {
    expect(byteLength(snapshot(make()) ?? '')).toBeLessThanOrEqual(LIMITS.maxJsonBytes + 128);
  });

  it('an error message of 10 MB fits into one field', () => {
    const error = new Error('x '.repeat(5_000_000));
    expect(byteLength(errorJson(error))).toBeLessThanOrEqual(LIMITS.maxJsonBytes);
  });

  it('a list that was thrown is named by its length, without a look at its items', () => {
    let texts = 0;
    const item = {
      toString(): string {
        texts += 1;
        return `item ${texts}`;
      },
    };
    const message = (thrown: unknown): unknown => JSON.parse(errorJson(thrown)).message;
    expect(message(new Array(1_000_000).fill(item))).toBe('[list of 1000000]');
    expect(message([])).toBe('[list of 0]');
    expect(message(item)).toBe('item 1');
    expect(texts).toBe(1);
  });

  it('of a hundred thousand keys is listed once, and few of its values are read', () => {
    let lists = 0;
    let reads = 0;
    const keys = Object.fromEntries(
      Array.from({ length: 100_000 }, (_, n) => [`k${n}`, 'x'.repeat(50)]),
    );
    const watched = new Proxy(keys, {
      ownKeys: (target) => {
        lists += 1;
        return Reflect.ownKeys(target);
      },
      get: (target, key, self) => {
        reads += 1;
        return Reflect.get(target, key, self);
      },
    });
    expect(snapshot(watched)).toContain('of 100000 keys]');
    expect(lists).toBe(1);
    expect(reads).toBeLessThan(60_000);
  });

  it('does not push out the records of others', async () => {
    const before = status().dropped;
    const large = 'x y '.repeat(12_500_000);
    const { completions, spans } = await recorded(
      () => {
        const call = span({ name: 'large', kind: 'llm' }, (_: string) => large);
        const other = span('other', () => 1);
        for (let i = 0; i < 3; i++) {
          call(large);
          other();
        }
      },
      { maxQueueBytes: 40_000_000 },
    );
    expect(status().dropped).toBe(before);
    expect(spans).toHaveLength(6);
    expect(completions[0]?.content).toMatch(/…\[cut: 1048576 bytes of 50000000 characters\]$/);
  });

  it('of a million choices or messages is a bounded number of records', async () => {
    const million = <T>(item: T): T[] => Array.from({ length: 1_000_000 }, () => item);
    const choices = million({ message: { content: 'x' } });
    const messages = million({ role: 'user', content: 'y' });
    const { completions, prompts, spans } = await recorded(() => {
      const call = span({ kind: 'llm' }, (_: unknown) => ({ choices }));
      call({ messages });
    });
    expect([completions.length, prompts.length]).toEqual([4_000, 4_000]);
    expect(spans[0]?.attributes).toMatchObject({ 'agensight.lost': 1_992_000 });
    expect([choices.length, messages.length]).toEqual([1_000_000, 1_000_000]);
  });

  const part = { type: 'text', text: 'x' };
  const toolCall = { id: 'c', type: 'function', function: { name: 'f', arguments: '{}' } };
  const many = <T>(item: T): T[] => Array.from({ length: 100_000 }, () => item);

  it.each<[string, unknown, unknown]>([
    ['parts of a message', [{ role: 'user', content: many(part) }], 'y'],
    ['tool calls of a message', [{ role: 'assistant', tool_calls: many(toolCall) }], 'y'],
    [
      'parts of a tool result in a message',
      [{ role: 'user', content: [{ type: 'tool_result', tool_use_id: 'a', content: many(part) }] }],
      'y',
    ],
    ['parts of a choice', 'x', { choices: [{ message: { content: many(part) } }] }],
    ['tool calls of a choice', 'x', { choices: [{ message: { tool_calls: many(toolCall) } }] }],
    ['parts of a candidate', 'x', { candidates: [{ content: { parts: many({ text: 'x' }) } }] }],
    [
      'parts of an output',
      'x',
      { object: 'response', output: [{ type: 'message', content: many(part) }] },
    ],
    [
      'messages, parts and calls together',
      many({ role: 'user', content: many(part).slice(0, 200), tool_calls: [toolCall] }),
      'y',
    ],
  ])('of a hundred thousand %s is a bounded number of records', async (_, given, returned) => {
    let reads = 0;
    const watched = new Proxy(part, {
      get: (target, key, self) => {
        reads += 1;
        return Reflect.get(target, key, self);
      },
    });
    for (const list of [given, returned]) replacePart(list, watched);
    const { spans, completions, prompts, tools } = await recorded(() => {
      span({ kind: 'llm' }, (_: unknown) => returned)(given);
      span('other', () => 1)();
    });
    expect(spans.map(({ name }) => name)).toContain('other');
    expect(Object(spans[0]?.attributes)['agensight.lost']).toBeGreaterThan(80_000);
    expect(completions.length + prompts.length + tools.length).toBeLessThan(16_500);
    expect(reads).toBeLessThan(400_000);
  });

  /** Puts an item in the place of each part, at any depth. */
  function replacePart(value: unknown, item: object): void {
    if (!Array.isArray(value)) {
      if (value && typeof value === 'object')
        for (const one of Object.values(value)) replacePart(one, item);
      return;
    }
    if (value[0] === part) value.fill(item);
    else replacePart(value[0], item);
  }

  it('of characters that JSON cannot hold is written clean', () => {
    expect(JSON.parse(quoteText('a\u0000b\ud800c😀'))).toBe('a\ufffdb\ufffdc😀');
  });
});

describe('a `toJSON` on a built-in prototype', () => {
  const PROTOTYPES: [string, object][] = [
    ['Object', Object.prototype],
    ['Array', Array.prototype],
    ['String', String.prototype],
    ['Number', Number.prototype],
    ['Boolean', Boolean.prototype],
    ['Date', Date.prototype],
    ['BigInt', BigInt.prototype],
    ['Map', Map.prototype],
  ];

  it.each(PROTOTYPES)('of %s does not change what is recorded', async (_, prototype) => {
    const own = Object.getOwnPropertyDescriptor(prototype, 'toJSON');
    const { spans, completions } = await recorded(async () => {
      // Enumerable, as old libraries define it.
      Object.defineProperty(prototype, 'toJSON', {
        value: () => 'broken',
        configurable: true,
        enumerable: true,
      });
      try {
        span('f', (_: unknown) => ({
          list: [1, 'a', true, 7n],
          at: new Date(0),
          map: new Map([['k', 1]]),
        }))({ a: { b: [1] } });
        span({ kind: 'llm' }, (_: unknown) => ({
          choices: [{ message: { content: 'x' } }],
          usage: { prompt_tokens: 3 },
        }))([{ role: 'user', content: 'y' }]);
      } finally {
        if (own) Object.defineProperty(prototype, 'toJSON', own);
        else delete (prototype as { toJSON?: unknown }).toJSON;
      }
    });
    expect(spans[0]).toMatchObject({
      input: { a: { b: [1] } },
      output: { list: [1, 'a', true, '7'], at: '1970-01-01T00:00:00.000Z', map: { k: 1 } },
    });
    expect(completions[0]).toMatchObject({ content: 'x', prompt_tokens: 3 });
  });
});

describe('values of the web', () => {
  it.each<[string, unknown, unknown]>([
    [
      'a request',
      new Request('https://example.com/a?key=s#f', { method: 'POST' }),
      '[Request: POST https://example.com/a?…]',
    ],
    ['a response', new Response('x', { status: 404 }), '[Response: 404]'],
    [
      'a proxy of a request that binds its functions',
      new Proxy(new Request('https://example.com/a'), {
        get: (target, key) => {
          const value: unknown = Reflect.get(target, key, target);
          return typeof value === 'function' ? value.bind(target) : value;
        },
      }),
      '[Request: GET https://example.com/a]',
    ],
  ])('%s says method, URL and status', (_, value, said) => {
    expect(JSON.parse(snapshot(value) ?? '')).toBe(said);
  });

  it('names an error by its class when it sets no name', () => {
    class RateLimitError extends Error {}
    expect(JSON.parse(errorJson(new RateLimitError('429')))).toMatchObject({
      type: 'RateLimitError',
    });
    expect(JSON.parse(snapshot(new RateLimitError('429')) ?? '')).toMatchObject({
      type: 'RateLimitError',
    });
    expect(JSON.parse(errorJson(new TypeError('x')))).toMatchObject({ type: 'TypeError' });
  });
});
