/**
 * JSON that comes out as it went in: a number that has no exact double (a 64-bit id, say) stays as it
 * is written.
 */

/** Newer than the types of this TypeScript target; in Node since 21. */
interface RawJson {
  rawJSON(text: string): unknown;
}

/** So few digits are always exact. */
const MAY_BE_INEXACT = /\d{16}|\d[eE]|\.\d{15}/;

/** As `JSON.parse`, for values that are only written again.
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
