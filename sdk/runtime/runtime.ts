/**
 * The runtime: one configuration of an instance, used by every function that the instance wraps. `init`
 * configures the default instance; `createAgensight` creates further ones.
 */

import type { Settings } from '../config/options.ts';
import type { SessionInfo } from '../config/session.ts';
import type { Delivery } from '../delivery/delivery.ts';
import { bindContext } from '../platform/async-storage.ts';
import { clockOffset } from '../platform/clock.ts';
import { traceId } from '../platform/ids.ts';
import { writeJson } from '../platform/json.ts';
import { MAX_TIMER_MILLIS } from '../platform/platform.ts';
import { shared } from '../platform/shared.ts';
import { attempt } from '../platform/values.ts';
import { createReport, type Report } from '../report/counts.ts';
import type { Warn } from '../report/warnings.ts';
import type { SpanKindName } from '../span/active-span.ts';
import { currentScope, type RemoteParent, type Scope, storage } from '../span/context.ts';
import { invocationWaitUntil } from '../span/invocation.ts';
import { openRoots, trackRoot } from '../span/open-roots.ts';
import { RecordingSpan, type SpanOwner } from '../span/recording-span.ts';
import { ENVIRONMENT, mergeObjects, TraceState } from '../span/trace-state.ts';
import { isInSample } from './sampling.ts';

export class Runtime implements SpanOwner {
  declare readonly instance: Instance;
  declare readonly settings: Settings;
  declare readonly warn: Warn;
  declare readonly delivery: Delivery;
  /** JSON text of the metadata of each trace; null for none. */
  declare readonly metadata: string | null;

  constructor(instance: Instance, settings: Settings, delivery: Delivery, warn: Warn) {
    this.instance = instance;
    this.settings = settings;
    this.warn = warn;
    this.delivery = delivery;
    const { metadata, environment } = settings;
    const deployment = environment === null ? null : writeJson({ [ENVIRONMENT]: environment });
    this.metadata = mergeObjects(metadata, deployment);
  }

  /** Opens the root span of a new trace, or of a trace that another process started. */
  openRoot(
    name: string,
    kind: SpanKindName | null,
    session: SessionInfo | undefined,
    remote: RemoteParent | undefined,
    startedAt?: number,
    SpanClass = RecordingSpan,
  ): RecordingSpan {
    const offset = clockOffset();
    const start = startedAt ?? performance.now() + offset;
    const id = remote?.traceId ?? traceId(start);
    const trace = new TraceState(id, offset, session ?? this.settings.session, !!remote);
    const { captureContent, sampleRate, tags } = this.settings;
    trace.capturesContent = captureContent;
    trace.isSampled =
      remote?.traceFlags === undefined ? isInSample(id, sampleRate) : remote.traceFlags % 2 === 1;
    trace.tracestate = remote?.tracestate;
    // The process that started a trace records its default metadata and tags.
    if (!remote) {
      trace.metadata = this.metadata;
      trace.tags = tags;
    }
    const root = new SpanClass(this, trace, null, remote?.spanId ?? null, true, name, kind, start);
    this.#nest(root);
    if (trace.isSampled) {
      // Platforms know their request by its context, which has ended when a stream ends.
      const { waitUntil } = this.settings;
      trace.waitUntil = invocationWaitUntil() ?? (waitUntil && bindContext(waitUntil));
      trackRoot(root);
    }
    return root;
  }

  /** Opens a child span. */
  openChild(
    parent: RecordingSpan,
    name: string,
    kind: SpanKindName | null,
    startedAt?: number,
    SpanClass = RecordingSpan,
  ): RecordingSpan {
    const { trace } = parent;
    const start = startedAt ?? performance.now() + trace.clockOffset;
    if (kind === 'tool') parent.toolsBelow += 1;
    const child = new SpanClass(this, trace, parent, parent.id, false, name, kind, start);
    this.#nest(child);
    return child;
  }

  /** Remembers the scope where a span opens, unless it is a span of this instance. */
  #nest(span: RecordingSpan): void {
    if (instances.size === 1) return;
    const current = storage.getStore();
    if (!current || (current === current.span && instanceOf(current.span) === this.instance))
      return;
    span.outer = current;
  }

  run<R>(span: RecordingSpan, fn: () => R): R {
    return storage.run(span, fn);
  }

  /** Takes an ended span, also after `init` or `shutdown` has retired this runtime. */
  take(span: RecordingSpan): void {
    if (span.isRoot) openRoots.delete(span);
    const { instance } = this;
    if (instance.runtime !== this && !this.delivery.isStopped) instance.retired.add(this);
    this.delivery.take(span);
  }
}

/** An SDK of its own within the process: its configuration, its records and their counts. */
export interface Instance {
  /** The current runtime; undefined while the instance is not initialised, disabled or shut down. */
  runtime: Runtime | undefined;
  /** Earlier runtimes that still deliver records. */
  readonly retired: Set<Runtime>;
  readonly report: Report;
  /** Codes of warnings that were reported. */
  readonly warned: Set<string>;
}

export const createInstance = (): Instance => ({
  runtime: undefined,
  retired: new Set(),
  report: createReport(),
  warned: new Set(),
});

/** The default instance, which `init` configures, shared by all copies of the package. */
export const active: Instance = shared('active', createInstance);

/** The instances that have a runtime, or records to deliver. */
export const instances: Set<Instance> = shared('instances', () => new Set([active]));

/** The runtimes of an instance, or of all, that may hold records. */
export const runtimes = (of: Iterable<Instance> = instances): Runtime[] =>
  [...of].flatMap(({ runtime, retired }) => [...(runtime ? [runtime] : []), ...retired]);

/** The instance that owns a span. */
export const instanceOf = (span: RecordingSpan): Instance => (span.owner as Runtime).instance;

/**
 * The runtime for a call that no instance has wrapped: that of the current span, or else the default
 * one, or else the only one.
 */
export function runtimeOf(span: RecordingSpan | undefined): Runtime | undefined {
  if (span) return instanceOf(span).runtime;
  if (active.runtime) return active.runtime;
  const others = [...instances].filter(({ runtime }) => runtime);
  return others.length === 1 ? others[0]?.runtime : undefined;
}

/**
 * The current scope of an instance. A span of another instance is no parent, and its trace gives no
 * session; a session or remote parent that the program has set around the call is one for all instances.
 */
export function scopeOf(instance: Instance): Scope | undefined {
  const current = currentScope();
  if (!current?.span || instanceOf(current.span) === instance) return current;
  let scope: Scope | undefined = current;
  let session: SessionInfo | undefined;
  while (scope?.span && instanceOf(scope.span) !== instance) {
    if (scope !== scope.span) session ??= scope.session;
    scope = scope.span.outer;
  }
  return session ? { span: scope?.span, session, remote: scope?.remote } : scope;
}

/** Called before records are delivered, to end what has already happened. */
export const flushHooks: Set<() => void> = shared('flush-hooks', () => new Set());

const DEFAULT_FLUSH_TIMEOUT_MILLIS = 10_000;

/** Delivers the records of some runtimes, and resolves when they are settled or the time is up. */
export async function flushAll(some: readonly Runtime[], timeoutMillis: unknown): Promise<void> {
  const timeout =
    typeof timeoutMillis === 'number' && timeoutMillis >= 0
      ? Math.min(timeoutMillis, MAX_TIMER_MILLIS)
      : DEFAULT_FLUSH_TIMEOUT_MILLIS;
  for (const hook of flushHooks) attempt(hook);
  await Promise.all(some.map(({ delivery }) => delivery.flush(timeout)));
}
