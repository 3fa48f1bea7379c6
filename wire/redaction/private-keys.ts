/**
 * Private keys in armour: PEM, OpenSSH, PGP, SSH2, and PuTTY's own form. A key may be cut off at either
 * end, and its line breaks may be escaped. Every step continues where the last one ended, so that the
 * time is linear.
 */
import { mark } from './marks.ts';

const LABEL = '[A-Z\\d ]{0,40}PRIVATE KEY[A-Z ]{0,20} ?-{4,5}';
const ARMOUR = new RegExp(`-{4,5} ?(BEGIN|END) ${LABEL}|Private-Lines: ?\\d{1,4}`, 'g');
/** A run of key material. A line of a template, such as `MII...`, is shorter. */
const MATERIAL = /[A-Za-z\d+/]{16}/;
/** The longest key between its two lines. */
const MAX_KEY_UNITS = 100_000;

/** Header lines and lines of base64, with line breaks or escapes of them between. */
const BODY =
  /(?:(?:\s|\\{1,8}[nrt/])*(?:[A-Z][\w-]{1,40}: [^\n\\"]{0,200}|=?[A-Za-z\d+/]{16}[A-Za-z\d+/=]*))*(?:(?:\s|\\{1,8}[nrt])*=?[A-Za-z\d+/]{2,15}={0,2}(?=\s*$|[\n"'\\]))?(?:(?:\s|\\{1,8}[nrt])*Private-MAC: \w*)?/y;

const BASE64 = /[A-Za-z\d+/=\s\\]/;

export function redactPrivateKeys(text: string): string {
  let result = '';
  let copied = 0;
  let begin = -1;
  let bodyAt = 0;
  let readTo = 0;
  const put = (start: number, end: number): void => {
    if (!MATERIAL.test(text.slice(start, end))) return;
    result += text.slice(copied, start) + mark('private key');
    copied = end;
  };
  const cutAtEnd = (): void => {
    BODY.lastIndex = bodyAt;
    const end = BODY.exec(text) ? BODY.lastIndex : bodyAt;
    readTo = end;
    // The line itself tells nothing, so it stays where no key follows.
    if (MATERIAL.test(text.slice(bodyAt, end))) put(begin, end);
  };
  for (const found of text.matchAll(ARMOUR)) {
    const end = found.index + found[0].length;
    if (found[1] === 'END') {
      if (begin >= 0 && end - begin <= MAX_KEY_UNITS) {
        if (MATERIAL.test(text.slice(bodyAt, found.index))) put(begin, end);
      } else {
        if (begin >= 0) cutAtEnd();
        let start = found.index;
        while (start > copied && BASE64.test(text[start - 1] as string)) start -= 1;
        // Words before the key are no part of it.
        const piece = text.slice(start, found.index);
        const first = piece.search(MATERIAL);
        if (first >= 0) put(start + first, end);
      }
      begin = -1;
      continue;
    }
    if (begin >= 0) cutAtEnd();
    // What was read as a line of the last key is read once.
    if (found.index < readTo) {
      begin = -1;
      continue;
    }
    begin = found.index;
    bodyAt = end;
  }
  if (begin >= 0) cutAtEnd();
  return copied === 0 ? text : result + text.slice(copied);
}
