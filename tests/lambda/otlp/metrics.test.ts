/** Metrics are not stored; each SDK that exports them must be answered in its encoding all the same. */
import { expect, it } from 'vitest';
import { bodyOf, functionUrlEvent } from '../support/http-event.ts';
import { createTestHandler } from '../support/test-handler.ts';

const typed = (type: string): Record<string, string> => ({ 'content-type': type });

it.each(['/v1/metrics', '/api/public/otel/v1/metrics', '/otel/v1/metrics'])(
  'accepts metrics in both encodings at %s, and stores nothing',
  async (path) => {
    const { send, store } = createTestHandler();
    const inJson = await send({ path, headers: typed('application/json'), body: '{' });
    expect([inJson.statusCode, inJson.body]).toEqual([200, '{}']);
    const inProtobuf = await send({
      path,
      headers: { ...typed('application/x-protobuf'), 'content-encoding': 'gzip' },
      body: new Uint8Array([255, 255]),
    });
    expect([inProtobuf.statusCode, bodyOf(inProtobuf).length]).toEqual([200, 0]);
    expect(inProtobuf.headers['content-type']).toBe('application/x-protobuf');
    expect(store.batches).toEqual([]);
  },
);

it('refuses an unknown token and an unknown type, as the other signals do', async () => {
  const { handler, send } = createTestHandler();
  const unknown = functionUrlEvent({ path: '/v1/metrics', headers: typed('application/json') });
  expect((await handler(unknown)).statusCode).toBe(401);
  expect((await send({ path: '/v1/metrics', headers: typed('text/plain') })).statusCode).toBe(415);
});
