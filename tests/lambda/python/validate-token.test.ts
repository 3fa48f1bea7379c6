import { describe, expect, it } from 'vitest';
import { MAX_VALIDATE_BYTES, pythonValueOf } from '../../../lambda/python/validate-token.ts';
import { PYTHON_VALUE_PATTERN } from '../../../wire/protocol.ts';
import { functionUrlEvent } from '../support/http-event.ts';
import { GOOD_TOKEN, READER_TOKEN, tokenOf } from '../support/recording-store.ts';
import { createTestHandler } from '../support/test-handler.ts';

const JSON_TYPE = { 'content-type': 'application/json' };

describe('answerValidate', () => {
  async function validate(body: string) {
    const { handler, store } = createTestHandler();
    const event = functionUrlEvent({
      path: '/prod/api/v1/auth/validate',
      headers: JSON_TYPE,
      body,
    });
    return { answer: await handler(event), store };
  }

  it('returns a value derived from a valid token, with no-store', async () => {
    const { answer } = await validate(JSON.stringify({ token: GOOD_TOKEN }));
    expect(answer.statusCode).toBe(200);
    const project_id = pythonValueOf(GOOD_TOKEN);
    expect(JSON.parse(answer.body)).toEqual({ valid: true, project_id });
    expect(project_id).toMatch(PYTHON_VALUE_PATTERN);
    // The SDK prints the whole answer.
    expect(answer.body).not.toContain(GOOD_TOKEN.slice(4));
    expect(answer.headers['cache-control']).toBe('no-store');
  });

  it.each([
    ['an unknown token', JSON.stringify({ token: tokenOf('bad') }), 401],
    ['no token of ours', '{"token":"x"}', 401],
    ['what it answered', JSON.stringify({ token: pythonValueOf(GOOD_TOKEN) }), 401],
    ['a token that may not write', JSON.stringify({ token: READER_TOKEN }), 403],
    ['no token', '{}', 400],
    ['no JSON', 'token', 400],
    ['a list', '[]', 400],
  ])('answers %s', async (_, body, status) => {
    expect((await validate(body)).answer.statusCode).toBe(status);
  });

  it('limits the body to the size of a token', async () => {
    const body = (bytes: number) => JSON.stringify({ token: 'x' }).padEnd(bytes);
    expect((await validate(body(MAX_VALIDATE_BYTES))).answer.statusCode).toBe(401);
    const { answer, store } = await validate(body(MAX_VALIDATE_BYTES + 1));
    expect(answer.statusCode).toBe(413);
    expect(store.authentications).toBe(0);
  });
});
