/** What a caller threw, as the `error` field of a record. */

import { LIMITS } from '../../wire/protocol.ts';
import { cutLabel } from '../../wire/text.ts';
import { attempt } from '../platform/attempt.ts';
import { isList, isText } from '../platform/values.ts';
import { quoteLabel, quoteText } from './snapshot.ts';

/** An error's cause may have a cause; and several errors may be one. */
const MAX_CAUSES = 5;

/** Texts and their escapes must stay inside one JSON field, those of all causes too. */
const MAX_UNITS = LIMITS.maxJsonBytes / 16;

/**
 * `{type, message, stack, cause, errors}` as JSON text; never throws, whatever was thrown. Without
 * content only the type and the places in the stack are told, because messages quote what went wrong.
 */
export const errorJson = (thrown: unknown, keepsContent = true): string =>
  describe(thrown, keepsContent, { left: MAX_CAUSES });

function describe(thrown: unknown, keepsContent: boolean, causes: { left: number }): string {
  const units = causes.left === MAX_CAUSES ? MAX_UNITS : MAX_UNITS / (4 * MAX_CAUSES);
  const read = (get: () => unknown): string | undefined => {
    const value = attempt(get);
    return isText(value) ? cutLabel(value, units) : undefined;
  };
  const type = read(() => (thrown as Error).name) ?? (thrown === null ? 'null' : typeof thrown);
  let json = `{"type":${quoteLabel(type)}`;
  if (keepsContent) {
    const message = read(() => (thrown as Error).message) ?? read(() => String(thrown)) ?? '';
    json += `,"message":${quoteText(message)}`;
  }
  const stack = read(() => (thrown as Error).stack);
  const told = keepsContent ? stack : places(stack);
  if (told !== undefined) json += `,"stack":${quoteText(told)}`;
  // A proxy may refuse to say what it is.
  return `${json}${attempt(() => causesOf(thrown, keepsContent, causes)) ?? ''}}`;
}

function causesOf(thrown: unknown, keepsContent: boolean, causes: { left: number }): string {
  if (!(thrown instanceof Error)) return '';
  const tell = (error: unknown): string | undefined => {
    if (error === undefined || error === null || causes.left === 0) return undefined;
    causes.left -= 1;
    return describe(error, keepsContent, causes);
  };
  const { cause, errors } = thrown as { cause?: unknown; errors?: unknown };
  const because = tell(cause);
  const several = isList(errors) ? errors.slice(0, MAX_CAUSES).map(tell).filter(Boolean) : [];
  return (
    (because ? `,"cause":${because}` : '') +
    (several.length > 0 ? `,"errors":[${several.join()}]` : '')
  );
}

/** The lines of a stack that say where, without the message before them. */
const places = (stack: string | undefined): string | undefined =>
  stack
    ?.split('\n')
    .filter((line) => /^\s+at .*[:(<]/.test(line))
    .join('\n');
