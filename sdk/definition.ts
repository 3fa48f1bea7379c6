/** What is known about a wrapped function before it is called: the options, checked once. */

import { LIMITS, SPAN_KINDS } from '../wire/protocol.ts';
import { cutLabel } from '../wire/text.ts';
import { snapshot } from './capture.ts';
import type { SpanKindName } from './live-span.ts';
import { isObject } from './objects.ts';
import { readSession, type Session, type SessionFacts } from './sessions.ts';

/** Options of {@link span}. */
export interface SpanOptions {
  /** Name of the span. Default: the name of the function. */
  name?: string | undefined;
  /** What the function does. Default: read from its arguments and result, else `span`. */
  kind?: SpanKindName | undefined;
  /** Whether arguments and result are recorded. Default: as in `init`. */
  captureContent?: boolean | undefined;
  /** Facts about the function that each of its spans carries. */
  attributes?: Readonly<Record<string, unknown>> | undefined;
}

/** Options of {@link trace}: those of a span, and what belongs to the whole trace. */
export interface TraceOptions<Args extends readonly unknown[] = never[]> extends SpanOptions {
  /** The session of this trace, or a function of the arguments. Default: that of `init`. */
  session?: Session | ((...args: Args) => Session | null | undefined) | undefined;
  /** Who the trace is for. Default: the user of the session. */
  userId?: string | undefined;
  /** Short texts to find the trace by. */
  tags?: readonly string[] | undefined;
  /** Facts about the trace. */
  metadata?: Readonly<Record<string, unknown>> | undefined;
  /** Starts a trace of its own also inside another trace. Default: false, a span of the outer one. */
  root?: boolean | undefined;
}

/** Options, checked; anything unusable is left out, because wrapping must never throw. */
export class Definition {
  declare readonly name: string;
  declare readonly kind: SpanKindName | null;
  declare readonly captureContent: boolean | null;
  declare readonly attributes: ReadonlyMap<string, unknown> | null;
  readonly session: SessionFacts | ((...args: unknown[]) => unknown) | undefined;
  declare readonly userId: string | null;
  declare readonly tags: readonly string[] | null;
  declare readonly metadata: string | null;
  declare readonly isAlwaysRoot: boolean;

  constructor(given: unknown, fallbackName: string) {
    const options = isObject(given) ? given : {};
    const { name, kind, captureContent, attributes, session, userId, tags, metadata } = options;
    this.name = cutLabel(
      typeof name === 'string' && name !== '' ? name : fallbackName,
      LIMITS.maxLabelLength,
    );
    this.kind = SPAN_KINDS.find((known) => known === kind) ?? null;
    this.captureContent = typeof captureContent === 'boolean' ? captureContent : null;
    this.attributes = isObject(attributes) ? new Map(Object.entries(attributes)) : null;
    this.session = sessionOption(session);
    this.userId = typeof userId === 'string' ? userId : null;
    this.tags = Array.isArray(tags)
      ? tags.filter((tag) => typeof tag === 'string').slice(0, LIMITS.maxTags)
      : null;
    this.metadata = snapshot(metadata);
    this.isAlwaysRoot = options.root === true;
  }
}

function sessionOption(session: unknown): Definition['session'] {
  if (typeof session === 'function') return session as (...args: unknown[]) => unknown;
  return usableSession(session);
}

/** The facts of a session; undefined when there is none or it is unusable. */
export function usableSession(session: unknown): SessionFacts | undefined {
  const facts = readSession(session ?? '');
  return typeof facts === 'string' ? undefined : facts;
}
