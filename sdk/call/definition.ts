/** The options of a wrapped function, checked once. */

import { LIMITS, SPAN_KINDS } from '../../wire/protocol.ts';
import { cutLabel } from '../../wire/text.ts';
import { type Session, type SessionInfo, usableSession } from '../config/session.ts';
import { isAsyncFunction } from '../platform/promises.ts';
import { hasFields, isFunction, textOf } from '../platform/values.ts';
import type { Instance } from '../runtime/runtime.ts';
import type { SpanKindName } from '../span/active-span.ts';
import type { Mapper } from '../span/recording-span.ts';
import { traceSetters } from './trace-options.ts';

/**
 * Options of {@link span}. Invalid values are ignored.
 *
 * @example
 * const search = span({ name: 'search', kind: 'tool', captureContent: false }, findDocuments);
 */
// biome-ignore lint/suspicious/noExplicitAny: a decorator does not know its function
export interface SpanOptions<Args extends readonly unknown[] = any[], Result = any> {
  /**
   * Name of the span, up to 1,024 characters.
   * @defaultValue the name of the function
   */
  name?: string | undefined;
  /**
   * What the function does: `llm`, `tool`, `agent`, `chain`, `retriever`, `embedding` or `span`.
   * @defaultValue detected from arguments and result, or else `'span'`
   */
  kind?: SpanKindName | undefined;
  /**
   * Whether arguments and result are recorded.
   * @defaultValue the option of `init`
   */
  captureContent?: boolean | undefined;
  /**
   * Attributes of each span of the function.
   * @defaultValue none
   */
  attributes?: Readonly<Record<string, unknown>> | undefined;
  /**
   * Chooses what is recorded as input: a function of the list of arguments. Its result is recorded as if
   * it were the only argument. When it throws, the input is not recorded, and `status().mapperFailed`
   * counts it.
   * @defaultValue all arguments
   * @example
   * span({ kind: 'tool', input: ([city]) => city }, weather);
   */
  input?: ((args: Args) => unknown) | undefined;
  /**
   * Chooses what is recorded as output: a function of the result, of a promise its value, and of a stream
   * the list of its recorded items. What it returns is recorded as if the function had returned it. When
   * it throws, the output is not recorded, and `status().mapperFailed` counts it.
   * @defaultValue the result
   * @example
   * span({ output: ({ rows }) => rows.length }, query);
   */
  output?: ((result: Result) => unknown) | undefined;
}

/** A value, or a function that returns it for the arguments of a call. */
export type OfArguments<Args extends readonly unknown[], T> =
  | T
  | ((...args: Args) => T | null | undefined)
  | undefined;

/**
 * Options of {@link trace}: those of a span, and properties of the whole trace. Each property is a
 * value, or a function of the call's arguments that returns it; when it throws, it is ignored.
 *
 * @example
 * const handle = trace({ userId: (request) => request.user.id, tags: ['beta'] }, handleRequest);
 */
// biome-ignore lint/suspicious/noExplicitAny: a decorator does not know its function
export interface TraceOptions<Args extends readonly unknown[] = never[], Result = any>
  extends SpanOptions<Args, Result> {
  /**
   * Session of the trace.
   * @defaultValue the session of `withSession`, or else of `init`
   */
  session?: OfArguments<Args, Session>;
  /**
   * User of the trace.
   * @defaultValue the user of the session, or else of `init`
   */
  userId?: OfArguments<Args, string>;
  /** Alias of `userId`. */
  user_id?: OfArguments<Args, string>;
  /**
   * Tags of the trace, in addition to those of `init`; up to 64 in total.
   * @defaultValue none
   */
  tags?: OfArguments<Args, readonly string[]>;
  /**
   * Metadata of the trace; has precedence over that of `init`.
   * @defaultValue none
   */
  metadata?: OfArguments<Args, Readonly<Record<string, unknown>>>;
  /**
   * Version of the application.
   * @defaultValue the option of `init`
   */
  release?: OfArguments<Args, string>;
  /**
   * Deployment environment, stored as metadata `deployment.environment.name`.
   * @defaultValue the option of `init`
   */
  environment?: OfArguments<Args, string>;
  /**
   * Whether a call inside another trace starts a new trace. Otherwise it is a span of the outer one.
   * @defaultValue `false`
   */
  root?: boolean | undefined;
}

/** The checked options. Invalid ones are ignored, because wrapping must never throw. */
export class Definition {
  declare readonly name: string;
  declare readonly kind: SpanKindName | null;
  declare readonly captureContent: boolean | null;
  declare readonly attributes: ReadonlyMap<string, unknown> | null;
  declare readonly input: Mapper | null;
  declare readonly output: Mapper | null;
  readonly session: SessionInfo | ((...args: unknown[]) => unknown) | undefined;
  /** Sets the properties of each trace; null when there are none. */
  declare readonly traceSetters: ReturnType<typeof traceSetters>;
  declare readonly isAlwaysRoot: boolean;
  /** The instance that records the calls; undefined for the one of the current span. */
  declare readonly instance: Instance | undefined;
  /** Whether the function is declared as `async`. */
  declare readonly isAsync: boolean;

  constructor(given: unknown, fallbackName: string, instance?: Instance, fn?: unknown) {
    const options = hasFields(given) ? given : {};
    const { name, kind, captureContent, attributes, session, input, output } = options;
    this.name = cutLabel(textOf(name) ?? fallbackName, LIMITS.maxLabelLength);
    this.kind = SPAN_KINDS.find((known) => known === kind) ?? null;
    this.captureContent = typeof captureContent === 'boolean' ? captureContent : null;
    this.attributes = hasFields(attributes) ? new Map(Object.entries(attributes)) : null;
    this.input = isFunction(input) ? input : null;
    this.output = isFunction(output) ? output : null;
    this.session = isFunction(session) ? session : usableSession(session);
    this.traceSetters = traceSetters(options);
    this.isAlwaysRoot = options.root === true;
    this.instance = instance;
    this.isAsync = isAsyncFunction(fn);
  }
}
