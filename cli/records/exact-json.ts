/**
 * JSON that is written exactly as it was read: a number without an exact double, such as a 64-bit id,
 * keeps its digits.
 */

/** Not in the types of this TypeScript target; in Node since version 21. */
interface RawJson {
  rawJSON(text: string): unknown;
}

/** Numbers that do not match have few enough digits to be exact. */
const MAY_BE_INEXACT = /\d{16}|\d[eE]|\.\d{15}/;

/**
 * Like `JSON.parse`, for values that are only serialised again.
 *
 * @throws SyntaxError
 */
export function parseExactly(text: string): unknown {
  if (!MAY_BE_INEXACT.test(text)) return JSON.parse(text);
  const revive = (_key: string, value: unknown, context?: { source?: string }): unknown =>
    typeof value === 'number' && context?.source !== undefined && String(value) !== context.source
      ? (JSON as unknown as RawJson).rawJSON(context.source)
      : value;
  return JSON.parse(text, revive);
}
