/** Large values cost little, because they are cut before they are read, measured and escaped. */
import { describe, expect, it } from 'vitest';
import { span, status } from '../../../sdk/index.ts';
import { errorJson } from '../../../sdk/serialize/error-json.ts';
import { quoteText, snapshot } from '../../../sdk/serialize/snapshot.ts';
import { LIMITS } from '../../../wire/protocol.ts';
import { byteLength } from '../../../wire/text.ts';
import { recorded } from '../support/edge.ts';

/** Processor time in milliseconds: other processes do not count. */
function cost(work: () => void): number {
  const before = process.cpuUsage();
  work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000;
}

/** Several times what is measured, and a fraction of what reading the whole value takes. */
const MAX_MILLIS = 150;

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
  it.each(VALUES)('%s costs little', (_, make) => {
    const value = make();
    // The first reading of a text joins its pieces, in the program's own time.
    if (typeof value === 'string') value.charCodeAt(value.length - 1);
    let json: string | null = null;
    expect(cost(() => (json = snapshot(value)))).toBeLessThan(MAX_MILLIS);
    expect(byteLength(json ?? '')).toBeLessThanOrEqual(LIMITS.maxJsonBytes + 128);
  });

  it('an error message of 10 MB costs little', () => {
    const error = new Error('x '.repeat(5_000_000));
    void error.stack?.length;
    expect(cost(() => errorJson(error))).toBeLessThan(MAX_MILLIS);
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
    let millis = 0;
    const { completions, prompts, spans } = await recorded(() => {
      const call = span({ kind: 'llm' }, (_: unknown) => ({ choices }));
      millis = cost(() => call({ messages }));
    });
    expect(millis).toBeLessThan(MAX_MILLIS);
    expect([completions.length, prompts.length]).toEqual([4_096, 4_096]);
    expect(spans[0]?.attributes).toMatchObject({ 'agensight.lost': 1_991_808 });
    expect([choices.length, messages.length]).toEqual([1_000_000, 1_000_000]);
  });

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
        span('f', (_: unknown) => ({ list: [1, 'a', true], at: new Date(0) }))({ a: { b: [1] } });
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
      output: { list: [1, 'a', true], at: '1970-01-01T00:00:00.000Z' },
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
