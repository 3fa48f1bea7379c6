/** Text that every Postgres column, JSON parser and UTF-8 encoder accepts. */

const NUL = '\u0000';
const REPLACEMENT = '\ufffd';

/**
 * Replaces what Postgres or UTF-8 cannot represent, NUL and lone surrogates, by U+FFFD.
 *
 * Run it after every parse: both also arrive as `\u0000` and `\ud83d` escapes inside JSON text.
 */
export function cleanText(text: string): string {
  const wellFormed = text.isWellFormed() ? text : text.toWellFormed();
  return wellFormed.includes(NUL) ? wellFormed.replaceAll(NUL, REPLACEMENT) : wellFormed;
}

/** UTF-8 length of a text in bytes. */
export function byteLength(text: string): number {
  let bytes = text.length;
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    if (unit < 0x80) continue;
    if (unit < 0x800) bytes += 1;
    else if (unit >= 0xd800 && unit <= 0xdbff && i + 1 < text.length) {
      bytes += 2;
      i += 1;
    } else bytes += 2;
  }
  return bytes;
}

/**
 * Cuts a text that is longer than `maxBytes` of UTF-8, on a character boundary, and marks the cut:
 * `…[cut: 1048576 of 2000000 bytes]`. A shorter text is returned unchanged.
 */
export function cutText(text: string, maxBytes: number): string {
  if (text.length * 3 <= maxBytes) return text;
  const total = byteLength(text);
  if (total <= maxBytes) return text;
  let bytes = 0;
  let end = 0;
  for (const character of text) {
    const next = bytes + byteLength(character);
    if (next > maxBytes) break;
    bytes = next;
    end += character.length;
  }
  return `${text.slice(0, end)}…[cut: ${bytes} of ${total} bytes]`;
}

/** Cuts a short text at `maxLength` UTF-16 units with the same visible mark as {@link cutText}. */
export function cutLabel(text: string, maxLength: number): string {
  if (text.length <= maxLength) return text;
  const mark = `…[cut: ${text.length} characters]`;
  return `${text.slice(0, maxLength - mark.length).toWellFormed()}${mark}`;
}
