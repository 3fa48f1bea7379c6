/**
 * Printed Python of nothing but dicts, lists, texts, numbers and constants, as JSON text: most of what
 * instrumentations print, and the engine's own parser reads JSON in a fraction of the time.
 */
import type { JsonValue } from '../../records.ts';

/** Longer texts are read with a bound on their nodes. */
const MAX_LENGTH = 200_000;
const MAX_DEPTH = 60;

const QUOTE = 0x27;
const DOUBLE_QUOTE = 0x22;
const BACKSLASH = 0x5c;

/** A text without escapes of code points. */
const SINGLE = /'([^'\\]*(?:\\[nrt\\'"][^'\\]*)*)'/y;
const DOUBLE = /"([^"\\]*(?:\\[nrt\\'"][^"\\]*)*)"/y;
const ESCAPED = /\\(.)|"/g;

/** The value of a printed text, if it has only such values; undefined for any other. */
export function readPlainRepr(text: string): JsonValue | undefined {
  const json = asJson(text);
  if (json === null) return undefined;
  try {
    return JSON.parse(json) as JsonValue;
  } catch {
    return undefined;
  }
}

function asJson(text: string): string | null {
  if (text.length > MAX_LENGTH) return null;
  let json = '';
  let from = 0;
  let depth = 0;
  for (let at = 0; at < text.length; ) {
    const unit = text.charCodeAt(at);
    let word: string;
    let end: number;
    if (unit === QUOTE || unit === DOUBLE_QUOTE) {
      end = text.indexOf(unit === QUOTE ? "'" : '"', at + 1) + 1;
      if (end === 0) return null;
      const said = text.slice(at + 1, end - 1);
      if (!said.includes('\\') && (unit === DOUBLE_QUOTE || !said.includes('"'))) {
        if (unit === DOUBLE_QUOTE) {
          at = end;
          continue;
        }
        word = `"${said}"`;
      } else {
        const form = unit === QUOTE ? SINGLE : DOUBLE;
        form.lastIndex = at;
        const found = form.exec(text);
        if (found === null) return null;
        end = form.lastIndex;
        const written = found[1] as string;
        const isJson = !written.includes("\\'") && !written.includes('"');
        word = `"${isJson ? written : written.replace(ESCAPED, escaped)}"`;
      }
    } else if (unit === 0x4e && text.startsWith('None', at)) {
      end = at + 4;
      word = 'null';
    } else if (unit === 0x54 && text.startsWith('True', at)) {
      end = at + 4;
      word = 'true';
    } else if (unit === 0x46 && text.startsWith('False', at)) {
      end = at + 5;
      word = 'false';
    } else {
      if (unit === 0x5b || unit === 0x7b) depth += 1;
      else if (unit === 0x5d || unit === 0x7d) depth -= 1;
      // A name, a tuple or an object.
      else if (
        unit === 0x28 ||
        unit === 0x3c ||
        unit === BACKSLASH ||
        (unit > 0x40 && unit !== 0x65)
      )
        return null;
      if (depth > MAX_DEPTH) return null;
      at += 1;
      continue;
    }
    json += text.slice(from, at) + word;
    from = end;
    at = end;
  }
  return json + text.slice(from);
}

/** JSON has no escape of a single quote, and needs one of a double quote. */
function escaped(sequence: string, letter: string | undefined): string {
  if (letter === undefined) return '\\"';
  return letter === "'" ? "'" : sequence;
}
