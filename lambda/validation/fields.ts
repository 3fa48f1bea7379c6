/** How each type of field is checked, and what is made of it. */
import { LIMITS, MODES, SPAN_KINDS, STATUSES } from '../../wire/protocol.ts';
import type { FieldType } from '../../wire/records.ts';
import { cleanText, cutLabel, cutText } from '../../wire/text.ts';
import { isId } from '../../wire/values.ts';
import { boundJson } from './bound-json.ts';
import { readMoment } from './timestamp.ts';

/**
 * Why a value is not taken. Says what would be right, and never quotes what came, which would travel with
 * it into logs and answers.
 */
export class Fault {
  readonly reason: string;

  constructor(reason: string) {
    this.reason = reason;
  }
}

/** Answers what is stored of a value, or a {@link Fault}; undefined for what is unknown. */
export type Check = (value: unknown) => unknown;

const TEXT = new Fault('must be text');
const ID = new Fault(`must be text of 1 to ${LIMITS.maxIdLength} printable characters`);
const MISSING = new Fault('is required');
const EMPTY = new Fault('must not be empty');
const TIME = new Fault(
  'must be a real date and time in ISO 8601 with an offset, in the years 1 to 9999',
);
const TAGS = new Fault('must be a list of texts');
const COUNT = new Fault(`must be a whole number from 0 to ${LIMITS.maxCount}`);
const INDEX = new Fault(`must be a whole number from 0 to ${LIMITS.maxIndex}`);
const MILLIS = new Fault('must be a number from 0 up');

/** One check for each type; `null` means "unknown" and is dealt with before. */
const CHECKS: Record<FieldType, Check> = {
  id: (value) => {
    if (typeof value !== 'string') return ID;
    return value === '' ? null : isId(value) ? value : ID;
  },
  // Unknown is null, never an empty name.
  label: (value) => (typeof value === 'string' ? label(value) || null : TEXT),
  text: (value) =>
    typeof value === 'string' ? cutText(cleanText(value), LIMITS.maxTextBytes) : TEXT,
  json: boundJson,
  tags: (value) => {
    if (!Array.isArray(value) || !value.every((tag) => typeof tag === 'string')) return TAGS;
    if (value.length <= LIMITS.maxTags) return value.map(label);
    const kept = LIMITS.maxTags - 1;
    return [...value.slice(0, kept).map(label), `…[cut: ${kept} of ${value.length} tags]`];
  },
  time: (value) => (typeof value === 'string' ? readMoment(value) : null) ?? TIME,
  count: (value) => (isWhole(value, LIMITS.maxCount) ? value : COUNT),
  index: (value) => (isWhole(value, LIMITS.maxIndex) ? value : INDEX),
  millis: (value) =>
    typeof value === 'number' && Number.isFinite(value) && value >= 0 ? value : MILLIS,
  mode: oneOf(MODES),
  status: oneOf(STATUSES),
  kind: oneOf(SPAN_KINDS),
};

/**
 * The check of a field that may be absent or null, which mean the same: unknown. It is left out of
 * the record, as half of the fields are null and each would be a word in the batch for Postgres.
 */
export function optionalField(type: FieldType): Check {
  const check = CHECKS[type];
  return (value) =>
    value === undefined || value === null ? undefined : (check(value) ?? undefined);
}

/** The check of a field that belongs to the key. */
export function keyField(type: FieldType): Check {
  const check = CHECKS[type];
  return (value) => (value === undefined || value === null ? MISSING : (check(value) ?? EMPTY));
}

function label(text: string): string {
  return cutLabel(cleanText(text), LIMITS.maxLabelLength);
}

function isWhole(value: unknown, max: number): boolean {
  return Number.isSafeInteger(value) && (value as number) >= 0 && (value as number) <= max;
}

function oneOf(words: readonly string[]): Check {
  const fault = new Fault(`must be one of ${words.join(', ')}`);
  return (value) => (words.includes(value as string) ? value : fault);
}
