/**
 * Text from the tables on a terminal. Whoever can write a trace could otherwise write to the
 * terminal of whoever reads it: escape sequences set titles, fill clipboards and forge lines.
 */

/** Control characters (C0, DEL, C1), lone surrogates, line separators and what turns text around. */
const UNSAFE = /[\p{Cc}\p{Cs}\u2028\u2029\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu;

/** The text on one line, with nothing in it that a terminal obeys. */
export function plain(text: string): string {
  return text.replace(UNSAFE, (character) => {
    if (character === '\n' || character === '\t' || character === '\r') return ' ';
    const code = character.charCodeAt(0);
    // The symbols for control characters: ␛ for escape.
    if (code < 0x20) return String.fromCharCode(0x2400 + code);
    return code === 0x7f ? '␡' : '�';
  });
}

/** Combining marks and joiners, which take no place of their own. */
const NARROW = /^(?:\p{Mn}|\p{Me}|\u200b|\u200c|\u200d)$/u;

/** Pictures, and the scripts of East Asia, which take two places (Unicode's East Asian Width). */
const WIDE =
  /^[\p{Emoji_Presentation}\u1100-\u115f\u2e80-\u303e\u3041-\u33ff\u3400-\u4dbf\u4e00-\u9fff\ua000-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6\u{20000}-\u{3fffd}]$/u;

/** Places that a text takes on a terminal. */
export function widthOf(text: string): number {
  let width = 0;
  for (const character of text) width += placesOf(character);
  return width;
}

/** The text in at most so many places; what was cut shows as `…`. */
export function cutPlaces(text: string, places: number): string {
  if (text.length <= places && widthOf(text) <= places) return text;
  let width = 0;
  let end = 0;
  for (const character of text) {
    const next = width + placesOf(character);
    if (next > places - 1) {
      // What follows may still fit as a whole.
      return widthOf(text) <= places ? text : `${text.slice(0, end)}…`;
    }
    width = next;
    end += character.length;
  }
  return text;
}

function placesOf(character: string): number {
  if (character < '\u0300') return 1;
  if (NARROW.test(character)) return 0;
  return WIDE.test(character) ? 2 : 1;
}
