/** Printed Python of plain values, which is read by way of JSON, against the reader of all of Python. */
import { expect, test } from 'vitest';
import { readPlainRepr } from '../../../wire/genai/forms/python-json.ts';
import { readRepr } from '../../../wire/genai/forms/python-repr.ts';

const TEXTS = [
  "{'a': 1, 'b': [-2.5, 1e5, None, True, False], 'c': {}}",
  String.raw`{'it\'s': "it's", "x": 'say "x"', 'y': '\'"\\\'', 'z': 'a\n\tb\\n'}`,
  "[{'role': 'user', 'content': 'Wärme in (Paris) = 21 <°C>?'}, []]",
  "{'__proto__': {'a': 1}}",
];
/** What only the other reader reads, or none. */
const OTHERS = [
  "{'a': (1, 2)}",
  String.raw`['\x41']`,
  "['a' 'b']",
  "[<Role.USER: 'user'>]",
  '[Call(id=1)]',
  "{'a'}",
  '[nan]',
  "['a]",
];

test.each(TEXTS)('is read alike: %s', (text) => {
  const plain = readPlainRepr(text);
  expect(plain).toBeDefined();
  // A tuple is left to the other reader.
  expect(JSON.stringify([plain])).toBe(JSON.stringify(readRepr(`(${text},)`)));
});

test.each(OTHERS)('is left to the other reader: %s', (text) => {
  expect(readPlainRepr(text)).toBeUndefined();
});
