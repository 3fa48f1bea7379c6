import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { plain, truncate, widthOf } from '../../../cli/shell/terminal-text.ts';

describe('plain text', () => {
  it.each([
    ['a title', '\u001b]0;owned\u0007', '␛]0;owned␇'],
    ['a colour', '\u001b[31mred', '␛[31mred'],
    ['the eight-bit introducer', '\u009b31mred', '�31mred'],
    ['a forged line', 'a\r\nb', 'a  b'],
    ['a line separator', 'a\u2028b', 'a�b'],
    ['reversed text', 'user\u202etxt.exe', 'user�txt.exe'],
    ['delete and backspace', 'a\u007f\u0008', 'a␡␈'],
    ['a lone surrogate', 'a\ud83d', 'a�'],
    ['ordinary text', 'Grüße, 世界 🎉', 'Grüße, 世界 🎉'],
  ])('neutralises %s', (_, given, shown) => expect(plain(given)).toBe(shown));

  it('contains no control characters for any input', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        expect(plain(text)).not.toMatch(/\p{Cc}|\p{Cs}/u);
      }),
    );
  });
});

describe('widths', () => {
  it.each([
    ['abc', 3],
    ['世界', 4],
    ['e\u0301', 1],
    ['🎉', 2],
  ])('%s takes %i columns', (text, columns) => expect(widthOf(text)).toBe(columns));

  it('never exceed the given columns after truncation', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: 'grapheme' }),
        fc.integer({ min: 1, max: 30 }),
        (text, room) => {
          const shown = truncate(text, room);
          expect(widthOf(shown)).toBeLessThanOrEqual(room);
          if (widthOf(text) <= room) expect(shown).toBe(text);
        },
      ),
    );
  });
});
