import { describe, expect, it } from 'vitest';
import { functionUrlEvent } from '../support/http-event.ts';
import { createTestHandler } from '../support/test-handler.ts';

describe('GET /info', () => {
  it.each(['/info', '/api/v1/info', '//info/'])(
    'has each field that the clients read: %s',
    async (path) => {
      const { handler, store } = createTestHandler();
      const answer = await handler(functionUrlEvent({ method: 'GET', path }));
      expect(answer.statusCode).toBe(200);
      expect(JSON.parse(answer.body)).toEqual({
        batch_ingest_config: {
          use_multipart_endpoint: true,
          size_limit: expect.any(Number),
          size_limit_bytes: expect.any(Number),
          scale_up_qsize_trigger: expect.any(Number),
          scale_up_nthreads_limit: expect.any(Number),
          scale_down_nempty_trigger: expect.any(Number),
        },
        instance_flags: { zstd_compression_enabled: true, gzip_body_enabled: true },
      });
      expect(store.authentications).toBe(0);
    },
  );
});

describe('POST /feedback', () => {
  it('is accepted, because the client repeats for minutes what is not', async () => {
    const { send } = createTestHandler();
    const answer = await send({ path: '/feedback', body: '{"key":"helpful","score":1}' });
    expect([answer.statusCode, JSON.parse(answer.body)]).toEqual([
      202,
      { message: expect.stringContaining('not stored') },
    ]);
  });
});
