/** What is seen of the HTTP requests of one call. */
export interface RequestAttempts {
  /** A request goes out. */
  begin(): void;
  /** A response came, or, without one, the request failed. */
  end(response: unknown): void;
  /** The call failed with this error. */
  failed(thrown: unknown): void;
}

/** What an instrumented call of a model knows of itself before it has an answer. */
export interface CallInfo {
  /** The request, as given and as sent; the same one again is this call, seen by a second patch. */
  readonly bodies: readonly unknown[];
  readonly provider: string;
  readonly model: string | null;
  readonly attempts: RequestAttempts;
  /** Called once, before the span ends. */
  failed(thrown: unknown): void;
}
