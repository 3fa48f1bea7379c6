/** What an instrumented model call adds to its span. */

/** Observes the HTTP requests of one call: provider clients retry by themselves. */
export interface RequestAttempts {
  /** A request is sent. */
  begin(): void;
  /** A response arrived, or the request failed without one. */
  end(response: unknown): void;
  /** The call failed with this error. */
  failed(thrown: unknown): void;
}

/** An instrumented model call, as known before its response. */
export interface CallInfo {
  /** The request body as given and as sent, to detect that two patches observe the same call. */
  readonly bodies: readonly unknown[];
  readonly provider: string;
  readonly model: string | null;
  /** The call asks for a response that an earlier call made. */
  readonly isLookup?: boolean;
  /** The requests of the call; undefined when the transport observes them itself. */
  readonly attempts?: RequestAttempts;
  /** Called once when the call fails, before the span ends. */
  failed?(thrown: unknown): void;
}
