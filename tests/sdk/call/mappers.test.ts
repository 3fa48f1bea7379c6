/** The options `input` and `output`. */
import { describe, expect, it } from 'vitest';
import { span, status, trace } from '../../../sdk/index.ts';
import { recorded } from '../support/edge.ts';

const fail = (): never => {
  throw new Error('no');
};

describe('the options `input` and `output`', () => {
  it('choose what is recorded, and change nothing else', async () => {
    const query = (sql: string, _secret: string) => ({ sql, rows: [1, 2] });
    const { spans, traces } = await recorded(async () => {
      const options = {
        input: ([sql]: [string, string]) => sql,
        output: ({ rows }: { rows: number[] }) => rows.length,
      };
      const expected = query('select', 'pw');
      expect(span({ name: 'sync', ...options }, query)('select', 'pw')).toEqual(expected);
      const run = trace({ name: 'async', ...options }, async (sql: string, secret: string) =>
        query(sql, secret),
      );
      expect(await run('select', 'pw')).toEqual(expected);
    });
    expect(spans).toMatchObject([
      { input: 'select', output: 2 },
      { input: 'select', output: 2 },
    ]);
    expect(traces[1]).toMatchObject({ input: 'select', output: 2 });
    expect(JSON.stringify(spans)).not.toContain('pw');
  });

  it('get the recorded items of a stream', async () => {
    const { spans } = await recorded(async () => {
      const count = span(
        { output: (items: number[]) => ({ items: items.length }) } as never,
        async function* () {
          yield 1;
          yield 2;
        },
      );
      const seen: number[] = [];
      for await (const one of count()) seen.push(one);
      expect(seen).toEqual([1, 2]);
    });
    expect(spans[0]).toMatchObject({ output: { items: 2 } });
  });

  it('make a model call of any result', async () => {
    const { completions, prompts } = await recorded(() => {
      const call = span(
        {
          kind: 'llm',
          input: ([, text]: [number, string]) => [{ role: 'user', content: text }],
          output: ({ words }: { words: string[] }) => ({
            content: words.join(' '),
            usage: { prompt_tokens: 4 },
          }),
        },
        (_: number, text: string) => ({ words: [text, 'warm'] }),
      );
      call(7, 'how');
    });
    expect(prompts).toMatchObject([{ role: 'user', content: 'how' }]);
    expect(completions).toMatchObject([{ content: 'how warm', prompt_tokens: 4 }]);
  });

  it('that throw are counted and reported once, and the value is not recorded', async () => {
    const before = status().mapperFailed;
    const warnings: string[] = [];
    const { spans } = await recorded(
      () => {
        const call = span({ input: fail, output: fail }, (text: string) => text);
        expect([call('secret'), call('secret')]).toEqual(['secret', 'secret']);
      },
      { onWarning: ({ code }) => warnings.push(code) },
    );
    expect(status().mapperFailed - before).toBe(4);
    expect(warnings.filter((code) => code === 'mapper')).toHaveLength(1);
    expect(JSON.stringify(spans)).not.toContain('secret');
    expect(spans[0]).toMatchObject({ input: '[not recorded: the mapper failed]' });
  });
});
