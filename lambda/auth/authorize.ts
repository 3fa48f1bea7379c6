/** Authorization from the headers alone, before the body is read. */
import { hash } from 'node:crypto';
import { PYTHON_VALUE_PATTERN, type SCOPES, TOKEN_PATTERN } from '../../wire/protocol.ts';
import { DEFAULT_MASKING, type Masking } from '../../wire/redaction/redact-text.ts';
import {
  forbidden,
  HttpError,
  tooManyRequests,
  unauthorized,
  unavailable,
} from '../http/http-error.ts';
import type { Request } from '../http/request.ts';
import type { Authentication, Store, TokenInfo } from '../store/store.ts';
import { RateLimiter } from './rate-limit.ts';
import { TokenBucket } from './token-bucket.ts';
import { TokenCache } from './token-cache.ts';

/** How long a valid token is cached. `ingest()` in the database still checks it with each batch. */
export const GOOD_TOKEN_MILLIS = 60_000;
/** How long an invalid token is cached, so that a flood of it does not reach Postgres. */
export const BAD_TOKEN_MILLIS = 10_000;
/** Tokens cached per instance, valid and invalid each. */
export const MAX_REMEMBERED_TOKENS = 2_000;
/**
 * How long a token that was valid is looked up again without limit: a flood of unknown tokens must
 * not delay known ones.
 */
export const TRUSTED_MILLIS = 3_600_000;
/**
 * Look-ups per second of tokens that this instance has not seen valid, so that a flood of invented
 * tokens does not reach Postgres either. Excess ones get 429.
 */
export const UNKNOWN_LOOKUPS_PER_SECOND = 20;
/** How many of them may arrive at once, as from the clients of a fresh instance. */
export const UNKNOWN_LOOKUPS_AT_ONCE = 100;
/** Longer than any token of ours. */
export const MAX_TOKEN_LENGTH = 512;

const PYTHON_VALUE_ELSEWHERE =
  'A value with agp_ is what the original Python SDK got for its token, and opens only the routes of that SDK. Send the token, which begins with agn_.';

const INGEST_SCOPE: (typeof SCOPES)[number] = 'ingest';

/** A client that may write. */
export interface Caller {
  tokenHash: string;
  projectId: string;
  /** What the project masks in the records that it receives. */
  masking: Masking;
}

type Verdict = Exclude<Authentication, { status: 'retry' }>;

export interface Authorizer {
  /**
   * The caller behind the token of a request, or the reason why there is none. `isPython` for the
   * routes that also take what `auth/validate` answers the original Python SDK.
   */
  authorize(request: Request, isPython?: boolean): Promise<Caller | HttpError>;
  /** The same for a token from the body. `bodyBytes` count toward the budget of the token. */
  authorizeToken(token: string, bodyBytes: number): Promise<Caller | HttpError>;
  /** Drops a cached verdict that the database has just contradicted. */
  forget(tokenHash: string): void;
}

/** A cached verdict of the database. A valid one stays after its freshness, as trusted. */
interface CachedVerdict {
  verdict: Verdict;
  freshUntilMillis: number;
}

