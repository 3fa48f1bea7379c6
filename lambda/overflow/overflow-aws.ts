/** The overflow of the ingest function in S3 and SQS. */
import { PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import type { OverflowConfig } from '../runtime/config.ts';
import { encodeObject, keyOf, nameOf, type Overflow, type Pointer } from './object.ts';

/** Timeouts of one AWS request: a client waits for the answer. */
const REQUEST = { connectionTimeout: 1_000, requestTimeout: 5_000 } as const;
const MAX_ATTEMPTS = 3;

export function createAwsOverflow({ bucket, queueUrl }: OverflowConfig): Overflow {
  const s3 = new S3Client({ maxAttempts: MAX_ATTEMPTS, requestHandler: REQUEST });
  const sqs = new SQSClient({ maxAttempts: MAX_ATTEMPTS, requestHandler: REQUEST });
  return {
    keep: async (object) => {
      const Key = keyOf(object);
      try {
        const Body = await encodeObject(object);
        await s3.send(new PutObjectCommand({ Bucket: bucket, Key, Body }));
      } catch (error) {
        return { status: 'failed', reason: `S3: ${nameOf(error)}` };
      }
      try {
        const MessageBody = JSON.stringify({ key: Key } satisfies Pointer);
        await sqs.send(new SendMessageCommand({ QueueUrl: queueUrl, MessageBody }));
        return { status: 'kept', isQueued: true, reason: '' };
      } catch (error) {
        return { status: 'kept', isQueued: false, reason: `SQS: ${nameOf(error)}` };
      }
    },
  };
}
