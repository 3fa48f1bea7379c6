import { describe, expect, it } from 'vitest';
import { init, span, trace, withSession } from '../../../sdk/index.ts';
import { recorded } from '../support/edge.ts';

const chat = (options: object = {}) => trace({ name: 'chat', ...options }, (_?: unknown) => 1);

describe('the session of a trace', () => {
  it('is the session of init', async () => {
    const { traces, sessions } = await recorded(() => chat()(), { session: 'user_456' });
    expect(traces[0]?.session_id).toBe('user_456');
    expect(sessions).toHaveLength(1);
    expect(sessions[0]).toMatchObject({ id: 'user_456', mode: 'dev' });
  });

  it('can be set for one trace', async () => {
    const { traces } = await recorded(
      () => {
        chat({ session: 'user_789' })();
        chat()();
      },
      { session: 'user_456' },
    );
    expect(traces.map(({ session_id }) => session_id)).toEqual(['user_789', 'user_456']);
  });

  it.each(['user_id', 'userId'])('has name and %s, and sets the user of the trace', async (key) => {
    const session = { id: 's', name: 'multi agent chat', [key]: '123', metadata: { plan: 'pro' } };
    const { traces, sessions } = await recorded(() => chat({ session })());
    expect(sessions[0]).toMatchObject({
      id: 's',
      name: 'multi agent chat',
      user_id: '123',
      metadata: { plan: 'pro' },
    });
    expect(traces[0]).toMatchObject({ session_id: 's', user_id: '123' });
  });

  it('can be a function of the arguments', async () => {
    const handle = trace({ session: (request) => ({ id: request.chatId }) }, handleRequest);
    const { traces } = await recorded(() => {
      handle({ chatId: 'a' });
      handle({ chatId: 'b' });
    });
    expect(traces.map(({ session_id }) => session_id)).toEqual(['a', 'b']);
  });

  it.each([
    [
      'throws',
      () => {
        throw new Error('no');
      },
    ],
    ['answers something unusable', () => ({ name: 'no id' })],
  ])('is that of init when the function %s', async (_, session) => {
    const { traces } = await recorded(() => expect(chat({ session })()).toBe(1), {
      session: 'user_456',
    });
    expect(traces[0]?.session_id).toBe('user_456');
  });

  it('is set by withSession, also for spans that start a trace', async () => {
    const { traces } = await recorded(async () => {
      await withSession('request', async () => {
        await Promise.resolve();
        span('step', () => 1)();
        chat({ session: 'own' })();
      });
      chat()();
    });
    expect(traces.map(({ session_id }) => session_id)).toEqual(['request', 'own', undefined]);
  });
});

describe('the session record', () => {
  it('is sent once for many traces, from the first start to the last activity', async () => {
    const { traces, sessions } = await recorded(
      () => {
        for (let i = 0; i < 50; i++) chat()();
      },
      { session: 's' },
    );
    expect(sessions).toEqual([
      {
        id: 's',
        mode: 'dev',
        started_at: traces[0]?.started_at,
        ended_at: traces.at(-1)?.ended_at,
      },
    ]);
  });
});

describe('an invalid session', () => {
  it('is an error in init, and ignored by trace', async () => {
    expect(() => init({ session: '' })).toThrow("'session'");
    const { traces } = await recorded(() => chat({ session: 'x'.repeat(500) })());
    expect(traces[0]).not.toHaveProperty('session_id');
  });
});

function handleRequest(request: { chatId: string }): string {
  return request.chatId;
}
