/** One configured SDK: what `init` makes, and what every wrapped function talks to. */
import { clockOffset } from './clock.ts';
import type { Delivery } from './delivery.ts';
import { traceId } from './ids.ts';
import { LiveSpan, type SpanKindName, TraceFacts } from './live-span.ts';
import type { Settings } from './options.ts';
import type { SessionFacts } from './sessions.ts';
import { state } from './state.ts';
import { began } from './unfinished.ts';

/** A span of another tracer or another process, under which ours continues. */
export interface RemoteParent {
  readonly traceId: string;
  readonly spanId: string;
}

export class Runtime {
  declare readonly settings: Settings;
  declare readonly delivery: Delivery;

  constructor(settings: Settings, delivery: Delivery) {
    this.settings = settings;
    this.delivery = delivery;
  }

  /** Opens the first span of a new trace. */
  openRoot(
    name: string,
    kind: SpanKindName | null,
    session: SessionFacts | undefined,
    remote: RemoteParent | undefined,
    startedAt?: number,
    Made = LiveSpan,
  ): LiveSpan {
    const offset = clockOffset();
    const start = startedAt ?? performance.now() + offset;
    const id = remote?.traceId ?? traceId(start);
    const facts = session ?? this.settings.session;
    const trace = new TraceFacts(id, offset, facts, !!remote);
    trace.metadata = this.settings.metadata;
    const root = new Made(this, trace, null, remote?.spanId ?? null, true, name, kind, start);
    began(root);
    return root;
  }

  /** Opens a span below another one. */
  openChild(
    parent: LiveSpan,
    name: string,
    kind: SpanKindName | null,
    startedAt?: number,
    Made = LiveSpan,
  ): LiveSpan {
    const { trace } = parent;
    const start = startedAt ?? performance.now() + trace.clockOffset;
    return new Made(this, trace, parent, parent.id, false, name, kind, start);
  }

  /** Takes an ended span, also one that outlived its runtime's time as the current one. */
  take(span: LiveSpan): void {
    if (span.isRoot) state.roots.delete(span);
    if (state.runtime !== this && !this.delivery.isStopped) state.retired.add(this);
    this.delivery.take(span);
  }
}
