import { describe, expect, it } from 'vitest';
import {
  BAD_TOKEN_MILLIS,
  createAuthorizer,
  GOOD_TOKEN_MILLIS,
  MAX_REMEMBERED_TOKENS,
  MAX_TOKEN_LENGTH,
  UNKNOWN_LOOKUPS_AT_ONCE,
  UNKNOWN_LOOKUPS_PER_SECOND,
} from '../../../lambda/auth/authorize.ts';
import { HttpError } from '../../../lambda/http/http-error.ts';
import { readEvent } from '../../../lambda/http/request.ts';
import { pythonValueOf } from '../../../lambda/python/validate-token.ts';
import { functionUrlEvent } from '../support/http-event.ts';
import {
  createRecordingStore,
  GOOD_TOKEN,
  READER_TOKEN,
  tokenOf,
} from '../support/recording-store.ts';
import { sha256 } from '../support/test-handler.ts';

function setUp() {
  const store = createRecordingStore(sha256);
  const clock = { millis: Date.UTC(2026, 0, 2) };
  const authorizer = createAuthorizer(store, () => clock.millis);
  return {
    store,
    clock,
    authorizer,
    ask: async (headers: Record<string, string>) => {
      const caller = await authorizer.authorize(readEvent(functionUrlEvent({ headers })));
      return caller instanceof HttpError ? caller.status : 'known';
    },
  };
}

const PYTHON_VALUE = pythonValueOf(GOOD_TOKEN);

const basic = (text: string) => ({
  authorization: `Basic ${Buffer.from(text).toString('base64')}`,
});
const bearer = (token: string) => ({ authorization: `Bearer ${token}` });

