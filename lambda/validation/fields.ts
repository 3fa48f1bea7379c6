/**
 * The checks of single fields, written by hand because they run for each field of each record: see
 * `batch.ts` for what that saves. `record-schemas.ts` states the same as schemas.
 */
import { LIMITS, MODES, SPAN_KINDS, STATUSES } from '../../wire/protocol.ts';
import type { FieldType } from '../../wire/records.ts';
import { cleanText, cutText } from '../../wire/text.ts';
import { isId } from '../../wire/values.ts';
import { boundJson } from './bound-json.ts';
import { boundLabel, boundTags } from './labels.ts';
import { parseTimestamp } from './timestamp.ts';

/**
 * Why the value of a field is rejected, as a value. The reason says what would be valid, and never
 * quotes the value, which would end up in logs and answers.
 */
export class FieldError {
  readonly reason: string;

  constructor(reason: string) {
    this.reason = reason;
  }
}

/** Returns what is stored of a value, or a {@link FieldError}; undefined for an unknown value. */
export type Check = (value: unknown) => unknown;

/** The reasons of rejection: by type of field, of a whole record, and of key fields. */
export const REASONS = {
  id: `must be text of 1 to ${LIMITS.maxIdLength} printable characters`,
  label: 'must be text',
  text: 'must be text',
  json: 'must be JSON',
  tags: 'must be a list of texts',
  time: 'must be a real date and time in ISO 8601 with an offset, in the years 1 to 9999',
  count: `must be a whole number from 0 to ${LIMITS.maxCount}`,
  index: `must be a whole number from 0 to ${LIMITS.maxIndex}`,
  millis: 'must be a number of at least 0',
  mode: `must be one of ${MODES.join(', ')}`,
  status: `must be one of ${STATUSES.join(', ')}`,
  kind: `must be one of ${SPAN_KINDS.join(', ')}`,
  record: 'must be an object',
  missing: 'is required',
  empty: 'must not be empty',
} as const satisfies Record<FieldType | 'record' | 'missing' | 'empty', string>;

const ERRORS = Object.fromEntries(
  Object.entries(REASONS).map(([name, reason]) => [name, new FieldError(reason)]),
) as Record<keyof typeof REASONS, FieldError>;

/** One check for each type. Null and undefined, which mean "unknown", are handled before. */
const CHECKS: Record<FieldType, Check> = {
  id: (value) => {
    if (typeof value !== 'string') return ERRORS.id;
    if (value === '') return null;
    return isId(value) ? value : ERRORS.id;
  },
  // Unknown is null, never an empty name.
  label: (value) => (typeof value === 'string' ? boundLabel(value) || null : ERRORS.label),
  text: (value) =>
    typeof value === 'string' ? cutText(cleanText(value), LIMITS.maxTextBytes) : ERRORS.text,
  json: boundJson,
  tags: (value) => (isListOfTexts(value) ? boundTags(value) : ERRORS.tags),
  time: (value) => (typeof value === 'string' ? parseTimestamp(value) : null) ?? ERRORS.time,
  count: (value) => (isWhole(value, LIMITS.maxCount) ? value : ERRORS.count),
  index: (value) => (isWhole(value, LIMITS.maxIndex) ? value : ERRORS.index),
  millis: (value) =>
    typeof value === 'number' && Number.isFinite(value) && value >= 0 ? value : ERRORS.millis,
  mode: (value) => (MODES.some((mode) => mode === value) ? value : ERRORS.mode),
  status: (value) => (STATUSES.some((status) => status === value) ? value : ERRORS.status),
  kind: (value) => (SPAN_KINDS.some((kind) => kind === value) ? value : ERRORS.kind),
};

/**
 * The check of an optional field. Absent and null both mean "unknown"; the field is then left out of
 * the record, because half of all fields are null and each would cost Postgres time.
 */
export function optionalField(type: FieldType): Check {
  const check = CHECKS[type];
  return (value) =>
    value === undefined || value === null ? undefined : (check(value) ?? undefined);
}

/** The check of a field that belongs to the key of a record. */
export function keyField(type: FieldType): Check {
  const check = CHECKS[type];
  return (value) =>
    value === undefined || value === null ? ERRORS.missing : (check(value) ?? ERRORS.empty);
}

function isListOfTexts(value: unknown): value is string[] {
  return Array.isArray(value) && value.every((item) => typeof item === 'string');
}

function isWhole(value: unknown, max: number): boolean {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0 && value <= max;
}
