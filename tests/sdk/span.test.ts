import { afterEach, describe, expect, it } from 'vitest';
import { currentSpan, init, shutdown, span, startSpan, status, trace } from '../../sdk/index.ts';
import { recorded } from './support/edge.ts';

afterEach(() => shutdown({ timeoutMillis: 0 }));

describe('a function that returns', () => {
  it.each<[string, (value: number) => unknown]>([
    ['sync', (value) => value + 1],
    ['async', async (value) => value + 1],
    ['a promise', (value) => Promise.resolve(value + 1)],
    ['a thenable', (value) => thenable(value + 1)],
  ])('%s gives its result unchanged and records it', async (_, fn) => {
    const { spans, traces } = await recorded(async () => {
      expect(await span('add', fn)(1)).toBe(2);
    });
    expect(spans).toHaveLength(1);
    expect(spans[0]).toMatchObject({ name: 'add', status: 'ok', input: 1, output: 2 });
    expect(traces[0]).toMatchObject({ id: spans[0]?.trace_id, name: 'add', input: 1, output: 2 });
  });

  it('synchronously is still synchronous', async () => {
    await recorded(() => expect(span((a: number) => a)(1)).toBe(1));
  });

  it('an object returns the same object', async () => {
    const object = { list: [1] };
    await recorded(async () => {
      expect(span(() => object)()).toBe(object);
      expect(await span(async () => object)()).toBe(object);
    });
  });

  it('a lazy thenable runs it once, and keeps its other methods', async () => {
    let runs = 0;
    const query = {
      limit: () => query,
      // biome-ignore lint/suspicious/noThenProperty: a query builder has one
      then: (resolve: (rows: string[]) => unknown) => {
        runs += 1;
        return Promise.resolve(resolve(['row']));
      },
    };
    const { spans } = await recorded(async () => {
      const select = span('select', () => query);
      expect(await select().limit()).toEqual(['row']);
    });
    expect(runs).toBe(1);
    expect(spans[0]).toMatchObject({ name: 'select', output: ['row'] });
  });

  it('records values at the time of the call', async () => {
    const argument = { text: 'before' };
    const { spans } = await recorded(async () => {
      const result = await span('f', async (_: object) => ({ text: 'before' }))(argument);
      argument.text = result.text = 'after';
    });
    expect(spans[0]).toMatchObject({ input: { text: 'before' }, output: { text: 'before' } });
  });
});

describe('a function that throws', () => {
  const thrown = Object.assign(new RangeError('too far'), { extra: 1 });

  it.each<[string, () => unknown]>([
    [
      'sync',
      () => {
        throw thrown;
      },
    ],
    [
      'async',
      async () => {
        throw thrown;
      },
    ],
    // biome-ignore lint/suspicious/noThenProperty: a thenable that rejects
    ['as a thenable', () => ({ then: (_: unknown, reject: (e: Error) => void) => reject(thrown) })],
  ])('%s gives the same error to the caller and records it', async (_, fn) => {
    const { spans, traces } = await recorded(async () => {
      const caught = await (async () => span('f', fn)())().catch((error: unknown) => error);
      expect(caught).toBe(thrown);
    });
    const error = { type: 'RangeError', message: 'too far', stack: expect.stringMatching(/span/) };
    expect(spans[0]).toMatchObject({ status: 'error', error });
    expect(traces[0]).toMatchObject({ status: 'error', error });
  });

  it.each([['text'], [null], [undefined], [Symbol('s')], [Object.create(null)]])(
    'something that is no error (%o) is recorded too',
    async (value) => {
      const { spans } = await recorded(() => {
        try {
          span('f', () => {
            throw value;
          })();
        } catch (caught) {
          expect(caught).toBe(value);
        }
      });
      expect(spans[0]).toMatchObject({ status: 'error', error: { type: expect.any(String) } });
    },
  );

  it.each([
    [
      'a wrapped function',
      () =>
        void span('f', async () => {
          throw thrown;
        })(),
    ],
    [
      'run of a started span',
      () =>
        void startSpan('f').run(async () => {
          throw thrown;
        }),
    ],
  ])('leaves an unhandled rejection in %s to the host, once', async (_, reject) => {
    const unhandled: unknown[] = [];
    const listener = (reason: unknown): void => void unhandled.push(reason);
    const before = process.listeners('unhandledRejection');
    process.removeAllListeners('unhandledRejection');
    process.on('unhandledRejection', listener);
    try {
      await recorded(async () => {
        reject();
        await new Promise((resolve) => setTimeout(resolve, 20));
      });
      expect(unhandled).toEqual([thrown]);
    } finally {
      process.removeListener('unhandledRejection', listener);
      for (const other of before) process.on('unhandledRejection', other as () => void);
    }
  });
});

