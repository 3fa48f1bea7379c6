/**
 * The careful way from any value to plain JSON data: each read is guarded, each growth is bounded,
 * and each cut stays visible with the original size.
 */

import { LIMITS } from '../../wire/protocol.ts';
import { byteLength, cutText } from '../../wire/text.ts';
import { attempt } from '../platform/attempt.ts';
import { isFunction, isList, isText, textOf } from '../platform/values.ts';

/** Values visited in one walk; a request object of a web framework has a million below it. */
const MAX_NODES = 20_000;

/** Marks and escapes grow the text after it was measured; this is what they may take. */
const BUDGET_BYTES = Math.floor(LIMITS.maxJsonBytes * 0.75);

type Json = string | number | boolean | null | Json[] | { [key: string]: Json };

/** Getters and proxies run code of their own, which may take its time. */
const MAX_MILLIS = 50;
/** How often the clock is read. */
const NODES_PER_LOOK = 64;

interface Walk {
  bytesLeft: number;
  readonly until: number;
  nodesLeft: number;
  /** The objects between the outermost value and this one: meeting one again is a cycle. */
  readonly path: Set<object>;
}

/** Plain JSON data for any value; never throws, and its JSON text stays inside the limit. */
export const walk = (value: unknown): Json =>
  visit(value, {
    bytesLeft: BUDGET_BYTES,
    nodesLeft: MAX_NODES,
    until: performance.now() + MAX_MILLIS,
    path: new Set(),
  });

function visit(value: unknown, state: Walk): Json {
  state.nodesLeft -= 1;
  if (state.nodesLeft % NODES_PER_LOOK === 0 && performance.now() > state.until) {
    state.nodesLeft = 0;
  }
  state.bytesLeft -= 4;
  switch (typeof value) {
    case 'string':
      return text(value, state);
    case 'number':
      return Number.isFinite(value) ? value : String(value);
    case 'boolean':
      return value;
    case 'bigint':
      return text(bigintText(value), state);
    case 'undefined':
      return null;
    case 'symbol':
      return text(`[${String(value)}]`, state);
    case 'function':
      return text(attempt(() => `[function ${value.name || 'anonymous'}]`) ?? '[function]', state);
    default:
      return value === null ? null : visitObject(value as object, state);
  }
}

function visitObject(value: object, state: Walk): Json {
  if (state.path.has(value)) return '[circular]';
  if (state.path.size >= LIMITS.maxDepth - 1) return '[cut: nested too deep]';
  state.path.add(value);
  try {
    return describe(value, state);
  } catch (error) {
    return text(`[unreadable${reason(error)}]`, state);
  } finally {
    state.path.delete(value);
  }
}

function describe(value: object, state: Walk): Json {
  if (isList(value)) return list(value, value.length, state);
  if (value instanceof Map) return map(value, state);
  if (value instanceof Set) return list(value, value.size, state);
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? String(value) : value.toJSON();
  if (value instanceof Error) return error(value, state);
  if (value instanceof RegExp) return text(String(value), state);
  if (ArrayBuffer.isView(value) || value instanceof ArrayBuffer) {
    return `[${tag(value)}: ${value.byteLength} bytes]`;
  }
  const toJson = (value as { toJSON?: unknown }).toJSON;
  if (isFunction(toJson)) return visit(toJson.call(value, ''), state);
  if (value instanceof Number || value instanceof String || value instanceof Boolean) {
    return visit(value.valueOf(), state);
  }
  const opaque = tag(value);
  if (opaque === 'Headers' || opaque === 'URLSearchParams') {
    return fields(Object.fromEntries(value as unknown as Iterable<[string, string]>), state);
  }
  const result = fields(value, state);
  // A promise, a stream or a socket has nothing of its own to show but what it is.
  return opaque !== 'Object' && Object.keys(result).length === 0 ? `[${opaque}]` : result;
}

function list(values: Iterable<unknown>, total: number, state: Walk): Json {
  const result: Json[] = [];
  for (const value of values) {
    if (isSpent(state)) {
      result.push(`…[cut: ${result.length} of ${total} items]`);
      break;
    }
    result.push(visit(value, state));
  }
  return result;
}

function map(value: Map<unknown, unknown>, state: Walk): Json {
  // A map that is too large for an object is cut as a list, before all its keys are looked at.
  const isRecord = value.size <= MAX_NODES && [...value.keys()].every((key) => isText(key));
  return isRecord ? fields(Object.fromEntries(value), state) : list(value, value.size, state);
}

function fields(value: object, state: Walk): { [key: string]: Json } {
  const result: { [key: string]: Json } = {};
  const keys = Object.keys(value);
  for (let i = 0; i < keys.length; i++) {
    if (isSpent(state)) {
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
    if (item !== undefined) put(result, text(key, state), visit(item, state));
  }
  return result;
}

/** Assigning to `__proto__` would set the prototype and lose the value. */
function put(target: { [key: string]: Json }, key: string, value: Json): void {
  if (key === '__proto__') {
    Object.defineProperty(target, key, { value, enumerable: true, configurable: true });
  } else {
    target[key] = value;
  }
}

function error(value: Error, state: Walk): Json {
  const { name, message, cause } = value;
  const own = fields(value, state);
  const causes: { [key: string]: Json } = cause === undefined ? {} : { cause: visit(cause, state) };
  // The errors of an AggregateError are there, and not among its keys.
  const { errors } = value as { errors?: unknown };
  if (isList(errors) && !('errors' in own)) causes.errors = visit(errors, state);
  return {
    type: text(String(name), state),
    message: text(String(message), state),
    ...own,
    ...causes,
  };
}

function text(value: string, state: Walk): string {
  const room = Math.max(0, state.bytesLeft);
  // An escaped character takes up to six bytes, so a text is measured as JSON writes it.
  const head = value.length > room ? value.slice(0, room + 1) : value;
  const inflation = byteLength(JSON.stringify(head)) - 2 - byteLength(head);
  const kept = inflation > room / 2 ? Math.floor(room / 6) : room - inflation;
  const cut = cutText(value, Math.max(0, kept));
  state.bytesLeft -= Math.min(byteLength(cut) + inflation, room + 64);
  return cut;
}

const isSpent = (state: Walk): boolean => state.bytesLeft <= 0 || state.nodesLeft <= 0;

function bigintText(value: bigint): string {
  // Decimal digits of a huge number take quadratic time; its size tells enough.
  const bits = BigInt.asIntN(4096, value) === value;
  return bits ? value.toString() : '[bigint of more than 4096 bits]';
}

const tag = (value: object): string =>
  attempt(() => textOf(value.constructor.name)?.slice(0, 128)) ?? 'Object';

const reason = (error: unknown): string =>
  attempt(() => error instanceof Error && error.message && `: ${error.message}`.slice(0, 202)) ||
  '';
