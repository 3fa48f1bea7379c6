/**
 * Untrusted text, made safe for a terminal. Otherwise a trace could send escape sequences to the
 * reader's terminal, which set titles, fill clipboards and forge lines.
 */

/** Control characters (C0, DEL, C1), lone surrogates, line separators, bidirectional controls. */
const UNSAFE = /[\p{Cc}\p{Cs}\u2028\u2029\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu;

/** The text on one line, with control characters replaced by visible symbols. */
export function plain(text: string): string {
  return text.replace(UNSAFE, (character) => {
    if (character === '\n' || character === '\t' || character === '\r') return ' ';
    const code = character.charCodeAt(0);
    // U+2400 and following show control characters: ␛ for escape.
    if (code < 0x20) return String.fromCharCode(0x2400 + code);
    return code === 0x7f ? '␡' : '�';
  });
}

/** Combining marks and joiners: zero columns. */
const NARROW = /^(?:\p{Mn}|\p{Me}|\u200b|\u200c|\u200d)$/u;

/** Emoji and East Asian scripts: two columns (Unicode Standard Annex #11, East Asian Width). */
const WIDE =
  /^[\p{Emoji_Presentation}\u1100-\u115f\u2e80-\u303e\u3041-\u33ff\u3400-\u4dbf\u4e00-\u9fff\ua000-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6\u{20000}-\u{3fffd}]$/u;

/** Columns that a text takes on a terminal. */
export function widthOf(text: string): number {
  let width = 0;
  for (const character of text) width += columnsOf(character);
  return width;
}

/** The text in at most this many columns; a truncated text ends with `…`. */
export function truncate(text: string, columns: number): string {
  if (text.length <= columns && widthOf(text) <= columns) return text;
  let width = 0;
  let end = 0;
  for (const character of text) {
    const next = width + columnsOf(character);
    if (next > columns - 1) {
      // The rest may still fit as a whole.
      return widthOf(text) <= columns ? text : `${text.slice(0, end)}…`;
    }
    width = next;
    end += character.length;
  }
  return text;
}

function columnsOf(character: string): number {
  if (character < '\u0300') return 1;
  if (NARROW.test(character)) return 0;
  return WIDE.test(character) ? 2 : 1;
}
