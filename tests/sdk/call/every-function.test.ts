/** Every kind of function, every way to leave it, and many concurrent calls. */
import { EventEmitter, on, once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import {
  currentSpan,
  currentTrace,
  span,
  startSpan,
  trace,
  withSession,
} from '../../../sdk/index.ts';
import { recorded } from '../support/edge.ts';

describe('leaving a function', () => {
  const find = span('find', async (signal: AbortSignal) => {
    await sleep(10_000, undefined, { signal });
    return 1;
  });
  const count = span('count', async function* (most: number) {
    try {
      for (let i = 0; i < most; i++) yield i;
    } finally {
      currentSpan()?.setAttribute('cleaned', true);
    }
  });

  it('by abort: the error reaches the caller and is recorded', async () => {
    const { spans } = await recorded(async () => {
      await expect(find(AbortSignal.timeout(5))).rejects.toThrow('aborted');
    });
    expect(spans[0]).toMatchObject({ status: 'error', error: { type: 'AbortError' } });
  });

  it('by break, return and throw in for await: records the items, and cleans up', async () => {
    const { spans } = await recorded(async () => {
      for await (const i of count(9)) if (i === 1) break;
      await (async () => {
        for await (const i of count(9)) if (i === 2) return;
      })();
      const thrown = (async () => {
        for await (const _ of count(9)) throw new Error('out');
      })();
      await expect(thrown).rejects.toThrow('out');
      for await (const _ of count(2));
    });
    expect(spans.map(({ output }) => output)).toEqual([[0, 1], [0, 1, 2], [0], [0, 1]]);
    for (const one of spans) {
      expect(one).toMatchObject({ status: 'ok', attributes: { cleaned: true } });
    }
  });

  it('by early return and by throw, in synchronous and asynchronous functions', async () => {
    const early = span('early', (isEarly: boolean) => {
      if (isEarly) return 'early';
      throw new RangeError('late');
    });
    const { spans } = await recorded(async () => {
      expect(early(true)).toBe('early');
      expect(() => early(false)).toThrow(RangeError);
    });
    expect(spans.map(({ status }) => status)).toEqual(['ok', 'error']);
  });
});

describe('asynchronous work', () => {
  const leaf = span('leaf', (name: string) => name);

  it('belongs to the span that started it: timers, ticks, promises and events', async () => {
    const emitter = new EventEmitter();
    emitter.on('asked', (name: string) => leaf(name));
    const { spans } = await recorded(() =>
      trace('root', async () => {
        setImmediate(leaf, 'immediate');
        process.nextTick(leaf, 'tick');
        queueMicrotask(() => leaf('microtask'));
        await new Promise<void>((resolve) => setTimeout(() => resolve(void leaf('timer')), 1));
        emitter.emit('asked', 'event');
        const done = once(emitter, 'done');
        emitter.emit('done');
        await done;
        leaf('after event');
        await Promise.all([1, 2].map(async (n) => sleep(n).then(() => leaf(`all ${n}`))));
      })(),
    );
    const root = spans.find(({ name }) => name === 'root');
    const leaves = spans.filter(({ name }) => name === 'leaf');
    expect(leaves.map(({ input }) => input).sort()).toEqual(
      ['after event', 'all 1', 'all 2', 'event', 'immediate', 'microtask', 'tick', 'timer'].sort(),
    );
    for (const { parent_id } of leaves) expect(parent_id).toBe(root?.id);
  });

  it('keeps its span in a loop over events', async () => {
    const emitter = new EventEmitter();
    const { spans } = await recorded(() =>
      trace('root', async () => {
        setTimeout(() => emitter.emit('item', 'a'), 1);
        setTimeout(() => emitter.emit('item', 'b'), 2);
        let seen = 0;
        for await (const [item] of on(emitter, 'item')) {
          leaf(item as string);
          seen += 1;
          if (seen === 2) break;
        }
      })(),
    );
    const root = spans.find(({ name }) => name === 'root');
    expect(spans.filter(({ parent_id }) => parent_id === root?.id)).toHaveLength(2);
  });
});

describe('concurrent requests', () => {
  const pause = (): Promise<void> => sleep(Math.random() * 4);
  const model = span(
    { name: 'llm', kind: 'llm' },
    async function* (messages: { role: string; content: string }[]) {
      for (const word of ['for', messages[0]?.content]) {
        await pause();
        yield { choices: [{ index: 0, delta: { content: ` ${word}` } }] };
      }
    },
  );
  const tool = span({ name: 'tool', kind: 'tool' }, async (id: string) => {
    await pause();
    currentTrace()?.addTags(`tag-${id}`);
    return id;
  });
  const handle = trace('handle', async (id: string) => {
    currentSpan()?.setAttribute('id', id);
    await Promise.all([tool(id), tool(id)]);
    for await (const _ of model([{ role: 'user', content: id }])) await pause();
    using step = startSpan({ name: 'step', input: id });
    await step.run(() => tool(id));
    return id;
  });

  it('are separate: each span, message and tag is in the trace and session of its request', async () => {
    const ids = Array.from({ length: 100 }, (_, i) => `r${i}`);
    const { traces, spans, prompts, completions, sessions } = await recorded(async () => {
      await Promise.all(
        ids.map(async (id) => {
          await pause();
          await withSession({ id: `s-${id}`, userId: `u-${id}` }, () => handle(id));
        }),
      );
    });
    expect([traces.length, sessions.length]).toEqual([100, 100]);
    for (const root of traces) {
      const id = root.input as string;
      expect(root).toMatchObject({
        session_id: `s-${id}`,
        user_id: `u-${id}`,
        tags: [`tag-${id}`],
      });
      const own = spans.filter(({ trace_id }) => trace_id === root.id);
      expect(own.map(({ name }) => name).sort()).toEqual(
        ['handle', 'llm', 'step', 'tool', 'tool', 'tool'].sort(),
      );
      for (const { name, input, attributes } of own) {
        if (name === 'handle') expect(attributes).toEqual({ id });
        else if (name !== 'llm') expect(input).toBe(id);
      }
      const said = completions.filter(({ trace_id }) => trace_id === root.id);
      expect(said.map(({ content }) => content)).toEqual([` for ${id}`]);
      const asked = prompts.filter(({ trace_id }) => trace_id === root.id);
      expect(asked.map(({ content }) => content)).toEqual([id]);
    }
  });
});