export function createAuthorizer(store: Store, now: () => number): Authorizer {
  const good = new TokenCache<CachedVerdict>(MAX_REMEMBERED_TOKENS);
  // Apart from the valid ones, so that a flood of invalid tokens cannot evict those.
  const bad = new TokenCache<CachedVerdict>(MAX_REMEMBERED_TOKENS);
  const limiter = new RateLimiter(MAX_REMEMBERED_TOKENS, now);
  const unknownLookups = new TokenBucket(
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

  /** The verdict of the database about a token, cached or fresh. */
  async function lookUp(tokenHash: string): Promise<Verdict | HttpError> {
    const cached = good.get(tokenHash, now()) ?? bad.get(tokenHash, now());
    if (cached && cached.freshUntilMillis > now()) return cached.verdict;
    if (cached === undefined) {
      const waitMillis = unknownLookups.waitMillis(now());
      if (waitMillis > 0) {
        const afterSeconds = Math.ceil(waitMillis / 1000);
        return tooManyRequests('Too many unknown tokens are being looked up.', afterSeconds);
      }
      unknownLookups.take(1);
    }
    const answer = await store.authenticate(tokenHash);
    if (answer.status === 'retry') {
      // The database is unavailable. A token that was valid within the hour is still accepted, so
      // that its batches can be kept in the overflow; an unknown one has to wait.
      if (cached?.verdict.status === 'known' && expiryOf(cached.verdict.token) > now()) {
        return cached.verdict;
      }
      return unavailable('The token cannot be checked now.', answer.afterSeconds, answer.reason);
    }
    remember(tokenHash, answer);
    return answer;
  }

  async function authorizeToken(
    token: string,
    bodyBytes: number,
    isPython = false,
  ): Promise<Caller | HttpError> {
    // Any other text is not a token of ours: no look-up is needed.
    if (!TOKEN_PATTERN.test(token)) {
      if (!PYTHON_VALUE_PATTERN.test(token)) return unauthorized();
      if (!isPython) return unauthorized(PYTHON_VALUE_ELSEWHERE);
    }
    const tokenHash = hash('sha256', token);
    const verdict = await lookUp(tokenHash);
    if (verdict instanceof HttpError) return verdict;
    if (verdict.status === 'unauthorized') return unauthorized();
    if (verdict.status === 'forbidden' || !verdict.token.scopes.includes(INGEST_SCOPE)) {
      return forbidden(`This token lacks the scope "${INGEST_SCOPE}".`);
    }
    const limitReached = limiter.spend(tokenHash, bodyBytes);
    const { project_id: projectId, masking = DEFAULT_MASKING } = verdict.token;
    return limitReached ?? { tokenHash, projectId, masking };
  }

  return {
    authorize: async (request, isPython) => {
      const token = tokenOf(request.headers);
      if (token === null) return unauthorized('Send a token as "Authorization: Bearer <token>".');
      return authorizeToken(token, request.bodyBytes, isPython);
    },
    authorizeToken: (token, bodyBytes) => authorizeToken(token, bodyBytes),
    forget: (tokenHash) => good.delete(tokenHash),
  };
}

/** Milliseconds since 1970; infinite for a token without expiry (in Postgres also `infinity`). */
function expiryOf(token: TokenInfo): number {
  const expiresAtMillis = token.expires_at ? Date.parse(token.expires_at) : Number.NaN;
  return Number.isNaN(expiresAtMillis) ? Number.POSITIVE_INFINITY : expiresAtMillis;
}

/** Headers that hold a key: LangSmith and others; Arize; Phoenix; Galileo. */
const KEY_HEADERS = ['x-api-key', 'api-key', 'api_key', 'galileo-api-key'] as const;

/** The token from any of the headers that clients use; null when there is none. */
function tokenOf(headers: Request['headers']): string | null {
  const [, scheme, credentials] = /^\s*(\S+)\s+(\S+)\s*$/.exec(headers.authorization ?? '') ?? [];
  const sent = headers.authorization?.trim() ?? '';
  const token =
    (scheme && credentials && fromAuthorization(scheme.toLowerCase(), credentials)) ||
    KEY_HEADERS.map((name) => headers[name]?.trim()).find(Boolean) ||
    // Arize sends the key alone.
    (TOKEN_PATTERN.test(sent) ? sent : undefined);
  return token && token.length <= MAX_TOKEN_LENGTH ? token : null;
}

function fromAuthorization(scheme: string, credentials: string): string | null {
  if (scheme === 'bearer') return credentials;
  if (scheme !== 'basic' || credentials.length > 2 * MAX_TOKEN_LENGTH) return null;
  // Langfuse clients send `public:secret`; `curl -u token:` sends a name without a password.
  const [name = '', ...password] = Buffer.from(credentials, 'base64').toString('utf8').split(':');
  return password.join(':') || name;
}
