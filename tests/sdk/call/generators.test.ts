import { describe, expect, it } from 'vitest';
import { currentSpan, span, trace } from '../../../sdk/index.ts';
import { recorded } from '../support/edge.ts';

function* count(to: number): Generator<number, string, string | undefined> {
  for (let i = 0; i < to; i++) yield i;
  return 'done';
}

async function* countSlowly(to: number): AsyncGenerator<number> {
  for (let i = 0; i < to; i++) {
    await new Promise((resolve) => setTimeout(resolve, 5));
    yield i;
  }
}

describe('a generator', () => {
  it('yields the same values and ends its span at its end', async () => {
    const { spans } = await recorded(() => {
      const generator = span('count', count)(3);
      expect(Object.prototype.toString.call(generator)).toBe('[object Generator]');
      expect([...generator]).toEqual([0, 1, 2]);
    });
    expect(spans[0]).toMatchObject({
      name: 'count',
      input: 3,
      output: { yielded: [0, 1, 2], returned: 'done' },
    });
  });

  it('receives sent values', () => {
    function* echo(): Generator<string, void, string> {
      const heard = yield 'ready';
      yield heard;
    }
    const generator = span(echo)();
    expect([generator.next('').value, generator.next('hello').value]).toEqual(['ready', 'hello']);
  });

  it('ends its span when the loop stops early', async () => {
    let cleaned = false;
    const { spans } = await recorded(() => {
      function* endless(): Generator<number> {
        try {
          for (let i = 0; ; i++) yield i;
        } finally {
          cleaned = true;
        }
      }
      for (const value of span(endless)()) if (value === 2) break;
    });
    expect(cleaned).toBe(true);
    expect(spans[0]).toMatchObject({ status: 'ok', output: [0, 1, 2] });
  });

  it('records the error that it throws, and passes it to the caller', async () => {
    const failure = new Error('half way');
    const { spans } = await recorded(() => {
      const fails = span('fails', function* () {
        yield 1;
        throw failure;
      });
      expect(() => [...fails()]).toThrow(failure);
    });
    expect(spans[0]).toMatchObject({ status: 'error', error: { message: 'half way' } });
  });

  it('runs each step inside its span, and the caller outside of it', async () => {
    const names: (string | undefined)[] = [];
    const inner = span('inner', () => 0);
    const { spans } = await recorded(() =>
      trace('root', () => {
        const root = currentSpan();
        const generator = span('steps', function* () {
          inner();
          yield 1;
          inner();
        })();
        generator.next();
        names.push(currentSpan() === root ? 'outside' : 'inside');
        generator.next();
      })(),
    );
    const steps = spans.find(({ name }) => name === 'steps');
    const inners = spans.filter(({ name }) => name === 'inner');
    expect(inners.map(({ parent_id }) => parent_id)).toEqual([steps?.id, steps?.id]);
    expect(names).toEqual(['outside']);
  });
});

describe('an async generator', () => {
  it('is timed to its real end', async () => {
    const { spans } = await recorded(async () => {
      const values: number[] = [];
      for await (const value of span('slow', countSlowly)(3)) values.push(value);
      expect(values).toEqual([0, 1, 2]);
    });
    const { started_at, ended_at, output } = spans[0] ?? {};
    expect(output).toEqual([0, 1, 2]);
    expect(Date.parse(ended_at ?? '') - Date.parse(started_at ?? '')).toBeGreaterThan(12);
  });

  it('ends its span when the loop stops early, and on an error', async () => {
    const { spans } = await recorded(async () => {
      for await (const value of span('left', countSlowly)(9)) if (value === 1) break;
      const failing = span('failing', async function* () {
        yield 1;
        throw new Error('lost');
      });
      await expect(drain(failing())).rejects.toThrow('lost');
    });
    expect(spans.map(({ name, status }) => [name, status])).toEqual([
      ['left', 'ok'],
      ['failing', 'error'],
    ]);
  });
});

async function drain(values: AsyncIterable<unknown>): Promise<void> {
  for await (const _ of values);
}
