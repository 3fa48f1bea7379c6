import { describe, expect, it } from 'vitest';
import { currentSpan, span, startSpan, trace } from '../../sdk/index.ts';
import { recorded } from './support/edge.ts';

describe('startSpan', () => {
  it('starts a child of the current span, with its properties', async () => {
    const { spans } = await recorded(() =>
      trace('outer', () => {
        const step = startSpan({ name: 'step', kind: 'tool', attributes: { a: 1 }, input: [1] });
        step.setAttribute('b', 2).addEvent('half way').updateName('renamed');
        step.setOutput({ done: true }).setStatus({ code: 1 }).end();
      })(),
    );
    const [step, outer] = spans;
    expect(step).toMatchObject({
      parent_id: outer?.id,
      trace_id: outer?.trace_id,
      name: 'renamed',
      kind: 'tool',
      status: 'ok',
      input: [1],
      output: { done: true },
      attributes: { a: 1, b: 2 },
      events: [{ name: 'half way' }],
    });
  });

  it('takes a name and options in both forms', async () => {
    const { spans } = await recorded(() => {
      startSpan('a', { kind: 'tool', attributes: { n: 1 }, input: 'x' }).end();
      startSpan({ name: 'b', kind: 'tool', attributes: { n: 1 }, input: 'x' }).end();
      startSpan('c', undefined).end();
    });
    const expected = { kind: 'tool', attributes: { n: 1 }, input: 'x' };
    expect(spans).toMatchObject([
      { name: 'a', ...expected },
      { name: 'b', ...expected },
      { name: 'c', kind: 'span' },
    ]);
  });

  it('ends at the end of a `using` block, also when it throws', async () => {
    const { spans } = await recorded(async () => {
      {
        using outer = startSpan('outer');
        expect(outer.isRecording()).toBe(true);
      }
      {
        await using _ = startSpan('awaited');
      }
      expect(() => {
        using _ = startSpan('thrown');
        throw new Error('out');
      }).toThrow('out');
    });
    expect(spans.map(({ name }) => name)).toEqual(['outer', 'awaited', 'thrown']);
  });

  it('is the current span only inside run, also after `await`', async () => {
    const inside = span('inside', async () => 1);
    const beside = span('beside', () => 1);
    const { spans } = await recorded(() =>
      trace('outer', async () => {
        const work = async (): Promise<void> => {
          using step = startSpan('step');
          expect(currentSpan()).not.toBe(step);
          await step.run(async () => {
            await new Promise((resolve) => setTimeout(resolve, 1));
            expect(currentSpan()).toBe(step);
            await inside();
          });
        };
        const pending = work();
        beside();
        await pending;
        beside();
      })(),
    );
    const idOf = (name: string) => spans.find((one) => one.name === name)?.id;
    const parents = spans.map(({ name, parent_id }) => [name, parent_id]);
    expect(parents).toEqual([
      ['beside', idOf('outer')],
      ['inside', idOf('step')],
      ['step', idOf('outer')],
      ['beside', idOf('outer')],
      ['outer', undefined],
    ]);
  });

  it('records an error in run, and throws it', async () => {
    const { spans } = await recorded(async () => {
      const sync = startSpan('sync');
      expect(() =>
        sync.run(() => {
          throw new RangeError('now');
        }),
      ).toThrow('now');
      sync.end();
      const later = startSpan('later');
      await expect(later.run(() => Promise.reject(new RangeError('later')))).rejects.toThrow();
      later.end();
    });
    expect(spans).toMatchObject([
      { name: 'sync', status: 'error', error: { type: 'RangeError', message: 'now' } },
      { name: 'later', status: 'error', error: { type: 'RangeError', message: 'later' } },
    ]);
  });

  it('accepts a parent, or none', async () => {
    const { spans, traces } = await recorded(() =>
      trace('outer', () => {
        const first = startSpan('first');
        startSpan({ name: 'child', parent: first }).end();
        startSpan({ name: 'own', parent: null }).end();
        first.end();
      })(),
    );
    const first = spans.find(({ name }) => name === 'first');
    expect(spans.find(({ name }) => name === 'child')?.parent_id).toBe(first?.id);
    expect(traces.map(({ name }) => name).sort()).toEqual(['outer', 'own']);
  });

  it('records no input and no output without captureContent', async () => {
    const { spans } = await recorded(() => {
      startSpan({ name: 'quiet', input: 'secret', captureContent: false }).setOutput('x').end();
    });
    expect(spans[0]).not.toHaveProperty('input');
    expect(spans[0]).not.toHaveProperty('output');
  });

  it('records nothing, and runs functions, while the SDK is not initialised', () => {
    using idle = startSpan({ name: 'idle', input: 1 });
    expect(idle.setInput(1).setOutput(2).recordError(new Error('x')).isRecording()).toBe(false);
    expect(idle.run(() => 7)).toBe(7);
  });
});
