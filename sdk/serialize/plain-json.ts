/**
 * Converts any value to plain JSON data: each read is guarded, sizes are bounded, and each cut is
 * marked with the original size.
 */

import { LIMITS } from '../../wire/protocol.ts';
import { byteLength, cleanText, cutText } from '../../wire/text.ts';
import { writeJson } from '../platform/json.ts';
import {
  attempt,
  errorName,
  type Fields,
  hasFields,
  isError,
  isFunction,
  isList,
  isText,
  tagOf,
  textOf,
} from '../platform/values.ts';

/** Values visited per conversion; the request object of a web framework has a million below it. */
const MAX_NODES = 20_000;

/** Leaves room for marks and escapes, which lengthen the text after it was measured. */
const BUDGET_BYTES = Math.floor(LIMITS.maxJsonBytes * 0.75);

type Json = string | number | boolean | null | Json[] | { [key: string]: Json };

/** Getters and proxies run code of the host program, which may be slow. */
const MAX_MILLIS = 50;
/** The clock is read once per this many values. */
const NODES_PER_CLOCK_READ = 64;

interface Scan {
  bytesLeft: number;
  readonly until: number;
  nodesLeft: number;
  /** The objects between the outermost value and this one, to detect cycles. */
  readonly path: Set<object>;
}

/** Plain JSON data of any value. Never throws; the JSON text fits into one JSON field. */
export const toPlainJson = (value: unknown): Json =>
  visit(value, {
    bytesLeft: BUDGET_BYTES,
    nodesLeft: MAX_NODES,
    until: performance.now() + MAX_MILLIS,
    path: new Set(),
  });

function visit(value: unknown, scan: Scan): Json {
  scan.nodesLeft -= 1;
  if (scan.nodesLeft % NODES_PER_CLOCK_READ === 0 && performance.now() > scan.until) {
    scan.nodesLeft = 0;
  }
  scan.bytesLeft -= 4;
  switch (typeof value) {
    case 'string':
      return text(value, scan);
    case 'number':
      return Number.isFinite(value) ? value : String(value);
    case 'boolean':
      return value;
    case 'bigint':
      return text(bigintText(value), scan);
    case 'undefined':
      return null;
    case 'symbol':
      return text(`[${String(value)}]`, scan);
    case 'function':
      return text(attempt(() => `[function ${value.name || 'anonymous'}]`) ?? '[function]', scan);
    default:
      return value === null ? null : visitObject(value as object, scan);
  }
}

function visitObject(value: object, scan: Scan): Json {
  if (scan.path.has(value)) return '[circular]';
  if (scan.path.size >= LIMITS.maxDepth - 1) return '[cut: nested too deep]';
  scan.path.add(value);
  try {
    return describe(value, scan);
  } catch (error) {
    return text(`[unreadable${reason(error)}]`, scan);
  } finally {
    scan.path.delete(value);
  }
}

function describe(value: object, scan: Scan): Json {
  if (isList(value)) return list(value, value.length, scan);
  // Objects of other realms have the same tags.
  const tag = tagOf(value);
  switch (tag) {
    case 'Map':
      return map(value as Map<unknown, unknown>, scan);
    case 'Set':
      return list(value as Set<unknown>, (value as Set<unknown>).size, scan);
    case 'Date':
      return date(value as Date);
    case 'RegExp':
      return text(String(value), scan);
    case 'Number':
    case 'String':
    case 'Boolean':
      return visit(primitiveOf(value), scan);
    case 'ArrayBuffer':
    case 'SharedArrayBuffer':
      return `[${className(value)}: ${(value as ArrayBuffer).byteLength} bytes]`;
    case 'Request':
    case 'Response':
      // Next.js passes a proxy, whose constructor has another name.
      return text(`[${tag}: ${exchange(value as Fields)}]`, scan);
    default:
      return isError(value) ? error(value, scan) : instance(value, scan);
  }
}

function instance(value: object, scan: Scan): Json {
  if (ArrayBuffer.isView(value)) return `[${className(value)}: ${value.byteLength} bytes]`;
  const toJson = (value as Fields).toJSON;
  // A `toJSON` that all objects inherit describes none of them.
  if (isFunction(toJson) && toJson !== (Object.prototype as Fields).toJSON) {
    return visit(toJson.call(value, ''), scan);
  }
  const opaque = className(value);
  if (opaque === 'Headers' || opaque === 'URLSearchParams') {
    return fields(Object.fromEntries(value as unknown as Iterable<[string, string]>), scan);
  }
  const { nodesLeft } = scan;
  const result = fields(value, scan);
  // A promise, a stream or a socket has no fields of its own; its class is recorded. Listing the keys of
  // the result would take long.
  const isEmpty = scan.nodesLeft === nodesLeft && !isSpent(scan);
  return isEmpty && opaque !== 'Object' ? `[${opaque}]` : result;
}

