/** Scans well-formed JSON text without parsing it. */

const QUOTE = 0x22;
const BACKSLASH = 0x5c;

/** The index after the string that begins at `start`. */
export function endOfString(json: string, start: number): number {
  for (let at = json.indexOf('"', start + 1); at >= 0; at = json.indexOf('"', at + 1)) {
    let before = at;
    while (json.charCodeAt(before - 1) === BACKSLASH) before -= 1;
    if ((at - before) % 2 === 0) return at + 1;
  }
  return json.length;
}

/** The index after the value that begins at `start`. */
export function endOfValue(json: string, start: number): number {
  const first = json.charCodeAt(start);
  if (first === QUOTE) return endOfString(json, start);
  let depth = 0;
  for (let at = start; at < json.length; at++) {
    const unit = json.charCodeAt(at);
    if (unit === QUOTE) at = endOfString(json, at) - 1;
    else if (isOpening(unit)) depth += 1;
    else if (isClosing(unit) || unit === 0x2c) {
      if (unit !== 0x2c && depth > 0) depth -= 1;
      if (depth > 0) continue;
      const isInside = isClosing(unit) && isOpening(first);
      return isInside ? at + 1 : at;
    }
  }
  return json.length;
}

export const isOpening = (unit: number): boolean => unit === 0x7b || unit === 0x5b;
export const isClosing = (unit: number): boolean => unit === 0x7d || unit === 0x5d;

/** The index of the next character that is not whitespace. */
export function skipSpace(json: string, start: number): number {
  let at = start;
  while (json.charCodeAt(at) <= 0x20) at += 1;
  return at;
}

/** The fields of an object: keys and the JSON texts of their values. */
export function fieldsOf(json: string): [key: string, value: string][] {
  const fields: [string, string][] = [];
  let at = 1;
  while (json.charCodeAt(at) === QUOTE) {
    const colon = endOfString(json, at);
    const end = endOfValue(json, colon + 1);
    fields.push([json.slice(at + 1, colon - 1), json.slice(colon + 1, end)]);
    at = end + 1;
  }
  return fields;
}
