/**
 * Wall-clock time in milliseconds with microseconds behind the point.
 *
 * `performance.now()` never goes back but drifts away from the wall clock (NTP, a suspended laptop).
 * So each trace takes its own offset when it starts: inside a trace time is monotone, and a process
 * that lives for weeks still tells the right time.
 */

const MAX_DRIFT_MILLIS = 5;
const MAX_UPTIME_MILLIS = 1e11;

let offset = performance.timeOrigin;

/** What must be added to `performance.now()` for a trace that starts now. */
export function clockOffset(): number {
  const monotonic = performance.now();
  const wall = Date.now();
  if (Math.abs(offset + monotonic - wall) > MAX_DRIFT_MILLIS) offset = wall - monotonic;
  return offset;
}

/** 000 to 999, so that formatting a time allocates no padding. */
const THREE_DIGITS = Array.from({ length: 1000 }, (_, n) => String(n).padStart(3, '0'));

let cachedSecond = Number.NaN;
let cachedPrefix = '';
let cachedStart = '';
let cachedEnd = '';

/** ISO 8601, UTC, microseconds: `2026-01-31T12:00:00.123456Z`. */
export function isoTime(millis: number): string {
  const fraction = prepare(millis);
  return cachedPrefix + fraction;
}

/** The two times of a record, as JSON text with a comma before each. */
export function timeFields(startedAt: number, endedAt: number): string {
  const start = prepare(startedAt);
  const head = cachedStart + start;
  const end = prepare(endedAt);
  return `${head}${cachedEnd}${end}"`;
}

/** Sets the cache to the second of a time and returns what is behind the point. */
function prepare(millis: number): string {
  const second = Math.floor(millis / 1000);
  if (second !== cachedSecond) {
    // 2026-01-31T12:00:00.000Z up to and with the point
    cachedPrefix = new Date(second * 1000).toISOString().slice(0, -4);
    cachedStart = `,"started_at":"${cachedPrefix}`;
    cachedEnd = `","ended_at":"${cachedPrefix}`;
    cachedSecond = second;
  }
  // A number of this size is exact to a quarter of a microsecond: 5 may stand there as 4.9.
  const micros = Math.min(999_999, Math.floor((millis - second * 1000) * 1000 + 0.2));
  const milli = Math.floor(micros / 1000);
  return `${THREE_DIGITS[milli]}${THREE_DIGITS[micros - milli * 1000]}Z`;
}

/** An OpenTelemetry time (milliseconds, Date, or [seconds, nanoseconds]) in our milliseconds. */
export function millisOf(
  time: number | Date | readonly [number, number],
  traceOffset: number,
): number {
  if (typeof time === 'number') {
    // OpenTelemetry also allows readings of performance.now(); no process runs for three years.
    return time < MAX_UPTIME_MILLIS ? time + traceOffset : time;
  }
  if (time instanceof Date) return time.getTime();
  return time[0] * 1000 + time[1] / 1e6;
}