describe('createAuthorizer', () => {
  it.each([
    ['a bearer token', bearer(GOOD_TOKEN)],
    ['any case of the scheme', { authorization: `bEARER   ${GOOD_TOKEN} ` }],
    ['a basic password', basic(`pk-lf-1:${GOOD_TOKEN}`)],
    ['a basic name without a password', basic(`${GOOD_TOKEN}:`)],
    ['x-api-key', { 'X-API-Key': GOOD_TOKEN }],
    ['api-key', { 'api-key': GOOD_TOKEN }],
    ['api_key', { api_key: GOOD_TOKEN }],
    ['Galileo-API-Key', { 'Galileo-API-Key': GOOD_TOKEN }],
    ['authorization without a scheme', { authorization: GOOD_TOKEN }],
    ['x-api-key beside an unknown scheme', { authorization: 'Digest x', 'x-api-key': GOOD_TOKEN }],
  ])('reads the token from %s', async (_name, headers) => {
    expect(await setUp().ask(headers)).toBe('known');
  });

  it.each([
    ['no header at all', {}],
    ['an empty bearer', { authorization: 'Bearer ' }],
    ['an empty basic', basic(':')],
    ['an empty key', { 'x-api-key': '  ' }],
    ['a token longer than any', bearer('x'.repeat(MAX_TOKEN_LENGTH + 1))],
    ['what is no token of ours', bearer('sk-lf-1')],
    ['a token with a digit too few', bearer(tokenOf('bad').slice(0, -1))],
    ['a token with a digit too many', bearer(`${tokenOf('bad')}0`)],
    ['a token in capitals', bearer(tokenOf('bad').toUpperCase())],
  ])('refuses %s without asking the database', async (_name, headers) => {
    const { ask, store } = setUp();
    expect(await ask(headers)).toBe(401);
    expect(store.authentications).toBe(0);
  });

  it('takes the value of the original Python SDK for its routes alone, and names the token', async () => {
    const { authorizer, store } = setUp();
    const request = readEvent(functionUrlEvent({ headers: bearer(PYTHON_VALUE) }));
    expect(await authorizer.authorize(request, true)).toMatchObject({ projectId: 'p' });
    store.authentications = 0;
    const refusal = await authorizer.authorize(request);
    expect(refusal).toMatchObject({ status: 401, message: expect.stringContaining('agn_') });
    expect(await authorizer.authorizeToken(PYTHON_VALUE, 1)).toMatchObject({ status: 401 });
    expect(store.authentications).toBe(0);
  });

  it('names the authentication scheme', async () => {
    const { authorizer } = setUp();
    const refusal = await authorizer.authorize(readEvent(functionUrlEvent()));
    expect(refusal).toMatchObject({ headers: { 'www-authenticate': 'Bearer' } });
  });

  it('refuses a valid token without the scope', async () => {
    expect(await setUp().ask(bearer(READER_TOKEN))).toBe(403);
  });

  it('refuses with 403 when the database does', async () => {
    const { ask, store } = setUp();
    store.answers.authenticate = { status: 'forbidden' };
    expect(await ask(bearer(tokenOf('x')))).toBe(403);
  });

  it('looks up a valid token once a minute', async () => {
    const { ask, store, clock } = setUp();
    await ask(bearer(GOOD_TOKEN));
    clock.millis += GOOD_TOKEN_MILLIS - 1;
    await ask(bearer(GOOD_TOKEN));
    expect(store.authentications).toBe(1);
    clock.millis += 1;
    await ask(bearer(GOOD_TOKEN));
    expect(store.authentications).toBe(2);
  });

  it('caches a token no longer than it is valid', async () => {
    const { ask, store, clock } = setUp();
    const expires_at = new Date(clock.millis + 1_000).toISOString();
    const token = { project_id: 'p', token_id: 't', scopes: ['ingest'], expires_at };
    store.answers.authenticate = { status: 'known', token };
    await ask(bearer(tokenOf('short')));
    store.answers.authenticate = { status: 'unauthorized' };
    clock.millis += 1_000;
    expect(await ask(bearer(tokenOf('short')))).toBe(401);
  });

  it('looks up an invalid token once in ten seconds', async () => {
    const { ask, store, clock } = setUp();
    for (let i = 0; i < 100; i++) expect(await ask(bearer(tokenOf('bad')))).toBe(401);
    expect(store.authentications).toBe(1);
    clock.millis += BAD_TOKEN_MILLIS;
    await ask(bearer(tokenOf('bad')));
    expect(store.authentications).toBe(2);
  });

  it('keeps valid tokens cached during a flood of invalid ones', async () => {
    const { ask, store, clock } = setUp();
    await ask(bearer(GOOD_TOKEN));
    for (let i = 0; i <= MAX_REMEMBERED_TOKENS; i++) {
      clock.millis += i % UNKNOWN_LOOKUPS_PER_SECOND === 0 ? 1_000 : 0;
      await ask(bearer(tokenOf(`bad-${i}`)));
    }
    await ask(bearer(GOOD_TOKEN));
    store.authentications = 0;
    expect(await ask(bearer(GOOD_TOKEN))).toBe('known');
    expect(store.authentications).toBe(0);
  });

  it('looks up a token again after forget()', async () => {
    const { ask, authorizer, store } = setUp();
    await ask(bearer(GOOD_TOKEN));
    authorizer.forget(sha256(GOOD_TOKEN));
    await ask(bearer(GOOD_TOKEN));
    expect(store.authentications).toBe(2);
  });

  it('answers 503 and caches nothing while the database is unavailable', async () => {
    const { ask, store } = setUp();
    store.answers.authenticate = { status: 'retry', afterSeconds: 5, reason: 'unavailable' };
    expect(await ask(bearer(GOOD_TOKEN))).toBe(503);
    delete store.answers.authenticate;
    expect(await ask(bearer(GOOD_TOKEN))).toBe('known');
  });

  it('limits look-ups of unknown tokens per second, with a burst', async () => {
    const { ask, store, clock } = setUp();
    await ask(bearer(GOOD_TOKEN));
    store.authentications = 0;
    const flood = async (from: number) => {
      const statuses = [];
      for (let i = 0; i < 1_000; i++) statuses.push(await ask(bearer(tokenOf(`${from + i}`))));
      return statuses.filter((status) => status !== 429);
    };
    expect(await flood(0)).toHaveLength(UNKNOWN_LOOKUPS_AT_ONCE - 1);
    expect(store.authentications).toBe(UNKNOWN_LOOKUPS_AT_ONCE - 1);
    clock.millis += 1_000;
    expect(await flood(1_000)).toHaveLength(UNKNOWN_LOOKUPS_PER_SECOND);
    expect(store.authentications).toBe(UNKNOWN_LOOKUPS_AT_ONCE - 1 + UNKNOWN_LOOKUPS_PER_SECOND);
  });

  it('answers 429 with retry-after for an unknown token in a flood', async () => {
    const { ask, authorizer, store } = setUp();
    for (let i = 0; i < UNKNOWN_LOOKUPS_AT_ONCE; i++) await ask(bearer(tokenOf(`${i}`)));
    const headers = bearer(GOOD_TOKEN);
    expect(await authorizer.authorize(readEvent(functionUrlEvent({ headers })))).toMatchObject({
      status: 429,
      headers: { 'retry-after': '1' },
    });
    expect(store.authentications).toBe(UNKNOWN_LOOKUPS_AT_ONCE);
  });

  it('accepts a known token during a flood, also after its minute', async () => {
    const { ask, store, clock } = setUp();
    await ask(bearer(GOOD_TOKEN));
    clock.millis += GOOD_TOKEN_MILLIS;
    for (let i = 0; i < 1_000; i++) await ask(bearer(tokenOf(`${i}`)));
    store.authentications = 0;
    expect(await ask(bearer(GOOD_TOKEN))).toBe('known');
    expect(store.authentications).toBe(1);
  });

  it('refuses a token that was valid and is revoked', async () => {
    const { ask, store, clock } = setUp();
    await ask(bearer(GOOD_TOKEN));
    clock.millis += GOOD_TOKEN_MILLIS;
    store.answers.authenticate = { status: 'unauthorized' };
    expect(await ask(bearer(GOOD_TOKEN))).toBe(401);
    expect(await ask(bearer(GOOD_TOKEN))).toBe(401);
    expect(store.authentications).toBe(2);
  });
});