function date(value: Date): string {
  const time = Date.prototype.getTime.call(value);
  return Number.isNaN(time) ? 'Invalid Date' : new Date(time).toISOString();
}

/** The primitive value of a `Number`, `String` or `Boolean` object. */
const primitiveOf = (value: object): unknown => {
  const primitive = value.valueOf();
  return hasFields(primitive) ? String(primitive) : primitive;
};

/** Method, status and URL of a request or a response; without its query and credentials. */
function exchange({ method, status, url }: Fields): string {
  const place = isText(url) && url !== '' ? url.slice(0, 2_048) : null;
  const clean = place?.replace(/^(\w+:\/\/)[^/@?#]*@/, '$1').replace(/[?#].*/s, '?…');
  const known = [method, status, clean].filter((part) => isText(part) || typeof part === 'number');
  return known.join(' ');
}

function list(values: Iterable<unknown>, total: number, scan: Scan): Json {
  const result: Json[] = [];
  for (const value of values) {
    if (isSpent(scan)) {
      result.push(`…[cut: ${result.length} of ${total} items]`);
      break;
    }
    result.push(visit(value, scan));
  }
  return result;
}

function map(value: Map<unknown, unknown>, scan: Scan): Json {
  // A map that is too large for an object is cut as a list, before all of its keys are read.
  const isRecord = value.size <= MAX_NODES && [...value.keys()].every((key) => isText(key));
  return isRecord ? fields(Object.fromEntries(value), scan) : list(value, value.size, scan);
}

function fields(value: object, scan: Scan): { [key: string]: Json } {
  const result: { [key: string]: Json } = {};
  const keys = keysOf(value);
  for (let i = 0; i < keys.length; i++) {
    if (isSpent(scan)) {
      result['…'] = `[cut: ${i} of ${keys.length} keys]`;
      break;
    }
    const key = keys[i] as string;
    let item: unknown;
    try {
      item = (value as Record<string, unknown>)[key];
    } catch (error) {
      item = `[threw${reason(error)}]`;
    }
    if (item !== undefined) put(result, text(key, scan), visit(item, scan));
  }
  return result;
}

/** The keys of a large object, which take long to list: V8 lists and sorts all of them. */
const MANY_KEYS = 4_096;
let latest: { readonly of: object; readonly keys: readonly string[] } | undefined;

/** The keys of an object; those of the latest large one are listed once. */
export function keysOf(value: object): readonly string[] {
  if (latest?.of === value) {
    const { keys } = latest;
    latest = undefined;
    return keys;
  }
  const keys = Object.keys(value);
  if (keys.length > MANY_KEYS) latest = { of: value, keys };
  return keys;
}

/** Releases the large object. */
export function forgetKeys(): void {
  latest = undefined;
}

/** Assigning to `__proto__` would set the prototype and lose the value. */
function put(target: { [key: string]: Json }, key: string, value: Json): void {
  if (key === '__proto__') {
    Object.defineProperty(target, key, { value, enumerable: true, configurable: true });
  } else {
    target[key] = value;
  }
}

function error(value: Error, scan: Scan): Json {
  const { message, cause } = value;
  const own = fields(value, scan);
  const causes: { [key: string]: Json } = cause === undefined ? {} : { cause: visit(cause, scan) };
  // The `errors` of an AggregateError are not enumerable.
  const { errors } = value as { errors?: unknown };
  if (isList(errors) && !('errors' in own)) causes.errors = visit(errors, scan);
  return {
    type: text(String(errorName(value) ?? value.name), scan),
    message: text(String(message), scan),
    ...own,
    ...causes,
  };
}

function text(value: string, scan: Scan): string {
  const room = Math.max(0, scan.bytesLeft);
  // An escaped character takes up to six bytes, so the text is measured in its JSON form.
  const head = value.length > room ? value.slice(0, room + 1) : value;
  const inflation = byteLength(writeJson(head)) - 2 - byteLength(head);
  const kept = inflation > room / 2 ? Math.floor(room / 6) : room - inflation;
  const cut = cleanText(cutText(value, Math.max(0, kept)));
  scan.bytesLeft -= Math.min(byteLength(cut) + inflation, room + 64);
  return cut;
}

const isSpent = (scan: Scan): boolean => scan.bytesLeft <= 0 || scan.nodesLeft <= 0;

function bigintText(value: bigint): string {
  // The decimal digits of a huge number take quadratic time, so its size is recorded instead.
  const bits = BigInt.asIntN(4096, value) === value;
  return bits ? value.toString() : '[bigint of more than 4096 bits]';
}

const className = (value: object): string =>
  attempt(() => textOf(value.constructor.name)?.slice(0, 128)) ?? 'Object';

const reason = (error: unknown): string =>
  attempt(() => isError(error) && error.message && `: ${error.message.slice(0, 200)}`) || '';
