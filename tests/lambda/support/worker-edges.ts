import type { SQSRecord } from 'aws-lambda';
import { encodeObject, keyOf, type OverflowObject } from '../../../lambda/overflow/object.ts';
import type { WorkerDependencies } from '../../../lambda/overflow/worker.ts';
import type {
  AcceptedBatch,
  AcceptedResult,
  Maintenance,
  WorkerStore,
} from '../../../lambda/store/store.ts';
import { createMemoryBacklog, type MemoryBacklog } from './memory-backlog.ts';
import { createRecordingStore } from './recording-store.ts';
import { type LogLine, sha256 } from './test-handler.ts';

export const STORED: AcceptedResult = { status: 'stored', stored: { spans: 1 }, repeated: false };
export const UNAVAILABLE: AcceptedResult = {
  status: 'retry',
  afterSeconds: 5,
  reason: 'unavailable',
  isUnavailable: true,
};

/** Fakes at the edges of drain and maintain, and what each has recorded. */
export interface WorkerEdges {
  dependencies: WorkerDependencies<'drain'> & WorkerDependencies<'maintain'>;
  backlog: MemoryBacklog;
  clock: { millis: number };
  logged: LogLine[];
  counted: Record<string, number>[];
  accepted: AcceptedBatch[];
  /** The next answers of the database, in order; then always that the batch is stored. */
  answers: AcceptedResult[];
  maintenance: Maintenance[];
}

export function createWorkerEdges(): WorkerEdges {
  const line = (level: LogLine['level']) => (message: string, fields: LogLine['fields']) => {
    edges.logged.push({ level, message, fields });
  };
  const store: WorkerStore = {
    ...createRecordingStore(sha256),
    ingestAccepted: async (accepted) => {
      edges.accepted.push(accepted);
      return edges.answers.shift() ?? STORED;
    },
    maintain: async () =>
      edges.maintenance.shift() ?? { status: 'done', isFinished: true, deleted: {} },
  };
  const backlog = createMemoryBacklog();
  const edges: WorkerEdges = {
    dependencies: {
      store,
      backlog,
      now: () => edges.clock.millis,
      log: { debug: line('debug'), warn: line('warn'), error: line('error') },
      counters: { publish: (counts: Record<string, number>) => edges.counted.push(counts) },
    },
    backlog,
    clock: { millis: Date.UTC(2026, 0, 2) },
    logged: [],
    counted: [],
    accepted: [],
    answers: [],
    maintenance: [],
  };
  return edges;
}

let made = 0;

/** Adds an overflow object, and returns it with its key. */
export async function addObject(
  { backlog, clock }: WorkerEdges,
  ageMillis = 0,
): Promise<{ key: string; object: OverflowObject }> {
  const millis = clock.millis - ageMillis;
  const object: OverflowObject = {
    version: 1,
    project_id: 'p',
    token_hash: 'hash',
    accepted_at: new Date(millis).toISOString(),
    names_span_only: false,
    batch: { batch_id: `batch-${++made}`, spans: [{ trace_id: 't', id: 's' }] },
  };
  const key = keyOf(object);
  backlog.objects.set(key, { bytes: await encodeObject(object), writtenAtMillis: millis });
  return { key, object };
}

/** A message as the drain receives it. */
export function recordOf(body: string, receives = 1): SQSRecord {
  const messageId = `message-${++made}`;
  return {
    messageId,
    receiptHandle: `handle-of-${messageId}`,
    body,
    attributes: {
      ApproximateReceiveCount: String(receives),
      SentTimestamp: '0',
      SenderId: '',
      ApproximateFirstReceiveTimestamp: '0',
    },
    messageAttributes: {},
    md5OfBody: '',
    eventSource: 'aws:sqs',
    eventSourceARN: '',
    awsRegion: '',
  };
}

export function pointerTo(key: string, receives = 1): SQSRecord {
  return recordOf(JSON.stringify({ key }), receives);
}
