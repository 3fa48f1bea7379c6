/** What a value says: every text, number and boolean in it, also inside JSON and Python texts. */
import { openValue } from '../../../wire/genai/forms/open-value.ts';
import type { JsonValue } from '../../../wire/records.ts';

/** Members that give a value its form; the columns state it in their own words. */
const FORM = new Set([
  'type',
  'role',
  'index',
  'kind',
  'part_kind',
  'block_type',
  'message_type',
  'messageType',
  'lc',
  '$class',
  // Of an exception: false unless it left the span.
  'escaped',
]);

export function leavesOf(
  value: JsonValue | undefined,
  takesForm: boolean,
  into: Set<JsonValue> = new Set(),
): Set<JsonValue> {
  if (value === null || value === undefined) return into;
  const opened = openValue(value) ?? null;
  if (typeof opened !== 'object' || opened === null) {
    const leaf = typeof opened === 'string' ? opened.trim() : opened;
    if (leaf !== '') into.add(leaf);
    return into;
  }
  for (const [key, item] of Object.entries(opened)) {
    // Flat keys end with the name of the member.
    const isForm = !Array.isArray(opened) && FORM.has(key.slice(key.lastIndexOf('.') + 1));
    if (takesForm || !isForm) leavesOf(item, takesForm, into);
  }
  return into;
}

/** The leaves that rows do not have. Bytes of media are described by their type and size. */
export function missingIn(rows: JsonValue, sent: JsonValue): JsonValue[] {
  const stored = leavesOf(rows, true);
  const texts = textsIn(rows);
  return [...leavesOf(sent, false)].filter((leaf) => {
    if (stored.has(leaf)) return false;
    if (typeof leaf !== 'string') return !(stored.has(String(leaf)) || isInJson(leaf, texts));
    const isBytes = leaf.startsWith('data:') || /^[\w+/-]{24,}={0,2}$/.test(leaf);
    return !isBytes && !texts.some((text) => text.includes(leaf));
  });
}

/** Whether a number or a boolean stands in a text that ends or begins with JSON, which is stored as it is. */
function isInJson(leaf: JsonValue, texts: readonly string[]): boolean {
  const word = new RegExp(`(?<![\\w.])${String(leaf).replace(/[.+-]/g, '\\$&')}(?![\\w.])`);
  return texts.some((text) => /[[{]/.test(text) && word.test(text));
}

/** All texts as they are stored. */
function textsIn(value: JsonValue, into: string[] = []): string[] {
  if (typeof value === 'string') into.push(value);
  else if (typeof value === 'object' && value !== null) {
    for (const item of Object.values(value)) textsIn(item, into);
  }
  return into;
}
