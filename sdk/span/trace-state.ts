/** The state that all spans of one trace share. */
import { LIMITS } from '../../wire/protocol.ts';
import type { WaitUntil } from '../config/init-options.ts';
import { type Session, type SessionInfo, usableSession } from '../config/session.ts';
import { hasFields, textOf } from '../platform/values.ts';
import { snapshot } from '../serialize/snapshot.ts';

/**
 * An open trace. Its properties can be set until its root span ends. Invalid values are ignored; no
 * method throws.
 *
 * @example
 * currentTrace()?.setUser(request.user.id).addTags('beta').setMetadata({ plan: 'pro' });
 */
export interface ActiveTrace {
  /**
   * The W3C trace id: 32 hex digits.
   * @see https://www.w3.org/TR/trace-context/#trace-id
   */
  readonly id: string;
  /**
   * Sets the user of the trace.
   * @returns this trace
   */
  setUser(userId: string): this;
  /**
   * Sets the session of the trace.
   * @returns this trace
   */
  setSession(session: Session): this;
  /**
   * Adds tags, up to 64 per trace. Duplicates are ignored.
   * @returns this trace
   */
  addTags(...tags: readonly string[]): this;
  /**
   * Adds metadata. A later value replaces an earlier one of the same key.
   * @returns this trace
   */
  setMetadata(metadata: Readonly<Record<string, unknown>>): this;
  /**
   * Sets the input of the trace, in place of the input of its root span.
   * @returns this trace
   */
  setInput(value: unknown): this;
  /**
   * Sets the output of the trace, in place of the output of its root span.
   * @returns this trace
   */
  setOutput(value: unknown): this;
}

/** OpenTelemetry's key of the deployment environment. */
export const ENVIRONMENT = 'deployment.environment.name';

export class TraceState implements ActiveTrace {
  declare readonly id: string;
  /** Milliseconds to add to `performance.now()` to get epoch milliseconds. */
  declare readonly clockOffset: number;
  declare session: SessionInfo | undefined;
  /** Whether the root's parent is in another process, which records the name of the trace. */
  declare readonly isContinued: boolean;
  /** Whether the trace is recorded. */
  isSampled = true;
  capturesContent = true;
  userId: string | null = null;
  release: string | null = null;
  tags: readonly string[] | null = null;
  /** JSON text, as are input and output. */
  metadata: string | null = null;
  input: string | null = null;
  output: string | null = null;
  /** Keeps the serverless invocation running in which the trace started. */
  waitUntil: WaitUntil | undefined = undefined;
  /** The W3C `tracestate` that the trace was continued with. */
  tracestate: string | undefined = undefined;

  constructor(
    id: string,
    clockOffset: number,
    session: SessionInfo | undefined,
    isContinued: boolean,
  ) {
    this.id = id;
    this.clockOffset = clockOffset;
    this.session = session;
    this.isContinued = isContinued;
  }

  setUser(userId: string): this {
    this.userId = textOf(userId) ?? this.userId;
    return this;
  }

  setSession(session: Session): this {
    this.session = usableSession(session) ?? this.session;
    return this;
  }

  addTags(...tags: readonly string[]): this {
    const texts = tags.filter(textOf);
    if (texts.length > 0) {
      this.tags = [...new Set([...(this.tags ?? []), ...texts])].slice(0, LIMITS.maxTags);
    }
    return this;
  }

  setMetadata(metadata: Readonly<Record<string, unknown>>): this {
    if (hasFields(metadata)) this.mergeMetadata(snapshot(metadata));
    return this;
  }

  setInput(value: unknown): this {
    if (this.capturesContent) this.input = snapshot(value);
    return this;
  }

  setOutput(value: unknown): this {
    if (this.capturesContent) this.output = snapshot(value);
    return this;
  }

  /** Adds the JSON text of an object to the metadata. */
  mergeMetadata(json: string | null): void {
    const merged = mergeObjects(this.metadata, json);
    if (merged === null || merged.length * 3 <= LIMITS.maxJsonBytes) this.metadata = merged;
  }
}

/** Joins two JSON texts of objects; of duplicate keys, JSON parsers take the last one. */
export function mergeObjects(base: string | null, over: string | null): string | null {
  if (base === null || base === '{}' || over === null || !over.startsWith('{')) return over ?? base;
  return over === '{}' ? base : `${base.slice(0, -1)},${over.slice(1)}`;
}
