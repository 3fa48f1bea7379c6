import { setTimeout as sleep } from 'node:timers/promises';
import {
  DeleteMessageBatchCommand,
  type Message,
  ReceiveMessageCommand,
  type SQSClient,
} from '@aws-sdk/client-sqs';
import type { LocalLambda } from './local-lambda.ts';

/**
 * What Lambda does between a queue and a function: takes up to ten messages, invokes, and deletes
 * those that the answer does not name; all stay when the invocation fails. As many at the same time
 * as there are instances.
 */
export class QueueSource {
  /** Invocations that ended with an error. */
  failures = 0;
  readonly #sqs: SQSClient;
  readonly #queueUrl: string;
  readonly #hiddenSeconds: number;
  readonly #running: Promise<void>[];
  #isStopping = false;

  constructor(
    sqs: SQSClient,
    queueUrl: string,
    instances: readonly LocalLambda[],
    hiddenSeconds: number,
  ) {
    this.#sqs = sqs;
    this.#queueUrl = queueUrl;
    this.#hiddenSeconds = hiddenSeconds;
    this.#running = instances.map((instance) => this.#poll(instance));
  }

  async stop(): Promise<void> {
    this.#isStopping = true;
    await Promise.all(this.#running);
  }

  async #poll(instance: LocalLambda): Promise<void> {
    while (!this.#isStopping) {
      const { Messages = [] } = await this.#sqs.send(
        new ReceiveMessageCommand({
          QueueUrl: this.#queueUrl,
          MaxNumberOfMessages: 10,
          VisibilityTimeout: this.#hiddenSeconds,
          MessageSystemAttributeNames: ['All'],
        }),
      );
      if (Messages.length === 0) await sleep(200);
      else await this.#hand(instance, Messages);
    }
  }

  async #hand(instance: LocalLambda, messages: readonly Message[]): Promise<void> {
    const result = await instance.invoke({ Records: messages.map(recordOf) });
    if (!result.ok) {
      this.failures++;
      return;
    }
    const { batchItemFailures } = result.payload as {
      batchItemFailures: { itemIdentifier: string }[];
    };
    const failed = new Set(batchItemFailures.map(({ itemIdentifier }) => itemIdentifier));
    const Entries = messages
      .filter(({ MessageId = '' }) => !failed.has(MessageId))
      .map(({ ReceiptHandle }, i) => ({ Id: String(i), ReceiptHandle }));
    const QueueUrl = this.#queueUrl;
    if (Entries.length > 0) {
      await this.#sqs.send(new DeleteMessageBatchCommand({ QueueUrl, Entries }));
    }
  }
}

function recordOf(message: Message) {
  return {
    messageId: message.MessageId,
    receiptHandle: message.ReceiptHandle,
    body: message.Body,
    attributes: message.Attributes ?? {},
    messageAttributes: {},
    md5OfBody: message.MD5OfBody,
    eventSource: 'aws:sqs',
    eventSourceARN: 'arn:aws:sqs:us-east-1:123456789012:queue',
    awsRegion: 'us-east-1',
  };
}
