/** Functions that return before they ask the model, as `streamText` of the AI SDK does. */
import { describe, expect, it } from 'vitest';
import { flush, span } from '../../../sdk/index.ts';
import { recorded } from '../support/edge.ts';
import { chat, json, Loopback, PATH, request } from '../transport/loopback.ts';

const provider = Loopback.forTests();

/** Its request leaves when its stream begins, after the function that made it has returned. */
class LateText {
  readonly given: object;
  readonly source: ReadableStream<string>;

  constructor(given: object, ask: () => Promise<string>) {
    this.given = given;
    this.source = new ReadableStream({
      async start(controller) {
        await null;
        controller.enqueue(await ask());
        controller.close();
      },
    });
  }
}

async function textOf(stream: ReadableStream<string>): Promise<string> {
  let text = '';
  for await (const part of stream) text += part;
  return text;
}

const post = async (): Promise<string> => (await provider.post(PATH, request)).text();
const declared = { name: 'ask', kind: 'llm' } as const;

describe('a function that asks the model after it returned', () => {
  it('is a step around the call, and ends with it', async () => {
    provider.answers = [json(chat('It is warm.'))];
    const { spans, prompts, completions } = await recorded(async () => {
      const ask = span(declared, (given: object) => new LateText(given, post));
      await textOf(ask(request).source);
    });
    const outer = spans.find(({ name }) => name === 'ask');
    const call = spans.find(({ kind }) => kind === 'llm');
    expect(outer).toMatchObject({ kind: 'span', status: 'ok', output: '[LateText]' });
    expect(call).toMatchObject({ parent_id: outer?.id });
    expect(outer?.ended_at && call?.ended_at && outer.ended_at >= call.ended_at).toBe(true);
    expect(prompts).toHaveLength(1);
    expect(completions).toMatchObject([{ content: 'It is warm.', span_id: call?.id }]);
  });

  it('ends with flush() if it asks no model, at the time when it returned', async () => {
    const { spans, prompts } = await recorded(async () => {
      const ask = span(declared, (given: object) => new LateText(given, async () => 'cached'));
      const { source } = ask(request);
      await flush();
      expect(await textOf(source)).toBe('cached');
    });
    expect(spans).toMatchObject([{ name: 'ask', kind: 'llm', output: '[LateText]' }]);
    expect(spans[0]?.ended_at).not.toBeNull();
    expect(prompts).toHaveLength(1);
  });

  it('is not waited for if its result is plain data', async () => {
    const { spans } = await recorded(() => {
      span(declared, () => ({ parts: new ReadableStream(), said: 'warm' }))();
    });
    expect(spans).toMatchObject([{ kind: 'llm', output: { said: 'warm' } }]);
  });
});
