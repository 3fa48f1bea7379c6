/** The overflow as drain and maintain see it: objects that wait, and the messages that point to them. */

/** An object that waits. */
export interface Waiting {
  key: string;
  writtenAtMillis: number;
}

/** A message of the queue or of the dead-letter queue. */
export interface Message {
  receiptHandle: string;
  body: string;
}

/** Which of the two queues. */
export type QueueName = 'queue' | 'deadLetters';

/** Every call rejects when AWS refuses it or cannot be reached. */
export interface Backlog {
  /** The bytes of an object; null when there is none, because it was stored before. */
  read(key: string): Promise<Uint8Array | null>;
  remove(key: string): Promise<void>;
  /** Up to a thousand objects whose keys come after the given one, in the order of the keys. */
  list(afterKey: string): Promise<Waiting[]>;
  /** @param delaySeconds for how long nobody sees them, up to 900 */
  send(queue: QueueName, bodies: readonly string[], delaySeconds?: number): Promise<void>;
  /** Up to ten messages, which nobody else sees for so long. */
  receive(queue: QueueName, hiddenSeconds: number): Promise<Message[]>;
  delete(queue: QueueName, receiptHandles: readonly string[]): Promise<void>;
  /** Hides received messages for so long from now. */
  hide(messages: readonly { receiptHandle: string; seconds: number }[]): Promise<void>;
  /** How many messages are in a queue, visible or not, about. */
  count(queue: QueueName): Promise<number>;
}
