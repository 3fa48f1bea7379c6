/** The records that a command reads: `--since`, `--until`, `--session` and `--trace`. */
import { UsageError } from '../shell/errors.ts';
import type { Options } from '../shell/option.ts';

export const SELECTION_OPTIONS = {
  since: {
    type: 'string',
    value: 'TIME',
    help: 'traces started at or after: 2026-01-31T12:00Z, or an age: 90m, 12h, 7d',
  },
  until: { type: 'string', value: 'TIME', help: 'traces started before' },
  session: { type: 'string', value: 'ID', help: 'traces of this session' },
  trace: { type: 'string', value: 'ID', help: 'only this trace' },
} as const satisfies Options;

export interface Selection {
  /** ISO 8601 in UTC with microseconds, as the SDK writes times, so that they sort as text. */
  readonly since: string | undefined;
  readonly until: string | undefined;
  readonly session: string | undefined;
  readonly trace: string | undefined;
}

/** @throws UsageError for an invalid time */
export function readSelection(
  values: { readonly [K in keyof typeof SELECTION_OPTIONS]?: string },
  nowMillis = Date.now(),
): Selection {
  return {
    since: readTime('since', values.since, nowMillis),
    until: readTime('until', values.until, nowMillis),
    session: values.session,
    trace: values.trace,
  };
}

/** Whether there is any condition. */
export const isNarrowed = (selection: Selection): boolean =>
  Object.values(selection).some((value) => value !== undefined);

const UNIT_MILLIS = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000, w: 604_800_000 } as const;
const DATE = /^\d{4}-\d\d-\d\d([T ]\d\d:\d\d(:\d\d(\.\d{1,6})?)?(Z|[+-]\d\d:?\d\d)?)?$/;

function readTime(name: string, given: string | undefined, nowMillis: number): string | undefined {
  if (given === undefined) return undefined;
  const [, amount, unit] = /^(\d{1,9})([smhdw])$/.exec(given) ?? [];
  const millis = unit
    ? nowMillis - Number(amount) * UNIT_MILLIS[unit as keyof typeof UNIT_MILLIS]
    : DATE.test(given)
      ? Date.parse(given)
      : Number.NaN;
  if (Number.isNaN(millis) || millis < 0) {
    throw new UsageError(`--${name} must be a time (2026-01-31T12:00Z) or an age (90m, 12h, 7d)`);
  }
  return new Date(millis).toISOString().replace('Z', '000Z');
}
