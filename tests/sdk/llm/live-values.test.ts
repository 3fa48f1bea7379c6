/** Arguments and results are objects of the program, not parsed JSON. */
import { describe, expect, it } from 'vitest';
import { span } from '../../../sdk/index.ts';
import { recorded } from '../support/edge.ts';

const messages = [{ role: 'user', content: 'Hi' }];
const answer = (message: object) => ({ choices: [{ message, finish_reason: 'stop' }] });
const ask = (request: unknown, result: unknown) =>
  recorded(() => void span({ name: 'call', kind: 'llm' }, (_: unknown) => result)(request));

describe('a request or a reply of live objects', () => {
  it('that throws when it is read does not reach the program, and is recorded as far as it can be', async () => {
    const hostile = {
      get messages(): never {
        throw new Error('no');
      },
    };
    const result = {
      get choices(): never {
        throw new Error('no');
      },
    };
    const returned: unknown[] = [];
    const { spans, prompts, completions } = await recorded(() => {
      returned.push(span({ name: 'call', kind: 'llm' }, (_: unknown) => result)(hostile));
    });
    expect(returned).toEqual([expect.anything()]);
    expect(returned[0]).toBe(result);
    expect([prompts, completions]).toEqual([[], []]);
    expect(JSON.stringify(spans[0])).toContain('threw');
  });

  it('that is a revoked proxy does not reach the program', async () => {
    const { proxy, revoke } = Proxy.revocable({}, {});
    revoke();
    const { spans } = await ask(proxy, proxy);
    expect(spans).toHaveLength(1);
  });

  it('that contains itself ends', async () => {
    const output: Record<string, unknown> = { type: 'json' };
    output.value = output;
    const part = { type: 'tool-result', toolCallId: 'a', toolName: 'f', output };
    const { spans } = await ask({ messages: [{ role: 'tool', content: [part] }] }, 'Done.');
    expect(spans).toHaveLength(1);
  });

  it('is recorded as it was, although the program changes it afterwards', async () => {
    const args = { city: 'Paris' };
    const part = {
      type: 'document',
      title: 'A',
      source: { type: 'url', url: 'https://a.example' },
    };
    const given = { messages: [{ role: 'user', content: [part] }] };
    const { prompts, tools } = await recorded(() => {
      const call = { id: 'a', function: { name: 'f', arguments: args } };
      const work = span({ name: 'call', kind: 'llm' }, (_: object) =>
        answer({ tool_calls: [call] }),
      );
      work(given);
      args.city = 'changed';
      part.title = 'changed';
    });
    expect(tools).toMatchObject([{ arguments: { city: 'Paris' } }]);
    expect(prompts).toMatchObject([{ parts: [{ type: 'file', name: 'A' }] }]);
  });

  it('has the size of typed arrays and the address of a URL in place of media', async () => {
    const content = [
      { type: 'image', image: new Uint8Array(1_000_000), mediaType: 'image/png' },
      { type: 'image', image: new URL('https://a.example/1.png') },
      { image: { format: 'png', source: { bytes: Buffer.alloc(7) } } },
    ];
    const { prompts } = await ask({ messages: [{ role: 'user', content }] }, 'A cat.');
    expect(prompts[0]?.parts).toEqual([
      { type: 'image', media_type: 'image/png', bytes: 1_000_000 },
      { type: 'image', uri: 'https://a.example/1.png' },
      { type: 'image', media_type: 'png', bytes: 7 },
    ]);
  });

  it('has the roles of messages that are instances of classes', async () => {
    class Message {
      readonly content: string;
      constructor(content: string) {
        this.content = content;
      }
      getType(): string {
        return 'human';
      }
    }
    const { prompts } = await ask([new Message('Hi')], 'Hello.');
    expect(prompts).toMatchObject([{ role: 'user', content: 'Hi' }]);
  });

  it.each([
    ['the steps of an iterator', { done: true, value: 1 }],
    ['a record with a state', { model: 'car', done: false }],
    ['candidates for a job', { candidates: [{ name: 'Ann' }] }],
    ['choices in a form', { choices: ['a', 'b'] }],
    ['a list of messages', { messages: [{ role: 'assistant', content: 'Hi' }] }],
    ['a result with an error', { error: 'no' }],
  ])('is not seen in %s', async (_, result) => {
    const { spans, completions } = await recorded(() =>
      span('f', (__: unknown) => result)(messages),
    );
    expect(completions).toEqual([]);
    expect(spans[0]).toMatchObject({ kind: 'span', output: result });
  });
});
