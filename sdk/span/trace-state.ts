/** What the spans of one trace share, and may say of it as long as its first span is open. */
import { LIMITS } from '../../wire/protocol.ts';
import { type Session, type SessionInfo, usableSession } from '../config/session.ts';
import { isObject, textOf } from '../platform/values.ts';
import { snapshot } from '../serialize/snapshot.ts';

/** A trace that is under way. What it cannot use, it ignores; it never throws. */
export interface ActiveTrace {
  /** The W3C trace id, 32 hex digits. */
  readonly id: string;
  /** Says who the trace is for. */
  setUser(userId: string): this;
  /** Puts the trace into a session. */
  setSession(session: Session): this;
  /** Adds short texts to find the trace by, up to 64. */
  addTags(...tags: readonly string[]): this;
  /** Adds facts; of two with the same name the later one counts. */
  setMetadata(metadata: Readonly<Record<string, unknown>>): this;
  /** Says what the trace was given, where that is not the arguments of its first function. */
  setInput(value: unknown): this;
  /** Says what came of the trace, where that is not the result of its first function. */
  setOutput(value: unknown): this;
}

/** OpenTelemetry's name for the environment of a deployment. */
export const ENVIRONMENT = 'deployment.environment.name';

export class TraceState implements ActiveTrace {
  declare readonly id: string;
  /** Milliseconds to add to `performance.now()`. */
  declare readonly clockOffset: number;
  declare session: SessionInfo | undefined;
  /** The root's parent is in another process, which also knows the name of the trace. */
  declare readonly isContinued: boolean;
  /** Whether it is recorded. */
  isSampled = true;
  capturesContent = true;
  userId: string | null = null;
  release: string | null = null;
  tags: readonly string[] | null = null;
  /** JSON text, as are input and output. */
  metadata: string | null = null;
  input: string | null = null;
  output: string | null = null;
  /** The `tracestate` that the trace came with. */
  state: string | undefined = undefined;

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
    if (isObject(metadata)) this.mergeMetadata(snapshot(metadata));
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

  /** Takes JSON text of an object. */
  mergeMetadata(json: string | null): void {
    const merged = mergeObjects(this.metadata, json);
    if (merged === null || merged.length * 3 <= LIMITS.maxJsonBytes) this.metadata = merged;
  }
}

/** Two JSON texts of objects as one; where both have a key, readers take the later one. */
export function mergeObjects(base: string | null, over: string | null): string | null {
  if (base === null || base === '{}' || over === null || !over.startsWith('{')) return over ?? base;
  return over === '{}' ? base : `${base.slice(0, -1)},${over.slice(1)}`;
}
