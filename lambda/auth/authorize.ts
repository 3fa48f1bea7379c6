/** Who sends this? Answered from the headers alone, before a byte of the body is looked at. */
import { hash } from 'node:crypto';
import type { SCOPES } from '../../wire/protocol.ts';
import { forbidden, Refusal, tooMany, unauthorized, unavailable } from '../http/refusal.ts';
import type { Request } from '../http/request.ts';
import type { Authentication, Store, TokenFacts } from '../store/store.ts';
import { RateLimiter } from './rate-limit.ts';
import { Allowance } from './token-bucket.ts';
import { TokenCache } from './token-cache.ts';

/** How long a good token is taken at its word. ingest() in the database still checks each batch. */
export const GOOD_TOKEN_MILLIS = 60_000;
/** How long a bad token is refused without asking again: a flood of it must not reach Postgres. */
export const BAD_TOKEN_MILLIS = 10_000;
/** Tokens remembered per instance, good and bad each. */
export const MAX_REMEMBERED_TOKENS = 2_000;
/**
 * A token that was good is still looked up without limit when its minute is over: a flood of
 * unknown ones must not delay those who are known.
 */
export const TRUSTED_MILLIS = 3_600_000;
/**
 * Look-ups of tokens that this instance has not seen good: a flood of invented ones, each another,
 * must not reach Postgres either. Those beyond wait a second; nobody else does.
 */
export const UNKNOWN_LOOKUPS_PER_SECOND = 20;
/** How many of them may come at once, as from the senders of a fresh instance. */
export const UNKNOWN_LOOKUPS_AT_ONCE = 100;
/** Longer than any token we mint. */
export const MAX_TOKEN_LENGTH = 512;

/** The form of every token, as create_token() in the database makes them. */
const TOKEN = /^agn_[0-9a-f]{64}$/;

const INGEST_SCOPE: (typeof SCOPES)[number] = 'ingest';

/** A caller who may write. */
export interface Caller {
  tokenHash: string;
  projectId: string;
}

type Verdict = Exclude<Authentication, { status: 'retry' }>;

export interface Authorizer {
  /** The caller behind the request's token, or why not. */
  authorize(request: Request): Promise<Caller | Refusal>;
  /** The same for a token that came another way. The body counts toward the token's budget. */
  authorizeToken(token: string, bodyBytes: number): Promise<Caller | Refusal>;
  /** Drops what is remembered, because the database has just said otherwise. */
  forget(tokenHash: string): void;
}

/** A verdict of the database; a good one outlives the minute in which it is believed. */
interface Remembered {
  verdict: Verdict;
  freshUntilMillis: number;
}

export function createAuthorizer(store: Store, now: () => number): Authorizer {
  const good = new TokenCache<Remembered>(MAX_REMEMBERED_TOKENS);
  // Apart from the good ones, so that a flood of bad tokens cannot push those out.
  const bad = new TokenCache<Remembered>(MAX_REMEMBERED_TOKENS);
  const limiter = new RateLimiter(MAX_REMEMBERED_TOKENS, now);
  const unknownLookups = new Allowance(
    UNKNOWN_LOOKUPS_PER_SECOND * 60,
    now(),
    UNKNOWN_LOOKUPS_AT_ONCE,
  );

  function remember(tokenHash: string, verdict: Verdict): void {
    if (verdict.status === 'known') {
      const freshUntilMillis = Math.min(now() + GOOD_TOKEN_MILLIS, expiryOf(verdict.token));
      good.set(tokenHash, { verdict, freshUntilMillis }, now() + TRUSTED_MILLIS);
      if (verdict.token.limits) limiter.learn(tokenHash, verdict.token.limits);
    } else {
      good.delete(tokenHash);
      const freshUntilMillis = now() + BAD_TOKEN_MILLIS;
      bad.set(tokenHash, { verdict, freshUntilMillis }, freshUntilMillis);
    }
  }

  /** What the database says of a token, or has said lately. */
  async function judge(tokenHash: string): Promise<Verdict | Refusal> {
    const remembered = good.get(tokenHash, now()) ?? bad.get(tokenHash, now());
    if (remembered && remembered.freshUntilMillis > now()) return remembered.verdict;
    if (remembered === undefined) {
      const waitMillis = unknownLookups.waitMillis(now());
      if (waitMillis > 0) {
        return tooMany('Too many unknown tokens are being tried.', Math.ceil(waitMillis / 1000));
      }
      unknownLookups.take(1);
    }
    const answer = await store.authenticate(tokenHash);
    if (answer.status === 'retry') {
      // Nobody can ask now. Whoever was good within the hour is taken at their word for a little
      // longer, so that what they send can be kept; a stranger has to wait.
      if (remembered?.verdict.status === 'known' && expiryOf(remembered.verdict.token) > now()) {
        return remembered.verdict;
      }
      return unavailable('The token cannot be checked now.', answer.afterSeconds, answer.reason);
    }
    remember(tokenHash, answer);
    return answer;
  }

  async function authorizeToken(token: string, bodyBytes: number): Promise<Caller | Refusal> {
    // Nothing else is a token of ours, so there is nothing to ask.
    if (!TOKEN.test(token)) return unauthorized('Unknown, revoked or expired token.');
    const tokenHash = hash('sha256', token);
    const verdict = await judge(tokenHash);
    if (verdict instanceof Refusal) return verdict;
    if (verdict.status === 'unauthorized') {
      return unauthorized('Unknown, revoked or expired token.');
    }
    if (verdict.status === 'forbidden' || !verdict.token.scopes.includes(INGEST_SCOPE)) {
      return forbidden(`This token lacks the scope "${INGEST_SCOPE}".`);
    }
    const overBudget = limiter.spend(tokenHash, bodyBytes);
    return overBudget ?? { tokenHash, projectId: verdict.token.project_id };
  }

  return {
    authorize: async (request) => {
      const token = tokenOf(request.headers);
      if (token === null) return unauthorized('Send a token as "Authorization: Bearer <token>".');
      return authorizeToken(token, request.bodyBytes);
    },
    authorizeToken,
    forget: (tokenHash) => good.delete(tokenHash),
  };
}

/** Milliseconds since 1970; never for a token without an expiry (also written `infinity`). */
function expiryOf(token: TokenFacts): number {
  const expiresAtMillis = token.expires_at ? Date.parse(token.expires_at) : Number.NaN;
  return Number.isNaN(expiresAtMillis) ? Number.POSITIVE_INFINITY : expiresAtMillis;
}

/** The token, from wherever a client may put it; null when there is none that could be one. */
function tokenOf(headers: Request['headers']): string | null {
  const [, scheme, credentials] = /^\s*(\S+)\s+(\S+)\s*$/.exec(headers.authorization ?? '') ?? [];
  const token =
    (scheme && credentials && fromAuthorization(scheme.toLowerCase(), credentials)) ||
    headers['x-api-key']?.trim();
  return token && token.length <= MAX_TOKEN_LENGTH ? token : null;
}

function fromAuthorization(scheme: string, credentials: string): string | null {
  if (scheme === 'bearer') return credentials;
  if (scheme !== 'basic' || credentials.length > 2 * MAX_TOKEN_LENGTH) return null;
  // Langfuse clients send `public:secret`; `curl -u token:` sends a name without a password.
  const [name = '', ...password] = Buffer.from(credentials, 'base64').toString('utf8').split(':');
  return password.join(':') || name;
}
