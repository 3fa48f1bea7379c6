/** Timestamps: parsed strictly, written as ISO 8601 UTC. */

const FORM =
  /^(\d{4})-(\d\d)-(\d\d)[Tt ](\d\d):(\d\d):(\d\d)(?:\.(\d{1,9}))?(?:([Zz])|([+-])(\d\d):?(\d\d))$/;
/** The form that every SDK writes, on a day that every month has. */
const USUAL_FORM =
  /^[1-9]\d{3}-(?:0[1-9]|1[0-2])-(?:0[1-9]|1\d|2[0-8])T(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d(?:\.\d{1,6})?Z$/;
const DAYS_IN_MONTH = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
const LONGEST_OFFSET_HOURS = 15;

/**
 * A timestamp of a client in UTC, cut to microseconds; null when it is not ISO 8601 with an offset,
 * not a real calendar date, or not in the years 1 to 9999.
 *
 * @example
 * parseTimestamp('2026-01-01T01:00:00+01:00'); // '2026-01-01T00:00:00Z'
 */
export function parseTimestamp(text: string): string | null {
  if (USUAL_FORM.test(text)) return text;
  const parts = FORM.exec(text);
  if (parts === null) return null;
  const [year, month, day, hour, minute, second] = parts.slice(1, 7).map(Number) as Six;
  if (!isDate(year, month, day) || hour > 23 || minute > 59 || second > 59) return null;
  const fraction = parts[7] ?? '';
  const [, , , , , , , , zulu, sign, offsetHour, offsetMinute] = parts;
  // Already in the form that is written.
  if (zulu === 'Z' && fraction.length <= 6 && text[10] === 'T') return text;
  const offset = zulu ? 0 : offsetInMinutes(sign, Number(offsetHour), Number(offsetMinute));
  if (offset === null) return null;
  const moment = new Date(0);
  moment.setUTCFullYear(year, month - 1, day);
  moment.setUTCHours(hour, minute - offset, second);
  const utcYear = moment.getUTCFullYear();
  if (utcYear < 1 || utcYear > 9999) return null;
  return withFraction(moment, fraction.slice(0, 6));
}

type Six = [number, number, number, number, number, number];

function isDate(year: number, month: number, day: number): boolean {
  if (year < 1 || month < 1 || month > 12 || day < 1) return false;
  const isLeap = (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0;
  const days = month === 2 && isLeap ? 29 : (DAYS_IN_MONTH[month - 1] ?? 0);
  return day <= days;
}

function offsetInMinutes(sign: string | undefined, hours: number, minutes: number): number | null {
  if (hours > LONGEST_OFFSET_HOURS || minutes > 59) return null;
  return (sign === '-' ? -1 : 1) * (hours * 60 + minutes);
}

function withFraction(moment: Date, fraction: string): string {
  const seconds = moment.toISOString().slice(0, 19);
  return fraction ? `${seconds}.${fraction}Z` : `${seconds}Z`;
}

/** Unset clocks report 1970, and overflows land far ahead; neither is a real time. */
const EARLIEST_MICROS = Date.UTC(2000, 0, 1) * 1000;
const LATEST_MICROS = Date.UTC(2100, 0, 1) * 1000;

/**
 * Nanoseconds since 1970 as ISO 8601 UTC with six digits of microseconds; null outside the years
 * 2000 to 2099.
 */
export function timestampFromNanos(nanos: bigint): string | null {
  // Rounded, because senders that compute in doubles are off by up to 128 ns either way.
  const micros = Number((nanos + 500n) / 1000n);
  if (micros < EARLIEST_MICROS || micros >= LATEST_MICROS) return null;
  const fraction = String(micros % 1_000_000).padStart(6, '0');
  const seconds = Math.floor(micros / 1_000_000);
  if (seconds !== lastSeconds) {
    lastSeconds = seconds;
    lastPrefix = new Date(seconds * 1000).toISOString().slice(0, 20);
  }
  return `${lastPrefix}${fraction}Z`;
}

/** The last written second, cached: the timestamps of one export lie close together. */
let lastSeconds = Number.NaN;
let lastPrefix = '';
