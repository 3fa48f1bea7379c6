import type { Batch } from '../../../wire/records.ts';
import { createTestHandler } from './test-handler.ts';

/** A UUID, as the Python SDK identifies its spans. */
export const SPAN = '7f0e3a6c-0000-4000-8000-000000000001';

/** Sends one record; returns the status, the batch that would be stored, and the response. */
export async function create(route: string, data: unknown, { stage = '' } = {}) {
  const { send, store } = createTestHandler();
  const answer = await send({
    path: `${stage}/api/v1/logs/create/${route}`,
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ data }),
  });
  const [batch] = store.batches as [Batch?];
  return { status: answer.statusCode, batch, store, reply: JSON.parse(answer.body) };
}
