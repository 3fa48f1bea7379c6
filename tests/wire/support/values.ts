/** How values of rows and of expectations are compared. */
import { cleanText } from '../../../wire/text.ts';

export type Json = unknown;
export type JsonFields = { readonly [key: string]: Json };

export function isFields(value: Json): value is JsonFields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export function isBlank(value: Json): boolean {
  return value === null || value === undefined || value === '';
}

/** The value of a JSON text of an object, a list or a text; undefined for any other. */
export function parsed(value: Json): Json {
  if (typeof value !== 'string' || !'"[{'.includes(value.trimStart()[0] ?? ' ')) return undefined;
  try {
    return JSON.parse(value);
  } catch {
    return undefined;
  }
}

/** A text without what a store may drop or replace: NUL, lone surrogates, U+FFFD. */
export function clean(text: string): string {
  return cleanText(text).replaceAll('\ufffd', '');
}

/** JSON with sorted keys and parsed JSON texts, so that equal values have equal forms. */
export function form(value: Json, depth = 0): string {
  if (depth > 40) return '…';
  if (typeof value === 'string') {
    const inner = parsed(value);
    return inner === undefined ? JSON.stringify(clean(value)) : form(inner, depth + 1);
  }
  if (Array.isArray(value)) return `[${value.map((item) => form(item, depth + 1)).join()}]`;
  if (isFields(value)) {
    const fields = Object.keys(value)
      .sort()
      .map((key) => `${JSON.stringify(key)}:${form(value[key], depth + 1)}`);
    return `{${fields.join()}}`;
  }
  return JSON.stringify(value ?? null);
}

/** The form of a tool's value, out of wrappers such as `[{type: 'text', text}]`. */
export function opened(value: Json): string {
  let inner = value;
  for (let level = 0; level < 8; level++) {
    if (typeof inner === 'string') {
      const parseJsonText = parsed(inner);
      if (parseJsonText === undefined) break;
      inner = parseJsonText;
    } else if (Array.isArray(inner) && inner.length === 1 && isFields(inner[0])) inner = inner[0];
    else if (isFields(inner) && typeof inner.type === 'string') {
      if (!('text' in inner || 'value' in inner)) break;
      inner = inner.text ?? inner.value;
    } else break;
  }
  return form(inner);
}

/** Whether a row holds this text: the same text, or the same JSON in other spacing. */
export function isSameText(want: string | null, got: Json): boolean {
  if (isBlank(want) || want === null) return isBlank(got);
  if (typeof got !== 'string') return false;
  if (clean(want) === clean(got)) return true;
  return parsed(want) !== undefined && parsed(got) !== undefined && form(want) === form(got);
}

const FINISH_CLASSES: Readonly<Record<string, readonly string[]>> = {
  tool_calls: ['tool_call', 'tool_calls', 'tool_use', 'function_call'],
  stop: ['stop', 'end_turn', 'stop_sequence', 'completed', 'eos'],
  length: ['length', 'max_tokens', 'max_output_tokens'],
};

/** Instrumentations spell the same finish reason in several ways. */
export function finishClass(word: string): string {
  const plain = word.trim().toLowerCase().replaceAll('-', '_').replaceAll(' ', '_');
  const found = Object.entries(FINISH_CLASSES).find(([, words]) => words.includes(plain));
  return found?.[0] ?? plain;
}

export function groupBy<T>(list: readonly T[], key: (item: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const item of list) {
    const group = groups.get(key(item));
    if (group === undefined) groups.set(key(item), [item]);
    else group.push(item);
  }
  return groups;
}
