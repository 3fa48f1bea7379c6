/**
 * Wall-clock time in milliseconds, with microseconds as the fraction.
 *
 * `performance.now()` is monotonic but drifts from the wall clock (NTP, a suspended laptop). So each
 * trace takes a new offset when it starts: time is monotonic within a trace, and correct in a process
 * that runs for weeks.
 */

import { isInstance, isList } from './values.ts';

const MAX_DRIFT_MILLIS = 5;
const MAX_UPTIME_MILLIS = 1e11;

let offset = Number.NaN;

/** Milliseconds to add to `performance.now()` in a trace that starts now. */
export function clockOffset(): number {
  const monotonic = performance.now();
  const wall = Date.now();
  // Its origin is exact to the microsecond, the wall clock to the millisecond.
  if (Number.isNaN(offset)) offset = performance.timeOrigin;
  // The origin may be missing too; so this is not the same as a drift of more than the maximum.
  if (!(Math.abs(offset + monotonic - wall) <= MAX_DRIFT_MILLIS)) offset = wall - monotonic;
  return offset;
}

/** 000 to 999, so that formatting allocates no padding. */
const THREE_DIGITS = Array.from({ length: 1000 }, (_, n) => String(n).padStart(3, '0'));

let cachedSecond = Number.NaN;
let cachedPrefix = '';
let cachedStart = '';
let cachedEnd = '';

/** A time as ISO 8601 in UTC with microseconds: `2026-01-31T12:00:00.123456Z`. */
export function isoTime(millis: number): string {
  const fraction = prepare(millis);
  return cachedPrefix + fraction;
}

/** The fields `started_at` and `ended_at` as JSON text, each with a leading comma. */
export function timeFields(startedAt: number, endedAt: number): string {
  const start = prepare(startedAt);
  const head = cachedStart + start;
  const end = prepare(endedAt);
  return `${head}${cachedEnd}${end}"`;
}

/** Caches the text of a time's second and returns the text of its fraction. */
function prepare(millis: number): string {
  const second = Math.floor(millis / 1000);
  if (second !== cachedSecond) {
    // 2026-01-31T12:00:00.000Z up to and including the point
    cachedPrefix = new Date(second * 1000).toISOString().slice(0, -4);
    cachedStart = `,"started_at":"${cachedPrefix}`;
    cachedEnd = `","ended_at":"${cachedPrefix}`;
    cachedSecond = second;
  }
  // A double of this size is exact to a quarter of a microsecond, so 5 may be stored as 4.9.
  const micros = Math.min(999_999, Math.floor((millis - second * 1000) * 1000 + 0.2));
  const milli = Math.floor(micros / 1000);
  return `${THREE_DIGITS[milli]}${THREE_DIGITS[micros - milli * 1000]}Z`;
}

/** A time in OpenTelemetry's API: milliseconds, a Date, or `[seconds, nanoseconds]`. */
export type OtelTime = number | Date | readonly [number, number];

export const isOtelTime = (value: unknown): value is OtelTime =>
  typeof value === 'number' || isInstance(value, Date) || isList(value);

/** Milliseconds since the epoch of an OpenTelemetry time. */
export function millisOf(time: OtelTime, traceOffset: number): number {
  if (typeof time === 'number') {
    // The API also accepts readings of performance.now(); no process runs for three years.
    return time < MAX_UPTIME_MILLIS ? time + traceOffset : time;
  }
  if (isInstance(time, Date)) return time.getTime();
  return time[0] * 1000 + time[1] / 1e6;
}
