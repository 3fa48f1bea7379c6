import type { Backlog, Message, QueueName } from '../../../lambda/overflow/backlog.ts';

/** Fake S3 and SQS of drain and maintain: their content, and the calls that were made. */
export interface MemoryBacklog extends Backlog {
  objects: Map<string, { bytes: Uint8Array; writtenAtMillis: number }>;
  messages: Record<QueueName, Message[]>;
  /** How long each message was hidden, by its handle. */
  hidden: Map<string, number>;
  deleted: string[];
  /** Delay of each message that was sent with one. */
  delays: number[];
  /** Calls by these names reject. */
  broken: Set<keyof Backlog>;
}

export function createMemoryBacklog(): MemoryBacklog {
  let handles = 0;
  const backlog: MemoryBacklog = {
    objects: new Map(),
    messages: { queue: [], deadLetters: [] },
    hidden: new Map(),
    deleted: [],
    delays: [],
    broken: new Set(),
    read: async (key) => check('read') ?? backlog.objects.get(key)?.bytes ?? null,
    remove: async (key) => {
      check('remove');
      backlog.objects.delete(key);
    },
    list: async (afterKey) => {
      check('list');
      const keys = [...backlog.objects.keys()].sort().filter((key) => key > afterKey);
      return keys.slice(0, 1000).map((key) => ({
        key,
        writtenAtMillis: backlog.objects.get(key)?.writtenAtMillis ?? 0,
      }));
    },
    send: async (queue, bodies, delaySeconds = 0) => {
      check('send');
      for (const body of bodies) {
        backlog.messages[queue].push({ receiptHandle: `sent-${++handles}`, body });
        if (delaySeconds > 0) backlog.delays.push(delaySeconds);
      }
    },
    receive: async (queue) => {
      check('receive');
      const seen = backlog.messages[queue].filter((message) => !taken.has(message)).slice(0, 10);
      for (const message of seen) taken.add(message);
      return seen;
    },
    delete: async (queue, receiptHandles) => {
      check('delete');
      backlog.deleted.push(...receiptHandles);
      backlog.messages[queue] = backlog.messages[queue].filter(
        ({ receiptHandle }) => !receiptHandles.includes(receiptHandle),
      );
    },
    hide: async (messages) => {
      check('hide');
      for (const { receiptHandle, seconds } of messages) backlog.hidden.set(receiptHandle, seconds);
    },
    count: async (queue) => {
      check('count');
      return backlog.messages[queue].length;
    },
  };
  /** Received messages, which are hidden from the next receive. */
  const taken = new Set<Message>();
  function check(name: keyof Backlog): undefined {
    if (backlog.broken.has(name)) throw new Error(`${name} is broken`);
  }
  return backlog;
}
