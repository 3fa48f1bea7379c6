/** The runtime: one configured SDK, created by `init` and used by every wrapped function. */

import type { Settings } from '../config/options.ts';
import type { SessionInfo } from '../config/session.ts';
import type { Delivery } from '../delivery/delivery.ts';
import { clockOffset } from '../platform/clock.ts';
import { traceId } from '../platform/ids.ts';
import { writeJson } from '../platform/json.ts';
import { MAX_TIMER_MILLIS } from '../platform/platform.ts';
import { shared } from '../platform/shared.ts';
import { attempt } from '../platform/values.ts';
import type { SpanKindName } from '../span/active-span.ts';
import { type RemoteParent, storage } from '../span/context.ts';
import { openRoots, trackRoot } from '../span/open-roots.ts';
import { RecordingSpan, type SpanOwner } from '../span/recording-span.ts';
import { ENVIRONMENT, mergeObjects, TraceState } from '../span/trace-state.ts';
import { isInSample } from './sampling.ts';

export class Runtime implements SpanOwner {
  declare readonly settings: Settings;
  declare readonly delivery: Delivery;
  /** JSON text of the metadata of each trace; null for none. */
  declare readonly metadata: string | null;

  constructor(settings: Settings, delivery: Delivery) {
    this.settings = settings;
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
    if (trace.isSampled) trackRoot(root);
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
    return new SpanClass(this, trace, parent, parent.id, false, name, kind, start);
  }

  run<R>(span: RecordingSpan, fn: () => R): R {
    return storage.run(span, fn);
  }

  /** Takes an ended span, also after `init` or `shutdown` has retired this runtime. */
  take(span: RecordingSpan): void {
    if (span.isRoot) openRoots.delete(span);
    if (active.runtime !== this && !this.delivery.isStopped) active.retired.add(this);
    this.delivery.take(span);
  }
}

interface Active {
  /** The current runtime; undefined while the SDK is not initialised, disabled or shut down. */
  runtime: Runtime | undefined;
  /** Earlier runtimes that still deliver records. */
  readonly retired: Set<Runtime>;
}

/** The runtimes of this process, shared by all copies of the package. */
export const active: Active = shared('active', () => ({ runtime: undefined, retired: new Set() }));

/** All runtimes that may hold records. */
export const runtimes = (): Runtime[] => [
  ...(active.runtime ? [active.runtime] : []),
  ...active.retired,
];

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
