/**
 * Parses the JSON body of a request or a response of any size at a bounded cost. Long texts, such as
 * images in base64, are cut before they are decoded, with a mark of their size. A body that is large
 * without them is not parsed.
 */

import { utf8Encoder, utf8Text } from '../platform/utf8.ts';

const QUOTE = 0x22;
const BACKSLASH = 0x5c;

/** A smaller body is parsed as it is. */
const MAX_WHOLE_BYTES = 2_097_152;
/** Bytes that are parsed of a larger one. */
const MAX_PARSED_BYTES = 8_388_608;
/** Bytes that are kept of a long text, until half of the bytes above are used; then of further ones. */
const MAX_TEXT_BYTES = 1_048_576;
const MIN_TEXT_BYTES = 4_096;
/** Texts of a large body: keys and values. */
const MAX_TEXTS = 200_000;
/** The longest escape: `\ud83d\ude00`. */
const ESCAPE_BYTES = 12;

/** The value; undefined for a body that is too large to be parsed. */
export function parseBounded(bytes: Uint8Array): { readonly value: unknown } | undefined {
  if (bytes.length <= MAX_WHOLE_BYTES) return { value: JSON.parse(utf8Text(bytes)) };
  const text = shortened(bytes);
  return text === undefined ? undefined : { value: JSON.parse(text) };
}

/** The JSON text with long texts cut; undefined when it is still too long. */
function shortened(bytes: Uint8Array): string | undefined {
  const kept: Uint8Array[] = [];
  let size = 0;
  /** The end of what was kept or cut. */
  let at = 0;
  const keep = (part: Uint8Array): void => {
    kept.push(part);
    size += part.length;
  };
  let texts = 0;
  for (let open = bytes.indexOf(QUOTE); open >= 0; ) {
    const end = endOfText(bytes, open + 1);
    texts += 1;
    if (end < 0 || texts > MAX_TEXTS) return undefined;
    const used = size + open - at;
    const most = used < MAX_PARSED_BYTES / 2 ? MAX_TEXT_BYTES : MIN_TEXT_BYTES;
    if (end - open - 1 > most) {
      const cut = cutAt(bytes, open + 1, open + 1 + most);
      keep(bytes.subarray(at, cut));
      keep(utf8Encoder().encode(`…[cut: ${cut - open - 1} of ${end - open - 1} bytes]`));
      at = end;
    }
    if (size + end - at > MAX_PARSED_BYTES) return undefined;
    open = bytes.indexOf(QUOTE, end + 1);
  }
  keep(bytes.subarray(at));
  if (size > MAX_PARSED_BYTES) return undefined;
  return kept.map((part) => utf8Text(part)).join('');
}

/** The index of the quote that ends a text; negative when there is none. */
function endOfText(bytes: Uint8Array, start: number): number {
  for (let at = bytes.indexOf(QUOTE, start); at >= 0; at = bytes.indexOf(QUOTE, at + 1)) {
    let before = at;
    while (before > start && bytes[before - 1] === BACKSLASH) before -= 1;
    if ((at - before) % 2 === 0) return at;
  }
  return -1;
}

/** Where a text can be cut, at or before `end`: not within an escape, nor within a character. */
function cutAt(bytes: Uint8Array, start: number, end: number): number {
  let cut = end;
  for (let at = Math.max(start, end - ESCAPE_BYTES); at < end; at++) {
    if (bytes[at] !== BACKSLASH) continue;
    cut = at;
    break;
  }
  while (cut > start && bytes[cut - 1] === BACKSLASH) cut -= 1;
  while (cut > start && ((bytes[cut] ?? 0) & 0xc0) === 0x80) cut -= 1;
  return cut;
}

const EDGE_BYTES = 65_536;

/** What the first and the last bytes say of a body that is not parsed. */
export function skim(bytes: Uint8Array): { model: string | undefined; usage: unknown } {
  const edges = utf8Text(bytes.subarray(0, EDGE_BYTES)) + utf8Text(bytes.subarray(-EDGE_BYTES));
  const usage = /"usage"\s*:\s*(\{[^{}]{1,2000}(?:\{[^{}]{0,2000}\}[^{}]{0,2000}){0,4}\})/.exec(
    edges,
  );
  return {
    model: /"model"\s*:\s*"([^"]{1,200})"/.exec(edges)?.[1],
    usage: usage?.[1] === undefined ? undefined : parsedOrNothing(usage[1]),
  };
}

function parsedOrNothing(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    return undefined;
  }
}
