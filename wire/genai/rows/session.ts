/** Session, user, mode and service of a span. Any span of a trace may state them. */

import { text } from '../../json.ts';
import type { JsonValue } from '../../records.ts';
import { isId } from '../../values.ts';
import { keysOf } from '../dialects/dialect-keys.ts';
import type { Attributes, OtelSpan } from '../dialects/span.ts';

/** A span or a log record. */
type Source = Pick<OtelSpan, 'attributes' | 'resource'>;

/** Keys that name a session, the most explicit first. */
const SESSION_KEYS = /* @__PURE__ */ (() => [
  ...keysOf('sessionKeys'),
  ...keysOf('conversationKeys'),
])();

const USER_KEYS = /* @__PURE__ */ keysOf('userKeys');

const MODE_KEYS = [
  'agensight.mode',
  'deployment.environment.name',
  'deployment.environment',
  'langfuse.environment',
] as const;

/** A value with the rank of its key: 0 is the most explicit. */
export interface Ranked {
  value: string;
  rank: number;
}

export function sessionOf(span: Source): Ranked | null {
  const found = firstOf(span, SESSION_KEYS);
  // An invalid id must not reject the trace; it stays in the attributes.
  return found !== null && isId(found.value) ? found : null;
}

/** The session that attributes name; null when they name none. */
export function sessionIdOf(attributes: Attributes): string | null {
  return sessionOf({ attributes, resource: {} })?.value ?? null;
}

export function userOf(span: Source): Ranked | null {
  return firstOf(span, USER_KEYS);
}

/** `production` and `prod` are prod, any other word is dev, and none is unknown. */
export function modeOf(span: Source): 'dev' | 'prod' | null {
  const word = firstOf(span, MODE_KEYS)?.value.toLowerCase();
  if (word === undefined) return null;
  return word === 'prod' || word === 'production' ? 'prod' : 'dev';
}

/** The service name; OpenTelemetry SDKs write `unknown_service:node` for services without one. */
export function serviceOf({ resource }: Source): string | null {
  const name = text(resource['service.name']);
  return name?.startsWith('unknown_service') ? null : name;
}

export function releaseOf({ resource, attributes }: Source): string | null {
  return text(resource['service.version']) ?? text(attributes['langfuse.release']);
}

function firstOf({ attributes, resource }: Source, keys: readonly string[]): Ranked | null {
  return find(attributes, keys) ?? findOnce(resource, keys);
}

/** Cached look-ups in resources, which hundreds of spans share. */
const inResources = /* @__PURE__ */ new WeakMap<
  Attributes,
  Map<readonly string[], Ranked | null>
>();

function findOnce(resource: Attributes, keys: readonly string[]): Ranked | null {
  let known = inResources.get(resource);
  if (known === undefined) {
    known = new Map();
    inResources.set(resource, known);
  }
  let fact = known.get(keys);
  if (fact === undefined) {
    fact = find(resource, keys);
    known.set(keys, fact);
  }
  return fact;
}

function find(attributes: Attributes, keys: readonly string[]): Ranked | null {
  for (let rank = 0; rank < keys.length; rank++) {
    const value = label(attributes[keys[rank] as string]);
    if (value !== null) return { value, rank };
  }
  return null;
}

function label(value: JsonValue | undefined): string | null {
  return typeof value === 'number' ? String(value) : text(value);
}
