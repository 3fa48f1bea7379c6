/** A thrown value as the JSON text of the `error` field of a record. */

import { LIMITS } from '../../wire/protocol.ts';
import { cutLabel } from '../../wire/text.ts';
import { attempt, errorName, isError, isList, isText } from '../platform/values.ts';
import { quoteLabel, quoteText } from './snapshot.ts';

/** Causes and aggregated errors that are recorded, nested ones included. */
const MAX_CAUSES = 5;

/** UTF-16 units of one text: with escapes and with all causes it must fit into one JSON field. */
const MAX_UNITS = LIMITS.maxJsonBytes / 16;

/**
 * `{type, message, stack, cause, errors}` as JSON text; never throws. Without content only the type
 * and the stack frames are recorded, because messages quote values.
 */
export const errorJson = (thrown: unknown, keepsContent = true): string =>
  describe(thrown, keepsContent, { left: MAX_CAUSES });

function describe(thrown: unknown, keepsContent: boolean, causes: { left: number }): string {
  const units = causes.left === MAX_CAUSES ? MAX_UNITS : MAX_UNITS / (4 * MAX_CAUSES);
  const read = (get: () => unknown): string | undefined => {
    const value = attempt(get);
    return isText(value) ? cutLabel(value, units) : undefined;
  };
  const type = read(() => errorName(thrown)) ?? (thrown === null ? 'null' : typeof thrown);
  let json = `{"type":${quoteLabel(type)}`;
  if (keepsContent) {
    const message = read(() => (thrown as Error).message) ?? read(() => plainText(thrown)) ?? '';
    json += `,"message":${quoteText(message)}`;
  }
  const stack = read(() => (thrown as Error).stack);
  const kept = keepsContent ? stack : framesOf(stack);
  if (kept !== undefined) json += `,"stack":${quoteText(kept)}`;
  // A proxy may throw on any access.
  return `${json}${attempt(() => causesOf(thrown, keepsContent, causes)) ?? ''}}`;
}

/** The text of a thrown value. That of a list would hold all of its items, and theirs. */
const plainText = (thrown: unknown): string =>
  isList(thrown) ? `[list of ${thrown.length}]` : String(thrown);

function causesOf(thrown: unknown, keepsContent: boolean, causes: { left: number }): string {
  if (!isError(thrown)) return '';
  const describeNext = (error: unknown): string | undefined => {
    if (error === undefined || error === null || causes.left === 0) return undefined;
    causes.left -= 1;
    return describe(error, keepsContent, causes);
  };
  const { cause, errors } = thrown as { cause?: unknown; errors?: unknown };
  const causeJson = describeNext(cause);
  const nested = isList(errors)
    ? errors.slice(0, MAX_CAUSES).map(describeNext).filter(Boolean)
    : [];
  return (
    (causeJson ? `,"cause":${causeJson}` : '') +
    (nested.length > 0 ? `,"errors":[${nested.join()}]` : '')
  );
}

/** The frames of a stack, without the message before them. */
const framesOf = (stack: string | undefined): string | undefined =>
  stack
    ?.split('\n')
    .filter((line) => /^\s+at .*[:(<]/.test(line))
    .join('\n');
