import { expect, it } from 'vitest';
import { functionUrlEvent } from '../support/http-event.ts';
import { createTestHandler } from '../support/test-handler.ts';

it("announces OpenTelemetry only to LangSmith's client, without a token", async () => {
  const { handler, store } = createTestHandler();
  const answer = await handler(functionUrlEvent({ method: 'GET', path: '/info' }));
  expect(answer.statusCode).toBe(200);
  expect(JSON.parse(answer.body)).toEqual({
    batch_ingest_config: { use_multipart_endpoint: false },
  });
  expect(store.authentications).toBe(0);
});
