/** So much per minute: starts full, refills evenly, and never holds more than its capacity. */
export class Allowance {
  #perMinute: number;
  #capacity: number;
  #left: number;
  #atMillis: number;

  /** @param capacity how much may go at once; by default the amount of a minute */
  constructor(perMinute: number, nowMillis: number, capacity = Math.max(1, perMinute)) {
    this.#perMinute = perMinute;
    this.#capacity = capacity;
    this.#left = capacity;
    this.#atMillis = nowMillis;
  }

  /** Goes on with another rate; what is left stays, within the new capacity. */
  change(perMinute: number, nowMillis: number): void {
    this.#refill(nowMillis);
    this.#perMinute = perMinute;
    this.#capacity = Math.max(1, perMinute);
    this.#left = Math.min(this.#left, this.#capacity);
  }

  /** Milliseconds until one unit can be taken; 0 when it can be now. */
  waitMillis(nowMillis: number): number {
    this.#refill(nowMillis);
    return this.#left >= 1 ? 0 : ((1 - this.#left) * 60_000) / this.#perMinute;
  }

  /** Takes more than is left too, as a debt: the last one in need not fit, or nothing large would. */
  take(amount: number): void {
    this.#left -= amount;
  }

  #refill(nowMillis: number): void {
    // A clock that was set back refills nothing, and takes nothing away.
    const elapsedMillis = Math.max(0, nowMillis - this.#atMillis);
    this.#left = Math.min(this.#capacity, this.#left + (elapsedMillis * this.#perMinute) / 60_000);
    this.#atMillis = nowMillis;
  }
}
