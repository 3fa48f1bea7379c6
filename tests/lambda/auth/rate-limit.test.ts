import { describe, expect, it } from 'vitest';
import { LEAST_SHARE, RateLimiter } from '../../../lambda/auth/rate-limit.ts';

const MINUTE = 60_000;
const BODY = 1_000;

function setUp(maxTokens = 10) {
  const clock = { millis: Date.UTC(2026, 0, 2) };
  const limiter = new RateLimiter(maxTokens, () => clock.millis);
  return {
    clock,
    limiter,
    learn: (requests_last_minute: number, requests_per_minute = 60, token = 'a') =>
      limiter.learn(token, {
        requests_per_minute,
        bytes_per_minute: 60 * BODY,
        requests_last_minute,
      }),
    /** How many requests are allowed now. */
    burst: (token = 'a', bytes = 0) => {
      for (let sent = 0; sent < 1_000; sent++) {
        if (limiter.spend(token, bytes) !== null) return sent;
      }
      return 1_000;
    },
  };
}

describe('RateLimiter', () => {
  it('allows a minute of requests, and then returns when to retry', () => {
    const { learn, burst, limiter, clock } = setUp();
    learn(0);
    expect(burst()).toBe(60);
    expect(limiter.spend('a', 0)).toMatchObject({
      status: 429,
      code: 'too_many_requests',
      headers: { 'retry-after': '1' },
    });
    clock.millis += 1_000;
    expect(burst()).toBe(1);
  });

  it('allows a minute of bytes, including the whole last body', () => {
    const { learn, burst, limiter, clock } = setUp();
    learn(0, 1_000);
    expect(burst('a', 7 * BODY)).toBe(9);
    expect(limiter.spend('a', 1)).toMatchObject({ headers: { 'retry-after': '4' } });
    clock.millis += 4_000;
    expect(burst('a', 1)).toBeGreaterThan(0);
  });

  it('keeps one budget for each token', () => {
    const { learn, burst } = setUp();
    learn(0, 60, 'a');
    learn(0, 30, 'b');
    expect(burst('a')).toBe(60);
    expect(burst('b')).toBe(30);
  });

  it('does not refill a budget when the token is checked again', () => {
    const { learn, burst } = setUp();
    learn(0);
    burst();
    learn(60);
    expect(burst()).toBe(0);
  });

  it('allows everything while no limit is known', () => {
    expect(setUp().burst('unheard of')).toBe(1_000);
  });

  it('evicts the oldest budget when it is full', () => {
    const { learn, burst } = setUp(2);
    for (const token of ['a', 'b', 'c']) learn(0, 1, token);
    expect([burst('a'), burst('b'), burst('c')]).toEqual([1_000, 1, 1]);
  });

  it.each([2, 5, 40])('converges %i instances to one limit, and back up', (count) => {
    const instances = Array.from({ length: count }, () => setUp());
    // The database counts up to twice the budget.
    let stored = 0;
    const minute = () => {
      for (const { clock, learn } of instances) {
        clock.millis += MINUTE;
        learn(Math.min(stored, 1_200), 600);
      }
      stored = 0;
      for (const { burst } of instances) stored += burst();
      return stored;
    };
    const totals = Array.from({ length: 12 }, minute);
    expect(totals[0]).toBe(count * 600);
    for (const total of totals.slice(-3)) {
      expect(total).toBeGreaterThan(500);
      expect(total).toBeLessThanOrEqual(640);
    }
    stored = 1;
    for (const { clock, learn } of instances) {
      clock.millis += MINUTE;
      learn(stored, 600);
    }
    const [first] = instances;
    if (first) first.clock.millis += MINUTE;
    expect(first?.burst()).toBe(600);
  });

  it('leaves every instance a minimum, however many there are', () => {
    const { learn, burst, clock } = setUp();
    for (let i = 0; i < 100; i++) learn(1_000_000, 60 / LEAST_SHARE);
    clock.millis += MINUTE;
    expect(burst()).toBe(60);
  });
});
