/**
 * How much a token may send. Decided in this instance's memory, so that a request too many costs
 * nothing: a counter in the database would be one row that all requests of a token wait for, and a
 * counter elsewhere one more service.
 *
 * An instance sees only its own requests. What the others take it learns once a minute, with the
 * check of the token: the database says how many of the project's requests it has stored in the
 * last minute, all tokens and instances together. When those are more than the budget, this
 * instance lowers its share of it in proportion, and raises it again when they are fewer. So one
 * instance keeps the budget at once, and many come down to it within a few minutes.
 */

import { type Refusal, tooMany } from '../http/refusal.ts';
import type { Limits } from '../store/store.ts';
import { Allowance } from './token-bucket.ts';
import { TokenCache } from './token-cache.ts';

/** The least share of a budget that an instance keeps, so that it never falls silent. */
export const LEAST_SHARE = 1 / 256;

interface Budget {
  requests: Allowance;
  bytes: Allowance;
  /** 1 while this instance may take the whole budget. */
  share: number;
}

export class RateLimiter {
  readonly #budgets: TokenCache<Budget>;
  readonly #now: () => number;

  constructor(maxTokens: number, now: () => number) {
    this.#budgets = new TokenCache(maxTokens);
    this.#now = now;
  }

  /** Takes in what the database says of a token's budget. */
  learn(tokenHash: string, limits: Limits): void {
    const now = this.#now();
    const known = this.#budgets.get(tokenHash, now);
    const share = shareOf(limits, known?.share ?? 1);
    const requests = limits.requests_per_minute * share;
    const bytes = limits.bytes_per_minute * share;
    known?.requests.change(requests, now);
    known?.bytes.change(bytes, now);
    this.#budgets.set(
      tokenHash,
      {
        requests: known?.requests ?? new Allowance(requests, now),
        bytes: known?.bytes ?? new Allowance(bytes, now),
        share,
      },
      Number.POSITIVE_INFINITY,
    );
  }

  /** Books one request, or says when to come back; a refused request costs nothing of the budget. */
  spend(tokenHash: string, bodyBytes: number): Refusal | null {
    const now = this.#now();
    const budget = this.#budgets.get(tokenHash, now);
    if (budget === undefined) return null;
    const waitMillis = Math.max(budget.requests.waitMillis(now), budget.bytes.waitMillis(now));
    if (waitMillis > 0) {
      return tooMany('The budget of this token is used up.', Math.ceil(waitMillis / 1000));
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
