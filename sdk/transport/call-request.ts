/** A request to a model, and an attempt of it that failed. */
import type { Scope } from '../span/context.ts';
import type { RecordingSpan } from '../span/recording-span.ts';
import type { Protocol } from './protocols.ts';
import type { Server } from './provider-hosts.ts';

export interface CallRequest {
  readonly protocol: Protocol;
  /** The path without the query. */
  readonly path: string;
  readonly server: Server;
  /** The span in which the request was made. */
  readonly parent: RecordingSpan | undefined;
  readonly scope: Scope | undefined;
  /** As `performance.now()`. */
  readonly startedAt: number;
  /** The number of earlier attempts; undefined for clients that do not send it. */
  readonly retryCount: number | undefined;
  /** The same for all requests with the same body; empty when the body was not sent. */
  readonly identity: string;
}

/** An attempt that failed or was redirected, and the span that is open for it. */
export interface Attempt {
  readonly request: CallRequest;
  readonly span: RecordingSpan;
  /** The status of the response; 0 when there was none. */
  readonly status: number;
  /** The number of attempts that the next one repeats; 0 when it is the target of a redirect. */
  readonly resends: number;
}
