import { describe, expect, it } from 'vitest';
import {
  BAD_TOKEN_MILLIS,
  createAuthorizer,
  GOOD_TOKEN_MILLIS,
  MAX_REMEMBERED_TOKENS,
  MAX_TOKEN_LENGTH,
} from '../../lambda/authorize.ts';
import { readEvent } from '../../lambda/event.ts';
import { Refusal } from '../../lambda/refusal.ts';
import { functionUrlEvent } from './http-event.ts';
import { createRecordingStore, GOOD_TOKEN, READER_TOKEN } from './recording-store.ts';
import { sha256 } from './test-handler.ts';

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
      return caller instanceof Refusal ? caller.status : 'known';
    },
  };
}

const basic = (text: string) => ({
  authorization: `Basic ${Buffer.from(text).toString('base64')}`,
});
const bearer = (token: string) => ({ authorization: `Bearer ${token}` });

describe('authorize', () => {
  it.each([
    ['a bearer token', bearer(GOOD_TOKEN)],
    ['any case of the scheme', { authorization: `bEARER   ${GOOD_TOKEN} ` }],
    ['a basic password', basic(`pk-lf-1:${GOOD_TOKEN}`)],
    ['a basic name without a password', basic(`${GOOD_TOKEN}:`)],
    ['x-api-key', { 'X-API-Key': GOOD_TOKEN }],
    ['x-api-key beside an unknown scheme', { authorization: 'Digest x', 'x-api-key': GOOD_TOKEN }],
  ])('takes the token from %s', async (_name, headers) => {
    expect(await setUp().ask(headers)).toBe('known');
  });

  it.each([
    ['no header at all', {}],
    ['an empty bearer', { authorization: 'Bearer ' }],
    ['an empty basic', basic(':')],
    ['an empty key', { 'x-api-key': '  ' }],
    ['a token longer than any', bearer('x'.repeat(MAX_TOKEN_LENGTH + 1))],
  ])('refuses %s without asking the database', async (_name, headers) => {
    const { ask, store } = setUp();
    expect(await ask(headers)).toBe(401);
    expect(store.authentications).toBe(0);
  });

  it('asks for a token of the greatest length', async () => {
    const { ask, store } = setUp();
    expect(await ask(bearer('x'.repeat(MAX_TOKEN_LENGTH)))).toBe(401);
    expect(store.authentications).toBe(1);
  });

  it('says how to authenticate', async () => {
    const { authorizer } = setUp();
    const refusal = await authorizer.authorize(readEvent(functionUrlEvent()));
    expect(refusal).toMatchObject({ headers: { 'www-authenticate': 'Bearer' } });
  });

  it('refuses a good token without the scope', async () => {
    expect(await setUp().ask(bearer(READER_TOKEN))).toBe(403);
  });

  it('refuses with 403 when the database says so itself', async () => {
    const { ask, store } = setUp();
    store.answers.authenticate = { status: 'forbidden' };
    expect(await ask(bearer('x'))).toBe(403);
  });

  it('asks for a good token once a minute', async () => {
    const { ask, store, clock } = setUp();
    await ask(bearer(GOOD_TOKEN));
    clock.millis += GOOD_TOKEN_MILLIS - 1;
    await ask(bearer(GOOD_TOKEN));
    expect(store.authentications).toBe(1);
    clock.millis += 1;
    await ask(bearer(GOOD_TOKEN));
    expect(store.authentications).toBe(2);
  });

  it('believes a token no longer than it is valid', async () => {
    const { ask, store, clock } = setUp();
    const expires_at = new Date(clock.millis + 1_000).toISOString();
    const token = { project_id: 'p', token_id: 't', scopes: ['ingest'], expires_at };
    store.answers.authenticate = { status: 'known', token };
    await ask(bearer('short'));
    store.answers.authenticate = { status: 'unauthorized' };
    clock.millis += 1_000;
    expect(await ask(bearer('short'))).toBe(401);
  });

  it('asks for a bad token once in ten seconds', async () => {
    const { ask, store, clock } = setUp();
    for (let i = 0; i < 100; i++) expect(await ask(bearer('bad'))).toBe(401);
    expect(store.authentications).toBe(1);
    clock.millis += BAD_TOKEN_MILLIS;
    await ask(bearer('bad'));
    expect(store.authentications).toBe(2);
  });

  it('keeps good tokens through a flood of bad ones', async () => {
    const { ask, store } = setUp();
    await ask(bearer(GOOD_TOKEN));
    for (let i = 0; i <= MAX_REMEMBERED_TOKENS; i++) await ask(bearer(`bad-${i}`));
    store.authentications = 0;
    expect(await ask(bearer(GOOD_TOKEN))).toBe('known');
    expect(store.authentications).toBe(0);
  });

  it('asks again for a token that it was told to forget', async () => {
    const { ask, authorizer, store } = setUp();
    await ask(bearer(GOOD_TOKEN));
    authorizer.forget(sha256(GOOD_TOKEN));
    await ask(bearer(GOOD_TOKEN));
    expect(store.authentications).toBe(2);
  });

  it('answers 503 and remembers nothing while the database is away', async () => {
    const { ask, store } = setUp();
    store.answers.authenticate = { status: 'retry', afterSeconds: 5, reason: 'away' };
    expect(await ask(bearer(GOOD_TOKEN))).toBe(503);
    delete store.answers.authenticate;
    expect(await ask(bearer(GOOD_TOKEN))).toBe('known');
  });
});
