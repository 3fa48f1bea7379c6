/**
 * Rate limits per token, decided in the memory of this instance, so that an excess request costs
 * nothing: a counter in the database would be one row that all requests of a token contend for, and
 * a counter elsewhere one more service.
 *
 * An instance sees only its own requests. Once a minute, with the check of the token, the database
 * reports how many requests of the project it has stored in the last minute, all tokens and instances
 * together. If that exceeds the limit, this instance lowers its share in proportion, and raises it
 * again when it does not. One instance keeps the limit at once; many converge within a few minutes.
 */

import { type HttpError, tooManyRequests } from '../http/http-error.ts';
import type { Limits } from '../store/store.ts';
import { TokenBucket } from './token-bucket.ts';
import { TokenCache } from './token-cache.ts';

/** The least share of a limit that an instance keeps, so that it never stops serving. */
export const LEAST_SHARE = 1 / 256;

interface Budget {
  requests: TokenBucket;
  bytes: TokenBucket;
  /** 1 while this instance may use the whole limit. */
  share: number;
}

export class RateLimiter {
  readonly #budgets: TokenCache<Budget>;
  readonly #now: () => number;

  constructor(maxTokens: number, now: () => number) {
    this.#budgets = new TokenCache(maxTokens);
    this.#now = now;
  }

  /** Updates the limits of a token from the database. */
  learn(tokenHash: string, limits: Limits): void {
    const now = this.#now();
    const known = this.#budgets.get(tokenHash, now);
    const share = shareOf(limits, known?.share ?? 1);
    const requests = limits.requests_per_minute * share;
    const bytes = limits.bytes_per_minute * share;
    known?.requests.setRate(requests, now);
    known?.bytes.setRate(bytes, now);
    this.#budgets.set(
      tokenHash,
      {
        requests: known?.requests ?? new TokenBucket(requests, now),
        bytes: known?.bytes ?? new TokenBucket(bytes, now),
        share,
      },
      Number.POSITIVE_INFINITY,
    );
  }

  /** Takes one request from the budget, or returns 429; a refused request takes nothing. */
  spend(tokenHash: string, bodyBytes: number): HttpError | null {
    const now = this.#now();
    const budget = this.#budgets.get(tokenHash, now);
    if (budget === undefined) return null;
    const waitMillis = Math.max(budget.requests.waitMillis(now), budget.bytes.waitMillis(now));
    if (waitMillis > 0) {
      return tooManyRequests(
        'The rate limit of this token is reached.',
        Math.ceil(waitMillis / 1000),
      );
    }
    budget.requests.take(1);
    budget.bytes.take(bodyBytes);
    return null;
  }
}

function shareOf(limits: Limits, share: number): number {
  const { requests_per_minute, requests_last_minute } = limits;
  const wanted = (share * requests_per_minute) / Math.max(1, requests_last_minute);
  return Math.min(1, Math.max(LEAST_SHARE, wanted));
}
