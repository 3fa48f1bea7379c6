/** One configured SDK: what `init` makes, and what every wrapped function talks to. */

import type { Settings } from '../config/options.ts';
import type { SessionInfo } from '../config/session.ts';
import type { Delivery } from '../delivery/delivery.ts';
import { clockOffset } from '../platform/clock.ts';
import { traceId } from '../platform/ids.ts';
import { shared } from '../platform/shared.ts';
import { type RemoteParent, storage } from '../span/context.ts';
import { openRoots, trackRoot } from '../span/open-roots.ts';
import { RecordingSpan, type SpanKindName, type SpanOwner } from '../span/recording-span.ts';
import { ENVIRONMENT, mergeObjects, TraceState } from '../span/trace-state.ts';
import { isInSample } from './sampling.ts';

export class Runtime implements SpanOwner {
  declare readonly settings: Settings;
  declare readonly delivery: Delivery;
  /** JSON text of what each trace carries. */
  declare readonly metadata: string | null;

  constructor(settings: Settings, delivery: Delivery) {
    this.settings = settings;
    this.delivery = delivery;
    const { metadata, environment } = settings;
    const place = environment === null ? null : JSON.stringify({ [ENVIRONMENT]: environment });
    this.metadata = mergeObjects(metadata, place);
  }

  /** Opens the first span of a new trace. */
  openRoot(
    name: string,
    kind: SpanKindName | null,
    session: SessionInfo | undefined,
    remote: RemoteParent | undefined,
    startedAt?: number,
    Made = RecordingSpan,
  ): RecordingSpan {
    const offset = clockOffset();
    const start = startedAt ?? performance.now() + offset;
    const id = remote?.traceId ?? traceId(start);
    const facts = session ?? this.settings.session;
    const trace = new TraceState(id, offset, facts, !!remote);
    const { captureContent, sampleRate, tags } = this.settings;
    trace.capturesContent = captureContent;
    trace.isSampled =
      remote?.traceFlags === undefined ? isInSample(id, sampleRate) : remote.traceFlags % 2 === 1;
    trace.tracestate = remote?.tracestate;
    // Of a trace that came from elsewhere, only what is said here must be told from here.
    if (!remote) {
      trace.metadata = this.metadata;
      trace.tags = tags;
    }
    const root = new Made(this, trace, null, remote?.spanId ?? null, true, name, kind, start);
    if (trace.isSampled) trackRoot(root);
    return root;
  }

  /** Opens a span below another one. */
  openChild(
    parent: RecordingSpan,
    name: string,
    kind: SpanKindName | null,
    startedAt?: number,
    Made = RecordingSpan,
  ): RecordingSpan {
    const { trace } = parent;
    const start = startedAt ?? performance.now() + trace.clockOffset;
    return new Made(this, trace, parent, parent.id, false, name, kind, start);
  }

  run<R>(span: RecordingSpan, fn: () => R): R {
    return storage.run(span, fn);
  }

  /** Takes an ended span, also one that outlived its runtime's time as the current one. */
  take(span: RecordingSpan): void {
    if (span.isRoot) openRoots.delete(span);
    if (active.runtime !== this && !this.delivery.isStopped) active.retired.add(this);
    this.delivery.take(span);
  }
}

export interface Active {
  /** Undefined: never initialised, disabled or shut down. Wrapped functions then just run. */
  runtime: Runtime | undefined;
  readonly retired: Set<Runtime>;
}

export const active: Active = shared('active', () => ({ runtime: undefined, retired: new Set() }));

/** All that may still hold records. */
export const runtimes = (): Runtime[] => [
  ...(active.runtime ? [active.runtime] : []),
  ...active.retired,
];
