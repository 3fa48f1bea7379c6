/** Finding one's way in JSON text without opening it. The text is well-formed, and spaces are rare. */

const QUOTE = 0x22;
const BACKSLASH = 0x5c;

/** Behind the end of the string that begins here. */
export function endOfString(json: string, start: number): number {
  for (let at = json.indexOf('"', start + 1); at >= 0; at = json.indexOf('"', at + 1)) {
    let before = at;
    while (json.charCodeAt(before - 1) === BACKSLASH) before -= 1;
    if ((at - before) % 2 === 0) return at + 1;
  }
  return json.length;
}

/** Behind the end of the value that begins here. */
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

/** Where the next thing begins that is no space. */
export function skipSpace(json: string, start: number): number {
  let at = start;
  while (json.charCodeAt(at) <= 0x20) at += 1;
  return at;
}

/** The fields of an object, as texts. */
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
