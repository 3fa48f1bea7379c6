/** Who sends this? Answered from the headers alone, before a byte of the body is looked at. */
import { hash } from 'node:crypto';
import type { SCOPES } from '../wire/protocol.ts';
import type { Request } from './event.ts';
import { forbidden, type Refusal, unauthorized, unavailable } from './refusal.ts';
import type { Authentication, Store, TokenFacts } from './store.ts';
import { TokenCache } from './token-cache.ts';

/** How long a good token is taken at its word. ingest() in the database still checks each batch. */
export const GOOD_TOKEN_MILLIS = 60_000;
/** How long a bad token is refused without asking again: a flood of it must not reach Postgres. */
export const BAD_TOKEN_MILLIS = 10_000;
/** Tokens remembered per instance, good and bad each. */
export const MAX_REMEMBERED_TOKENS = 2_000;
/** Longer than any token we mint. */
export const MAX_TOKEN_LENGTH = 512;

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
  /** Drops what is remembered, because the database has just said otherwise. */
  forget(tokenHash: string): void;
}

export function createAuthorizer(store: Store, now: () => number): Authorizer {
  const good = new TokenCache<Verdict>(MAX_REMEMBERED_TOKENS);
  // Apart from the good ones, so that a flood of bad tokens cannot push those out.
  const bad = new TokenCache<Verdict>(MAX_REMEMBERED_TOKENS);

  function remember(tokenHash: string, verdict: Verdict): void {
    if (verdict.status === 'known') {
      good.set(tokenHash, verdict, Math.min(now() + GOOD_TOKEN_MILLIS, expiryOf(verdict.token)));
    } else {
      bad.set(tokenHash, verdict, now() + BAD_TOKEN_MILLIS);
    }
  }

  return {
    authorize: async (request) => {
      const token = tokenOf(request.headers);
      if (token === null) return unauthorized('Send a token as "Authorization: Bearer <token>".');
      const tokenHash = hash('sha256', token);
      let verdict = good.get(tokenHash, now()) ?? bad.get(tokenHash, now());
      if (verdict === undefined) {
        const answer = await store.authenticate(tokenHash);
        if (answer.status === 'retry') {
          return unavailable(
            'The token cannot be checked now.',
            answer.afterSeconds,
            answer.reason,
          );
        }
        remember(tokenHash, answer);
        verdict = answer;
      }
      if (verdict.status === 'unauthorized') {
        return unauthorized('Unknown, revoked or expired token.');
      }
      if (verdict.status === 'forbidden' || !verdict.token.scopes.includes(INGEST_SCOPE)) {
        return forbidden(`This token lacks the scope "${INGEST_SCOPE}".`);
      }
      return { tokenHash, projectId: verdict.token.project_id };
    },
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
