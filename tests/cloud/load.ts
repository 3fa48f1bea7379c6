import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';

/** Stands in every message that is sent, and must stand in no log line. */
export const CANARY = 'the-canary-in-the-content';

export interface Acknowledged {
  batchId: string;
  status: number;
}

/** Batches of one trace with a model call and two tools, each under ids of its own. */
export function batchOf(batchId: string): object {
  const trace_id = batchId.replaceAll('-', '');
  const span = (id: string, kind: string) => ({
    trace_id,
    id: `${trace_id.slice(-14)}${id}`,
    kind,
    started_at: '2026-01-02T03:04:05Z',
    ended_at: '2026-01-02T03:04:06Z',
    input: { question: `${CANARY} ${id}` },
  });
  const spans = [span('01', 'llm'), span('02', 'tool'), span('03', 'tool')];
  const span_id = spans[0]?.id;
  return {
    batch_id: batchId,
    traces: [{ id: trace_id, name: 'load', started_at: '2026-01-02T03:04:05Z' }],
    spans,
    prompts: [{ trace_id, span_id, message_index: 0, role: 'user', content: CANARY }],
    completions: [{ trace_id, span_id, completion_index: 0, content: 'ok', total_tokens: 3 }],
  };
}

/** A batch of so many spans, each with some input and output. */
export function batchOfSpans(count: number): object {
  const trace_id = randomUUID().replaceAll('-', '');
  const spans = Array.from({ length: count }, (_, i) => ({
    trace_id,
    id: i.toString(16).padStart(16, '0'),
    name: 'step',
    started_at: '2026-01-02T03:04:05Z',
    ended_at: '2026-01-02T03:04:06Z',
    input: { question: `${CANARY} ${i} `.repeat(10) },
    output: { answer: `${CANARY} ${i} `.repeat(10) },
  }));
  return { batch_id: randomUUID(), spans };
}

/** Rows of one batch in each table. */
export const ROWS_PER_BATCH = { traces: 1, spans: 3, prompts: 1, completions: 1 } as const;

/** Sends one batch and returns the status of the answer. */
export function sendBatch(
  url: string,
  token: string,
  batchId: string = randomUUID(),
): Promise<Acknowledged> {
  return send(url, token, batchId, batchOf(batchId));
}

/** Sends a batch of so many spans. */
export function sendSpans(url: string, token: string, count: number): Promise<Acknowledged> {
  return send(url, token, '', batchOfSpans(count));
}

async function send(
  url: string,
  token: string,
  batchId: string,
  batch: object,
): Promise<Acknowledged> {
  const response = await fetch(`${url}/v1/batch`, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    body: JSON.stringify(batch),
  });
  await response.arrayBuffer();
  return { batchId, status: response.status };
}

/** Requests that are open at the same time: what comes beyond waits with its sender, as in an SDK. */
const MAX_OPEN = 200;

/**
 * Sends up to so many batches a second for so long, fewer where the other side cannot follow, and waits
 * for every answer. A request without one counts as answered 0.
 */
export async function sendLoad(
  url: string,
  token: string,
  perSecond: number,
  seconds: number,
): Promise<Acknowledged[]> {
  const answers: Promise<Acknowledged>[] = [];
  let open = 0;
  const startedAtMillis = performance.now();
  for (;;) {
    const elapsedSeconds = (performance.now() - startedAtMillis) / 1000;
    if (elapsedSeconds > seconds) break;
    const due = Math.min(Math.ceil(elapsedSeconds * perSecond), perSecond * seconds);
    while (answers.length < due && open < MAX_OPEN) {
      open++;
      const batchId = randomUUID();
      const answer = sendBatch(url, token, batchId)
        .catch(() => ({ batchId, status: 0 }))
        .finally(() => open--);
      answers.push(answer);
    }
    await sleep(20);
  }
  return Promise.all(answers);
}
