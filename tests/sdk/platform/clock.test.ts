import { describe, expect, it } from 'vitest';
import { clockOffset, isoTime, millisOf, timeFields } from '../../../sdk/platform/clock.ts';

describe('isoTime', () => {
  it.each([
    [0, '1970-01-01T00:00:00.000000Z'],
    [1_700_000_000_000.005, '2023-11-14T22:13:20.000005Z'],
    [1_700_000_000_999.999, '2023-11-14T22:13:20.999999Z'],
    [1_700_000_000_999.9998, '2023-11-14T22:13:20.999999Z'],
    [1_700_000_001_000, '2023-11-14T22:13:21.000000Z'],
  ])('writes %d as %s', (millis, text) => {
    expect(isoTime(millis)).toBe(text);
  });

  it('keeps each microsecond', () => {
    for (let micros = 0; micros < 2_000; micros++) {
      const text = isoTime(1_700_000_000_000 + micros / 1000);
      expect(Number(text.slice(20, 26))).toBe(micros);
    }
  });
});

describe('timeFields', () => {
  it('writes two times of different seconds', () => {
    expect(timeFields(999, 1_000)).toBe(
      ',"started_at":"1970-01-01T00:00:00.999000Z","ended_at":"1970-01-01T00:00:01.000000Z"',
    );
  });
});

describe('millisOf', () => {
  it.each([
    ['milliseconds', 1_700_000_000_000.5, 1_700_000_000_000.5],
    ['a Date', new Date(5), 5],
    ['seconds and nanoseconds', [2, 500_000] as const, 2_000.5],
    ['a reading of performance.now()', 12, 1_012],
  ])('reads %s', (_, time, millis) => {
    expect(millisOf(time, 1_000)).toBe(millis);
  });
});

describe('clockOffset', () => {
  it('follows the wall clock within its tolerance', () => {
    expect(Math.abs(performance.now() + clockOffset() - Date.now())).toBeLessThan(6);
  });
});
