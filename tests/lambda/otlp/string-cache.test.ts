import { describe, expect, it } from 'vitest';
import { StringCache } from '../../../lambda/otlp/string-cache.ts';

function tableThatCounts() {
  const made: string[] = [];
  const table = new StringCache((text) => {
    made.push(text);
    return text;
  });
  const read = (text: string) => {
    const buffer = Buffer.from(`<${text}>`);
    return table.read(buffer, 1, buffer.length - 1);
  };
  return { made, read };
}

describe('StringCache', () => {
  it('decodes a short text once, at any position', () => {
    const { made, read } = tableThatCounts();
    expect([read('role'), read('rôle'), read('role')]).toEqual(['role', 'rôle', 'role']);
    expect(made).toEqual(['role', 'rôle']);
  });

  it('does not cache long texts', () => {
    const { made, read } = tableThatCounts();
    const text = 'x'.repeat(65);
    expect([read(text), read(text)]).toEqual([text, text]);
    expect(made).toHaveLength(2);
  });

  it('keeps its own copy of the bytes', () => {
    const { read } = tableThatCounts();
    const table = new StringCache((text) => text);
    const buffer = Buffer.from('abc');
    expect(table.read(buffer, 0, 3)).toBe('abc');
    buffer.write('xyz');
    expect(table.read(buffer, 0, 3)).toBe('xyz');
    expect(read('')).toBe('');
  });

  it('never confuses two texts, however many there are', () => {
    const { read } = tableThatCounts();
    for (let round = 0; round < 2; round++) {
      for (let i = 0; i < 20_000; i++) expect(read(`k${i}`)).toBe(`k${i}`);
    }
  });
});
