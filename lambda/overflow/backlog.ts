/** The overflow as drain and maintain use it: waiting objects, and the messages that point to them. */

/** An object that waits to be stored. */
export interface WaitingObject {
  key: string;
  writtenAtMillis: number;
}

/** A message of the queue or of the dead-letter queue. */
export interface Message {
  receiptHandle: string;
  body: string;
}

/** One of the two queues. */
export type QueueName = 'queue' | 'deadLetters';

/** Every call rejects when AWS refuses it or cannot be reached. */
export interface Backlog {
  /** The bytes of an object; null when there is none, because it has been stored. */
  read(key: string): Promise<Uint8Array | null>;
  remove(key: string): Promise<void>;
  /** Up to a thousand objects whose keys follow `afterKey`, in the order of the keys. */
  list(afterKey: string): Promise<WaitingObject[]>;
  /** @param delaySeconds how long the messages stay invisible, up to 900 */
  send(queue: QueueName, bodies: readonly string[], delaySeconds?: number): Promise<void>;
  /** Up to ten messages, which stay invisible to other receivers for `hiddenSeconds`. */
  receive(queue: QueueName, hiddenSeconds: number): Promise<Message[]>;
  delete(queue: QueueName, receiptHandles: readonly string[]): Promise<void>;
  /** Changes how long received messages stay invisible, from now. */
  hide(messages: readonly { receiptHandle: string; seconds: number }[]): Promise<void>;
  /** Approximate number of messages in a queue, visible or not. */
  count(queue: QueueName): Promise<number>;
}
