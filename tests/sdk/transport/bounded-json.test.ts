import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseBounded, skim } from '../../../sdk/transport/bounded-json.ts';
import type { Headers } from '../../../sdk/transport/headers.ts';
import { RequestBody } from '../../../sdk/transport/request-body.ts';
import { ResponseBody } from '../../../sdk/transport/response-body.ts';

const bytes = (value: unknown): Uint8Array => new TextEncoder().encode(JSON.stringify(value));
const parsed = (value: unknown): unknown => parseBounded(bytes(value))?.value;

describe('a body', () => {
  it('of up to 2 MiB is parsed as it is', () => {
    const value = { text: 'x'.repeat(2_000_000) };
    expect(parsed(value)).toEqual(value);
  });

  it('with a long text is parsed, the text cut with its size', () => {
    const image = 'a'.repeat(20_000_000);
    expect(parsed({ model: 'm', image, last: 'z' })).toEqual({
      model: 'm',
      image: `${'a'.repeat(1_048_576)}…[cut: 1048576 of 20000000 bytes]`,
      last: 'z',
    });
  });

  it('with many long texts keeps the first ones, and less of the others', () => {
    const list = parsed(Array.from({ length: 40 }, (_, n) => `${n} ${'x'.repeat(1_000_000)}`));
    const texts = list as string[];
    expect(texts).toHaveLength(40);
    expect(texts[0]).toHaveLength(1_000_002);
    expect(texts[39]).toMatch(/^39 x+…\[cut: 4096 of 1000003 bytes\]$/);
  });

  it('with quotes, escapes and characters of several bytes is cut between them', () => {
    fc.assert(
      fc.property(
        fc.array(fc.constantFrom('"', '\\', '\n', 'ä', '語', '😀', '\u0001', 'x'), {
          minLength: 1,
          maxLength: 12,
        }),
        fc.nat(16),
        (letters, shift) => {
          const unit = letters.join('');
          const text = 'y'.repeat(shift) + unit.repeat(Math.ceil(1_500_000 / unit.length));
          const value = {
            before: 'a"b',
            text,
            pad: 'z'.repeat(1_500_000),
            after: [1, { b: '\\' }],
          };
          const read = parsed(value) as typeof value;
          expect(read.after).toEqual(value.after);
          expect(read.before).toBe(value.before);
          const [head = ''] = read.text.split('…[cut: ');
          expect(text.startsWith(head)).toBe(true);
        },
      ),
      { numRuns: 25 },
    );
  });

  it.each([
    ['numbers', Array.from({ length: 3_000_000 }, (_, n) => n)],
    ['short texts', Array.from({ length: 300_000 }, () => 'abcdefgh')],
  ])('of many %s is not parsed', (_, list) => {
    expect(parseBounded(bytes(list))).toBeUndefined();
  });

  it('that is not parsed says its model and its usage', () => {
    const data = Array.from({ length: 500_000 }, (_, n) => [n]);
    const usage = { prompt_tokens: 7, details: { cached: 1 }, total_tokens: 7 };
    expect(skim(bytes({ model: 'embed-1', data, usage }))).toEqual({ model: 'embed-1', usage });
  });

  it('that is not JSON throws, whatever its size', () => {
    expect(() => parseBounded(new Uint8Array(10))).toThrow();
    expect(() => parseBounded(new Uint8Array(3_000_000))).toThrow();
    expect(parseBounded(new TextEncoder().encode(`"${'x'.repeat(3_000_000)}`))).toBeUndefined();
  });
});

it('a request of 40 MB is read by its messages', () => {
  const body = new RequestBody();
  const url = `data:image/png;base64,${'A'.repeat(40_000_000)}`;
  body.add(bytes({ model: 'm', messages: [{ role: 'user', content: [{ image_url: { url } }] }] }));
  const { fields } = body.take();
  expect(fields).toMatchObject({ model: 'm', messages: [{ role: 'user' }] });
  expect(JSON.stringify(fields).length).toBeLessThan(1_100_000);
});

it('of a request of many values only the model is read', () => {
  const body = new RequestBody();
  body.add(bytes({ input: Array.from({ length: 3_000_000 }, (_, n) => n), model: 'm' }));
  expect(body.take().fields).toEqual({ model: 'm', messages: '[too large]' });
});

it('of thousands of vectors the model and the tokens are recorded', () => {
  const body = new ResponseBody({ get: () => undefined } as unknown as Headers);
  const data = Array.from({ length: 300 }, (_, index) => ({
    object: 'embedding',
    index,
    embedding: Array.from({ length: 3_000 }, (_, n) => n / 7_777),
  }));
  body.add(bytes({ object: 'list', data, model: 'embed-1', usage: { prompt_tokens: 9 } }));
  expect(body.read()?.result).toEqual({
    object: 'list',
    data: [{ embedding: [] }],
    model: 'embed-1',
    usage: { prompt_tokens: 9 },
  });
});
