import { describe, expect, it } from 'vitest';
import { TokenBucket } from '../../../lambda/auth/token-bucket.ts';

/** How many units can be taken one by one. */
function takeAll(allowance: TokenBucket, nowMillis: number): number {
  let taken = 0;
  while (allowance.waitMillis(nowMillis) === 0) {
    allowance.take(1);
    taken++;
  }
  return taken;
}

describe('TokenBucket', () => {
  it('allows a minute at once, then what has been refilled', () => {
    const allowance = new TokenBucket(60, 0);
    expect(takeAll(allowance, 0)).toBe(60);
    expect(allowance.waitMillis(0)).toBe(1_000);
    expect(allowance.waitMillis(999)).toBeCloseTo(1);
    expect(takeAll(allowance, 1_000)).toBe(1);
    expect(takeAll(allowance, 11_000)).toBe(10);
  });

  it('never holds more than its capacity', () => {
    expect(takeAll(new TokenBucket(60, 0), 3_600_000)).toBe(60);
    expect(takeAll(new TokenBucket(60, 0, 5), 3_600_000)).toBe(5);
  });

  it('goes into debt for a large amount, and waits until it is refilled', () => {
    const allowance = new TokenBucket(60, 0);
    allowance.take(119);
    expect(allowance.waitMillis(0)).toBe(60_000);
  });

  it('keeps what is left when the rate changes', () => {
    const allowance = new TokenBucket(60, 0);
    allowance.take(50);
    allowance.setRate(120, 0);
    expect(takeAll(allowance, 0)).toBe(10);
    allowance.setRate(6, 60_000);
    expect(takeAll(allowance, 60_000)).toBe(6);
    expect(allowance.waitMillis(60_000)).toBe(10_000);
  });

  it('allows a unit eventually, however low the rate', () => {
    const allowance = new TokenBucket(0.5, 0);
    expect(takeAll(allowance, 0)).toBe(1);
    expect(takeAll(allowance, 120_000)).toBe(1);
  });

  it('ignores a clock that is set back', () => {
    const allowance = new TokenBucket(60, 10_000);
    expect(takeAll(allowance, 0)).toBe(60);
    expect(takeAll(allowance, 1_000)).toBe(1);
  });
});
