interface Entry<T> {
  value: T;
  expiresAtMillis: number;
}

/** A bounded map of what the database said about tokens: entries expire, the oldest is evicted. */
export class TokenCache<T> {
  readonly #entries = new Map<string, Entry<T>>();
  readonly #maxEntries: number;

  constructor(maxEntries: number) {
    this.#maxEntries = maxEntries;
  }

  get(tokenHash: string, nowMillis: number): T | undefined {
    const entry = this.#entries.get(tokenHash);
    if (entry === undefined) return undefined;
    if (entry.expiresAtMillis > nowMillis) return entry.value;
    this.#entries.delete(tokenHash);
    return undefined;
  }

  set(tokenHash: string, value: T, expiresAtMillis: number): void {
    // Deleted first, so that a renewed entry is the youngest in insertion order.
    this.#entries.delete(tokenHash);
    if (this.#entries.size >= this.#maxEntries) {
      const oldest = this.#entries.keys().next();
      if (!oldest.done) this.#entries.delete(oldest.value);
    }
    this.#entries.set(tokenHash, { value, expiresAtMillis });
  }

  delete(tokenHash: string): void {
    this.#entries.delete(tokenHash);
  }

  get size(): number {
    return this.#entries.size;
  }
}
