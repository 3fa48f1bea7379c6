/** A token bucket: starts full, refills evenly, never holds more than its capacity. */
export class TokenBucket {
  #perMinute: number;
  #capacity: number;
  #left: number;
  #atMillis: number;

  /** @param capacity largest burst; by default the amount of one minute */
  constructor(perMinute: number, nowMillis: number, capacity = Math.max(1, perMinute)) {
    this.#perMinute = perMinute;
    this.#capacity = capacity;
    this.#left = capacity;
    this.#atMillis = nowMillis;
  }

  /** Changes the rate and the capacity; what is left stays, within the new capacity. */
  setRate(perMinute: number, nowMillis: number): void {
    this.#refill(nowMillis);
    this.#perMinute = perMinute;
    this.#capacity = Math.max(1, perMinute);
    this.#left = Math.min(this.#left, this.#capacity);
  }

  /** Milliseconds until one unit is available; 0 when one is available now. */
  waitMillis(nowMillis: number): number {
    this.#refill(nowMillis);
    return this.#left >= 1 ? 0 : ((1 - this.#left) * 60_000) / this.#perMinute;
  }

  /** Takes an amount, into debt if necessary; otherwise a large amount would never fit. */
  take(amount: number): void {
    this.#left -= amount;
  }

  #refill(nowMillis: number): void {
    // A clock that was set back neither refills nor drains the bucket.
    const elapsedMillis = Math.max(0, nowMillis - this.#atMillis);
    this.#left = Math.min(this.#capacity, this.#left + (elapsedMillis * this.#perMinute) / 60_000);
    this.#atMillis = nowMillis;
  }
}
