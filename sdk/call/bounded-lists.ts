/**
 * A view of a request or a reply with short lists: items become records or parts of one, and one call
 * must neither take long to read nor push the records of others out of the queue.
 */

import { hasFields, isList } from '../platform/values.ts';

/** Items of one list that are recorded, as many as the reader takes; further ones are counted. */
const MAX_ITEMS = 4_000;
/** Items of all lists of one call together. */
const MAX_TOTAL = 16_384;
/** A tool result in the content of a message has content of its own. */
const MAX_DEPTH = 4;

/** The fields of requests and replies whose items become records. */
const LISTS = [
  'messages',
  'input',
  'contents',
  'choices',
  'candidates',
  'generations',
  'output',
  'content',
  'tool_calls',
  'tool_used',
] as const;

/** The fields of their items that are lists, or that hold such fields. */
const INNER = ['content', 'tool_calls', 'parts', 'message'] as const;

/** What is read of a value, and the number of items that were cut. */
interface Bounded {
  readonly value: unknown;
  readonly lost: number;
}

interface Count {
  left: number;
  lost: number;
}

/** The value itself, or a view of it in which long lists are cut. The value is not changed. */
export function withBoundedLists(value: unknown): Bounded {
  if (!hasFields(value)) return { value, lost: 0 };
  const count = { left: MAX_TOTAL, lost: 0 };
  const view = isList(value) ? bounded(value, count, 0) : viewOf(value, LISTS, count, 0);
  return { value: view, lost: count.lost };
}

/** An object, or a view of it in which the lists in some fields are bounded. */
function viewOf(value: object, keys: readonly string[], count: Count, depth: number): object {
  let view: object | undefined;
  for (const key of keys) {
    const given = (value as Record<string, unknown>)[key];
    if (!hasFields(given)) continue;
    const kept = isList(given)
      ? bounded(given, count, depth)
      : depth < MAX_DEPTH
        ? viewOf(given, INNER, count, depth + 1)
        : given;
    if (kept === given) continue;
    view ??= Object.assign(Object.create(Object.getPrototypeOf(value)) as object, value);
    Object.defineProperty(view, key, { value: kept, enumerable: true });
  }
  return view ?? value;
}

/**
 * Whether a list seems to hold messages, choices or parts: the fields of other items are not read here,
 * because they may be getters of the program.
 */
function isOfMessages([first]: readonly unknown[]): boolean {
  if (isList(first)) return true;
  return (
    hasFields(first) &&
    ('role' in first || 'message' in first || 'content' in first || 'type' in first)
  );
}

/** A list, or a copy of it with fewer items, or with items whose own lists are bounded. */
function bounded(list: unknown[], count: Count, depth: number): unknown[] {
  const length = Math.min(list.length, MAX_ITEMS, count.left);
  count.left -= length;
  count.lost += list.length - length;
  let copy = length < list.length ? list.slice(0, length) : undefined;
  if (depth >= MAX_DEPTH || !isOfMessages(list)) return copy ?? list;
  for (let at = 0; at < length; at++) {
    const item = list[at];
    if (!hasFields(item)) continue;
    const view = isList(item)
      ? bounded(item, count, depth + 1)
      : viewOf(item, INNER, count, depth + 1);
    if (view === item) continue;
    copy ??= list.slice(0, length);
    copy[at] = view;
  }
  return copy ?? list;
}
