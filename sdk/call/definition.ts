/** What is known about a wrapped function before it is called: the options, checked once. */

import { LIMITS, SPAN_KINDS } from '../../wire/protocol.ts';
import { cutLabel } from '../../wire/text.ts';
import { type Session, type SessionInfo, usableSession } from '../config/session.ts';
import { isFunction, isObject, textOf } from '../platform/values.ts';
import type { SpanKindName } from '../span/recording-span.ts';
import { traceSteps } from './trace-options.ts';

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

/** A value, or a function of the arguments that answers it. */
export type OfArguments<Args extends readonly unknown[], T> =
  | T
  | ((...args: Args) => T | null | undefined)
  | undefined;

/** Options of {@link trace}: those of a span, and what belongs to the whole trace. */
export interface TraceOptions<Args extends readonly unknown[] = never[]> extends SpanOptions {
  /** The session of this trace, or a function of the arguments. Default: that of `init`. */
  session?: OfArguments<Args, Session>;
  /** Who the trace is for. Default: the user of the session, else that of `init`. */
  userId?: OfArguments<Args, string>;
  /** The same as `userId`. */
  user_id?: OfArguments<Args, string>;
  /** Short texts to find the trace by, beside those of `init`. */
  tags?: OfArguments<Args, readonly string[]>;
  /** Facts about the trace, over those of `init`. */
  metadata?: OfArguments<Args, Readonly<Record<string, unknown>>>;
  /** Version of what runs. Default: that of `init`. */
  release?: OfArguments<Args, string>;
  /** Where it runs; metadata `deployment.environment.name`. Default: that of `init`. */
  environment?: OfArguments<Args, string>;
  /** Starts a trace of its own also inside another trace. Default: false, a span of the outer one. */
  root?: boolean | undefined;
}

/** Options, checked; anything unusable is left out, because wrapping must never throw. */
export class Definition {
  declare readonly name: string;
  declare readonly kind: SpanKindName | null;
  declare readonly captureContent: boolean | null;
  declare readonly attributes: ReadonlyMap<string, unknown> | null;
  readonly session: SessionInfo | ((...args: unknown[]) => unknown) | undefined;
  /** What is said of each trace; null when nothing is. */
  declare readonly traceSteps: ReturnType<typeof traceSteps>;
  declare readonly isAlwaysRoot: boolean;

  constructor(given: unknown, fallbackName: string) {
    const options = isObject(given) ? given : {};
    const { name, kind, captureContent, attributes, session } = options;
    this.name = cutLabel(textOf(name) ?? fallbackName, LIMITS.maxLabelLength);
    this.kind = SPAN_KINDS.find((known) => known === kind) ?? null;
    this.captureContent = typeof captureContent === 'boolean' ? captureContent : null;
    this.attributes = isObject(attributes) ? new Map(Object.entries(attributes)) : null;
    this.session = isFunction(session) ? session : usableSession(session);
    this.traceSteps = traceSteps(options);
    this.isAlwaysRoot = options.root === true;
  }
}
