/** The backlog in S3 and SQS. */
import {
  DeleteObjectCommand,
  GetObjectCommand,
  ListObjectsV2Command,
  S3Client,
} from '@aws-sdk/client-s3';
import {
  ChangeMessageVisibilityBatchCommand,
  DeleteMessageBatchCommand,
  GetQueueAttributesCommand,
  ReceiveMessageCommand,
  SendMessageBatchCommand,
  SQSClient,
} from '@aws-sdk/client-sqs';
import { OVERFLOW_PREFIX } from '../../wire/operations.ts';
import type { OverflowConfig } from '../runtime/config.ts';
import type { Backlog, QueueName } from './backlog.ts';

const REQUEST = { connectionTimeout: 2_000, requestTimeout: 10_000 } as const;
/** Most messages in one SQS request. */
const MAX_ENTRIES = 10;
const COUNTS = [
  'ApproximateNumberOfMessages',
  'ApproximateNumberOfMessagesNotVisible',
  'ApproximateNumberOfMessagesDelayed',
] as const;

export function createAwsBacklog(config: OverflowConfig): Backlog {
  const s3 = new S3Client({ requestHandler: REQUEST });
  const sqs = new SQSClient({ requestHandler: REQUEST });
  const urlOf = (queue: QueueName) =>
    queue === 'queue' ? config.queueUrl : config.deadLetterQueueUrl;

  return {
    read: async (key) => {
      try {
        const { Body } = await s3.send(new GetObjectCommand({ Bucket: config.bucket, Key: key }));
        return Body ? await Body.transformToByteArray() : null;
      } catch (error) {
        if (error instanceof Error && error.name === 'NoSuchKey') return null;
        throw error;
      }
    },
    remove: async (key) => {
      await s3.send(new DeleteObjectCommand({ Bucket: config.bucket, Key: key }));
    },
    list: async (afterKey) => {
      const { Contents = [] } = await s3.send(
        new ListObjectsV2Command({
          Bucket: config.bucket,
          Prefix: OVERFLOW_PREFIX,
          ...(afterKey ? { StartAfter: afterKey } : {}),
        }),
      );
      return Contents.map(({ Key = '', LastModified }) => ({
        key: Key,
        writtenAtMillis: LastModified?.getTime() ?? 0,
      }));
    },
    send: async (queue, bodies, delaySeconds = 0) => {
      for (const part of partsOf(bodies)) {
        const Entries = part.map((MessageBody, i) => ({
          Id: String(i),
          MessageBody,
          DelaySeconds: delaySeconds,
        }));
        const command = new SendMessageBatchCommand({ QueueUrl: urlOf(queue), Entries });
        requireAll(await sqs.send(command));
      }
    },
    receive: async (queue, hiddenSeconds) => {
      const { Messages = [] } = await sqs.send(
        new ReceiveMessageCommand({
          QueueUrl: urlOf(queue),
          MaxNumberOfMessages: MAX_ENTRIES,
          VisibilityTimeout: hiddenSeconds,
          WaitTimeSeconds: 1,
        }),
      );
      return Messages.map(({ ReceiptHandle = '', Body = '' }) => ({
        receiptHandle: ReceiptHandle,
        body: Body,
      }));
    },
    delete: async (queue, receiptHandles) => {
      for (const part of partsOf(receiptHandles)) {
        const Entries = part.map((ReceiptHandle, i) => ({ Id: String(i), ReceiptHandle }));
        const command = new DeleteMessageBatchCommand({ QueueUrl: urlOf(queue), Entries });
        requireAll(await sqs.send(command));
      }
    },
    hide: async (messages) => {
      for (const part of partsOf(messages)) {
        const Entries = part.map(({ receiptHandle, seconds }, i) => ({
          Id: String(i),
          ReceiptHandle: receiptHandle,
          VisibilityTimeout: seconds,
        }));
        const QueueUrl = config.queueUrl;
        requireAll(await sqs.send(new ChangeMessageVisibilityBatchCommand({ QueueUrl, Entries })));
      }
    },
    count: async (queue) => {
      const { Attributes = {} } = await sqs.send(
        new GetQueueAttributesCommand({ QueueUrl: urlOf(queue), AttributeNames: [...COUNTS] }),
      );
      return COUNTS.reduce((total, name) => total + Number(Attributes[name] ?? 0), 0);
    },
  };
}

function partsOf<T>(list: readonly T[]): T[][] {
  const parts: T[][] = [];
  for (let i = 0; i < list.length; i += MAX_ENTRIES) parts.push(list.slice(i, i + MAX_ENTRIES));
  return parts;
}

/** A batch request succeeds even when some of its entries failed. */
function requireAll({ Failed }: { Failed?: { Code?: string | undefined }[] | undefined }): void {
  if (Failed && Failed.length > 0) {
    throw new Error(`SQS refused ${Failed.length} entries: ${Failed[0]?.Code}`);
  }
}
