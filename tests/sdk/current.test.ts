import { describe, expect, it } from 'vitest';
import {
  bind,
  currentSpan,
  currentTrace,
  type InitOptions,
  span,
  trace,
  withSession,
} from '../../sdk/index.ts';
import { recorded } from './support/edge.ts';

const ENVIRONMENT = 'deployment.environment.name';

describe('currentSpan', () => {
  it('sets attributes of the open span, also in functions that are not wrapped', async () => {
    const deep = async (): Promise<void> => {
      await Promise.resolve();
      currentSpan()?.setInput('asked').setOutput('answered').setAttribute('cache', 'hit');
    };
    const { spans } = await recorded(() => span('work', () => deep())());
    expect(spans[0]).toMatchObject({
      input: 'asked',
      output: 'answered',
      attributes: { cache: 'hit' },
    });
  });

  it('records a handled error', async () => {
    const { spans } = await recorded(() =>
      span('work', () => {
        currentSpan()?.recordError(new TypeError('handled', { cause: new Error('why') }));
        return 1;
      })(),
    );
    expect(spans[0]).toMatchObject({
      status: 'error',
      output: 1,
      error: { type: 'TypeError', message: 'handled', cause: { message: 'why' } },
    });
  });
});

describe('bind', () => {
  it('carries the trace and the session into a callback that is called elsewhere', async () => {
    const waiting: (() => unknown)[] = [];
    const inner = span('inner', () => currentTrace()?.id);
    const { spans, traces } = await recorded(() => {
      trace('first', () => waiting.push(bind(inner)))();
      withSession('s-2', () => waiting.push(bind(span('own', () => 1))));
      trace('second', () => waiting.map((callback) => callback()))();
    });
    const traceOf = (name: string) => spans.find((one) => one.name === name)?.trace_id;
    expect(traceOf('inner')).toBe(traceOf('first'));
    expect(traceOf('own')).not.toBe(traceOf('second'));
    expect(traces.find(({ id }) => id === traceOf('own'))?.session_id).toBe('s-2');
  });

  it('keeps name, length, `this`, result and errors', async () => {
    await recorded(() =>
      trace('t', () => {
        const bound = bind(function total(this: unknown, a: number, b: number) {
          if (b === 0) throw new RangeError('zero');
          return [this, a + b];
        });
        expect([bound.name, bound.length, bound.call('me', 1, 2)]).toEqual(['total', 2, ['me', 3]]);
        expect(() => bound(1, 0)).toThrow(RangeError);
      })(),
    );
    const plain = (): number => 1;
    expect(bind(plain)).toBe(plain);
  });
});

describe('currentTrace', () => {
  it('sets user, session, tags, metadata, input and output anywhere in the trace', async () => {
    const inner = span('inner', async () => {
      await Promise.resolve();
      currentTrace()
        ?.setUser('u-1')
        .setSession({ id: 's-1', name: 'Trip' })
        .addTags('beta', 'eu')
        .addTags('beta')
        .setMetadata({ plan: 'free', seats: 1 })
        .setMetadata({ plan: 'pro' })
        .setInput('question')
        .setOutput('answer');
    });
    const { traces, sessions } = await recorded(() =>
      trace({ name: 'outer', tags: ['own'], metadata: { own: true } }, inner)(),
    );
    expect(traces[0]).toMatchObject({
      id: expect.stringMatching(/^[0-9a-f]{32}$/),
      user_id: 'u-1',
      session_id: 's-1',
      tags: ['own', 'beta', 'eu'],
      metadata: { own: true, plan: 'pro', seats: 1 },
      input: 'question',
      output: 'answer',
    });
    expect(sessions).toMatchObject([{ id: 's-1', name: 'Trip' }]);
  });

  it('is undefined outside of a trace, and ignores invalid values', async () => {
    expect(currentTrace()).toBeUndefined();
    const { traces } = await recorded(() =>
      trace('outer', () => {
        const given = currentTrace() as unknown as Record<string, (value: unknown) => unknown>;
        for (const set of ['setUser', 'setSession', 'addTags', 'setMetadata']) given[set]?.(7);
        given.setMetadata?.('text');
      })(),
    );
    for (const field of ['user_id', 'session_id', 'tags', 'metadata']) {
      expect(traces[0]).not.toHaveProperty(field);
    }
  });
});

describe('properties of a trace', () => {
  const work = (options: object): (() => unknown) => trace({ name: 'work', ...options }, () => 1);

  it.each<[string, InitOptions, object, object]>([
    ['userId of init', { userId: 'u' }, {}, { user_id: 'u' }],
    ['user_id of init', { user_id: 'u' }, {}, { user_id: 'u' }],
    [
      'the user of the session before that of init',
      { userId: 'u', session: { id: 's', userId: 'v' } },
      {},
      { user_id: 'v' },
    ],
    ['userId of the trace before all', { userId: 'u' }, { userId: 'w' }, { user_id: 'w' }],
    ['user_id of the trace', {}, { user_id: 'w' }, { user_id: 'w' }],
    ['tags of both', { tags: ['a'] }, { tags: ['b', 'a'] }, { tags: ['a', 'b'] }],
    [
      'metadata of both',
      { metadata: { a: 1, b: 1 } },
      { metadata: { b: 2 } },
      { metadata: { a: 1, b: 2 } },
    ],
    ['the release of the trace', { release: '1' }, { release: '2' }, { release: '2' }],
    [
      'the environment by its OpenTelemetry name',
      { environment: 'staging', metadata: { region: 'eu' } },
      {},
      { metadata: { region: 'eu', [ENVIRONMENT]: 'staging' } },
    ],
    [
      'the environment of the trace',
      { environment: 'staging' },
      { environment: 'canary' },
      { metadata: { [ENVIRONMENT]: 'canary' } },
    ],
  ])('is %s', async (_, options, own, expected) => {
    const { traces } = await recorded(work(own), options);
    expect(traces[0]).toMatchObject(expected);
  });

  it('can be functions of the arguments, which are ignored when they throw', async () => {
    const handle = trace(
      {
        userId: (request) => request.user,
        tags: (request) => [request.plan],
        metadata: (request) => ({ user: request.user }),
        environment: (request) => (request.plan === 'beta' ? 'canary' : null),
        release: () => {
          throw new Error('no');
        },
      },
      (request: { user: string; plan: string }) => request.user,
    );
    const { traces } = await recorded(
      () => {
        handle({ user: 'a', plan: 'free' });
        handle({ user: 'b', plan: 'beta' });
      },
      { release: '1' },
    );
    expect(traces).toMatchObject([
      { user_id: 'a', tags: ['free'], metadata: { user: 'a' }, release: '1' },
      { user_id: 'b', tags: ['beta'], metadata: { user: 'b', [ENVIRONMENT]: 'canary' } },
    ]);
  });
});