describe('the tree', () => {
  it('follows nested calls across `await`, also when they overlap', async () => {
    const leaf = span('leaf', async (_: string) => tick());
    const branch = span('branch', async (name: string) => {
      await tick();
      await Promise.all([leaf(name), leaf(name)]);
    });
    const { spans, traces } = await recorded(() =>
      trace('root', async () => {
        await Promise.all([branch('left'), branch('right')]);
      })(),
    );
    const root = spans.find(({ name }) => name === 'root');
    const branches = spans.filter(({ name }) => name === 'branch');
    expect(traces).toHaveLength(1);
    expect(branches.map((branch) => branch.parent_id)).toEqual([root?.id, root?.id]);
    const leaves = spans.filter(({ name }) => name === 'leaf');
    expect(leaves).toHaveLength(4);
    for (const { parent_id, input } of leaves) {
      expect(branches.find(({ id }) => id === parent_id)?.input).toBe(input);
    }
    expect(new Set(spans.map(({ trace_id }) => trace_id)).size).toBe(1);
  });

  it('starts a trace for a span outside of one', async () => {
    const { traces } = await recorded(() => {
      span('first', () => 1)();
      span('second', () => 2)();
    });
    expect(traces.map(({ name }) => name)).toEqual(['first', 'second']);
  });

  it('makes a trace inside a trace a span of it, unless `root` is true', async () => {
    const { traces, spans } = await recorded(() =>
      trace('outer', () => {
        trace('inner', () => 1)();
        trace({ name: 'own', root: true }, () => 1)();
      })(),
    );
    expect(traces.map(({ name }) => name).sort()).toEqual(['outer', 'own']);
    expect(spans.find(({ name }) => name === 'inner')?.parent_id).toBe(
      spans.find(({ name }) => name === 'outer')?.id,
    );
    expect(spans.find(({ name }) => name === 'own')?.parent_id).toBeUndefined();
  });

  it('keeps the parent when a span ends after its trace', async () => {
    const { spans } = await recorded(async () => {
      let late: Promise<unknown> | undefined;
      trace('root', () => {
        late = span('late', tick)();
      })();
      await late;
    });
    const [root, late] = ['root', 'late'].map((name) => spans.find((one) => one.name === name));
    expect(late?.parent_id).toBe(root?.id);
    expect(late && root && (late.ended_at ?? '') > (root.ended_at ?? '')).toBe(true);
  });

  it('has ids and times in the forms of the wire, in order', async () => {
    const { spans } = await recorded(() => trace('root', () => span('leaf', () => 1)())());
    const [leaf, root] = spans;
    expect(root?.trace_id).toMatch(/^[0-9a-f]{32}$/);
    expect(leaf?.id).toMatch(/^[0-9a-f]{16}$/);
    const seconds = Number.parseInt((root?.trace_id ?? '').slice(0, 8), 16);
    expect(Math.abs(seconds - Date.now() / 1000)).toBeLessThan(60);
    const times = [root?.started_at, leaf?.started_at, leaf?.ended_at, root?.ended_at];
    for (const time of times) expect(time).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/);
    expect([...times].sort()).toEqual(times);
  });
});

describe('the wrapper', () => {
  it('keeps this, name, length and properties', () => {
    const original = Object.assign(
      function greet(this: { name: string }, a: string, _b: string): string {
        return a + this.name;
      },
      { version: 2 },
    );
    const wrapped = span(original);
    expect(wrapped.call({ name: 'you' }, 'hello ', '')).toBe('hello you');
    expect([wrapped.name, wrapped.length, wrapped.version]).toEqual(['greet', 2, 2]);
  });

  it.each([
    ['span(name, fn)', () => span('named', work)],
    ['span(options, fn)', () => span({ name: 'named' }, work)],
    ['span(options)(fn)', () => span({ name: 'named' })(work)],
    ['span(name)(fn)', () => span('named')(work)],
    ['trace(name, fn)', () => trace('named', work)],
    ['trace(options)(fn)', () => trace({ name: 'named' })(work)],
  ])('works as %s', async (_, make) => {
    const { spans } = await recorded(() => expect(make()(2)).toBe(4));
    expect(spans[0]).toMatchObject({ name: 'named', input: 2, output: 4 });
  });

  it('takes the name of the function by default', async () => {
    const { spans } = await recorded(() => span(work)(1));
    expect(spans[0]?.name).toBe('work');
  });

  it('does not change construction', () => {
    function Thing(this: { made: boolean }): void {
      this.made = true;
    }
    const Wrapped = span(Thing) as unknown as new () => { made: boolean };
    expect(new Wrapped()).toMatchObject({ made: true });
  });

  it.each([
    ['was never initialised', () => undefined],
    ['is disabled', () => init({ enabled: false })],
  ])('just runs when the SDK %s', async (_, prepare) => {
    prepare();
    const before = status().created;
    expect(span('f', () => currentSpan())()).toBeUndefined();
    expect(status()).toMatchObject({ enabled: false, created: before });
  });
});

describe('captureContent: false', () => {
  it('records no arguments and results, for all functions or for one', async () => {
    const global = await recorded(() => span('f', work)(1), { captureContent: false });
    const local = await recorded(() => span({ name: 'f', captureContent: false }, work)(1));
    for (const { spans } of [global, local]) {
      expect(spans[0]).toMatchObject({ name: 'f', status: 'ok' });
      expect(spans[0]).not.toHaveProperty('input');
      expect(spans[0]).not.toHaveProperty('output');
    }
  });
});

function work(value: number): number {
  return value * 2;
}

function thenable<T>(value: T): PromiseLike<T> {
  // biome-ignore lint/suspicious/noThenProperty: that is what a thenable is
  return { then: (resolve) => Promise.resolve(value).then(resolve) };
}

function tick(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 2));
}
