/** Propagates traces and sessions between processes by W3C Trace Context and W3C Baggage. */

import { type Masking, redactText } from '../../wire/redaction/redact-text.ts';
import { type SessionInfo, usableSession } from '../config/session.ts';
import { redactId } from '../redaction/redact.ts';
import { active, type Instance, instances, type Runtime, scopeOf } from '../runtime/runtime.ts';
import type { RemoteParent, Scope } from '../span/context.ts';
import { storage } from '../span/context.ts';
import { type Carrier, carrierOf } from './carriers.ts';

/** Baggage keys, named as OpenTelemetry's attributes. */
const SESSION_ID = 'session.id';
const SESSION_NAME = 'session.name';
const USER_ID = 'user.id';

/** Limits of W3C Baggage. */
const MAX_BAGGAGE_BYTES = 8_192;
const MAX_MEMBERS = 64;
/** Limit of W3C Trace Context. */
const MAX_STATE_UNITS = 512;

const NO_TRACE = /* @__PURE__ */ '0'.repeat(32);
const NO_SPAN = /* @__PURE__ */ '0'.repeat(16);

/**
 * Writes the current span and session to a carrier: `traceparent`, `tracestate` if the trace was
 * continued with one, and `baggage` with `session.id`, `session.name` and `user.id`. Other baggage
 * members are kept. The receiver learns session and user, so inject only for trusted receivers.
 *
 * While the SDK is not initialised, it changes nothing. It never throws.
 * @param carrier A `Headers`, an object of headers, the input of `SendMessageCommand` or
 *   `PublishCommand` (up to ten `MessageAttributes`), or an object of message attributes.
 * @returns the same carrier
 * @see https://www.w3.org/TR/trace-context/
 * @see https://www.w3.org/TR/baggage/
 *
 * @example
 * await fetch(url, { headers: inject({ accept: 'application/json' }) });
 * await sqs.send(new SendMessageCommand(inject({ QueueUrl, MessageBody })));
 */
export const inject = <C extends object>(carrier: C): C => injectOf(active, carrier);

/** {@link inject} of an instance. */
export function injectOf<C extends object>(instance: Instance, carrier: C): C {
  const { runtime } = instance;
  if (!runtime) return carrier;
  try {
    const target = carrierOf(carrier);
    if (target) write(target, scopeOf(instance), runtime);
  } catch {
    // A frozen object or a proxy: the message is sent without the headers.
  }
  return carrier;
}

function write(carrier: Carrier, scope: Scope | undefined, { settings }: Runtime): void {
  const { span, remote } = scope ?? {};
  const from = span?.spanContext() ?? remote;
  if (from) {
    // A parent without trace flags counts as sampled.
    const flags = (from.traceFlags ?? 1) % 2 === 1 ? '01' : '00';
    carrier.set('traceparent', `00-${from.traceId}-${from.spanId}-${flags}`);
    const vendors = span ? span.trace.tracestate : remote?.tracestate;
    if (vendors) carrier.set('tracestate', vendors);
  }
  const session = scope?.session ?? settings.session;
  const userId = span?.trace.userId ?? session?.userId ?? settings.userId;
  const baggage = baggageOf(carrier.get('baggage'), session, userId ?? null, settings.masking);
  if (baggage) carrier.set('baggage', baggage);
}

function baggageOf(
  before: string | undefined,
  session: SessionInfo | undefined,
  userId: string | null,
  masking: Masking,
): string {
  const own: [string, string | null | undefined][] = [
    [SESSION_ID, session && redactId(session.id, masking)],
    [USER_ID, userId && redactId(userId, masking)],
    [SESSION_NAME, session?.name && redactText(session.name, masking)],
  ];
  const names = own.flatMap(([key, value]) => (value ? [key] : []));
  const members = (before ?? '')
    .split(',')
    .map((member) => member.trim())
    .filter((member) => member !== '' && !names.includes(keyOf(member)));
  let length = members.join().length;
  for (const [key, value] of own) {
    if (!value) continue;
    const member = `${key}=${encodeURIComponent(value.toWellFormed())}`;
    // Members beyond the limits are left out; the session id comes first.
    if (members.length >= MAX_MEMBERS || length + member.length >= MAX_BAGGAGE_BYTES) continue;
    members.push(member);
    length += member.length + 1;
  }
  return members.join();
}

const keyOf = (member: string): string => member.slice(0, member.indexOf('=')).trim();

/**
 * Runs a function inside the trace of a received message: `trace` and `span` inside it are children of
 * the sender's span, in its trace and session, also after `await`. A trace that the sender does not
 * sample is not recorded here either. Missing or invalid headers are ignored.
 *
 * Headers can be forged: extract only those of callers that may write into your traces.
 * @param carrier A carrier of {@link inject}, the headers of a request, or a record of an SQS event.
 * @param fn The function to run.
 * @returns the result of the function
 * @throws whatever the function throws
 * @see https://www.w3.org/TR/trace-context/
 *
 * @example
 * createServer((request, response) => extract(request.headers, () => handle(request, response)));
 * for (const record of event.Records) await extract(record, () => handle(record));
 */
export function extract<R>(carrier: object | null | undefined, fn: () => R): R {
  const isActive = [...instances].some(({ runtime }) => runtime);
  const scope = isActive ? read(carrier) : undefined;
  return scope ? storage.run(scope, fn) : fn();
}

function read(carrier: unknown): Scope | undefined {
  try {
    const source = carrierOf(carrier);
    if (!source) return undefined;
    const remote = parentOf(source.get('traceparent'), source.get('tracestate'));
    const session = sessionOf(source.get('baggage'));
    if (!remote && !session) return undefined;
    return { span: undefined, session: session ?? storage.getStore()?.session, remote };
  } catch {
    return undefined;
  }
}

function parentOf(
  header: string | undefined,
  vendors: string | undefined,
): RemoteParent | undefined {
  // Later versions may append fields to those of version 00.
  const found = /^(?!ff)([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(-.*)?$/.exec(
    header?.trim() ?? '',
  );
  const [, version, traceId = NO_TRACE, spanId = NO_SPAN, flags = '00', more] = found ?? [];
  if (traceId === NO_TRACE || spanId === NO_SPAN || (version === '00' && more)) return undefined;
  const isState = !!vendors && vendors.length <= MAX_STATE_UNITS && /^[\x20-\x7e]+$/.test(vendors);
  return {
    traceId,
    spanId,
    traceFlags: Number.parseInt(flags, 16),
    tracestate: isState ? vendors : undefined,
  };
}

function sessionOf(baggage: string | undefined): SessionInfo | undefined {
  const found = new Map<string, string>();
  for (const member of (baggage ?? '').slice(0, MAX_BAGGAGE_BYTES).split(',')) {
    const [pair = ''] = member.split(';');
    found.set(keyOf(pair), decode(pair.slice(pair.indexOf('=') + 1).trim()));
  }
  const id = found.get(SESSION_ID);
  if (!id) return undefined;
  return usableSession({ id, name: found.get(SESSION_NAME), userId: found.get(USER_ID) });
}

function decode(value: string): string {
  try {
    return decodeURIComponent(value);
  } catch {
    return '';
  }
}
