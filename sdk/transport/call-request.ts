/** A request to a model, as its span and its repetitions are told by it. */
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
  /** The same for all requests with the same body. */
  readonly identity: string;
}
