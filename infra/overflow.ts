import { Duration, RemovalPolicy, Stack } from 'aws-cdk-lib';
import { BlockPublicAccess, Bucket, BucketEncryption, type CfnBucket } from 'aws-cdk-lib/aws-s3';
import { Queue, QueueEncryption } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { MAX_RECEIVES, OVERFLOW_PREFIX } from '../wire/operations.ts';
import { acknowledge } from './acknowledge.ts';

/** Timeout of the drain function. */
export const DRAIN_TIMEOUT = Duration.seconds(60);

/** Storage for batches while the database is unavailable: bucket, queue, dead-letter queue. */
export class Overflow extends Construct {
  readonly bucket: Bucket;
  readonly queue: Queue;
  readonly deadLetters: Queue;
  /** ARN pattern of all waiting objects, for permissions. */
  readonly objectsArn: string;
  /** {@link objectsArn} in cdk-nag's notation. */
  readonly objectsFinding: string;

  constructor(scope: Construct, id: string) {
    super(scope, id);
    this.bucket = new Bucket(this, 'Bucket', {
      blockPublicAccess: BlockPublicAccess.BLOCK_ALL,
      encryption: BucketEncryption.S3_MANAGED,
      enforceSSL: true,
      // No expiration: these batches were acknowledged. The drain function deletes stored ones.
      lifecycleRules: [{ abortIncompleteMultipartUploadAfter: Duration.days(1) }],
      // The bucket may still contain batches when the stack is deleted.
      removalPolicy: RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE,
    });
    this.objectsArn = this.bucket.arnForObjects(`${OVERFLOW_PREFIX}*`);
    const logicalId = Stack.of(this).getLogicalId(this.bucket.node.defaultChild as CfnBucket);
    this.objectsFinding = `<${logicalId}.Arn>/${OVERFLOW_PREFIX}*`;
    acknowledge(this.bucket, {
      'AwsSolutions-S1':
        'Only three functions of this stack access it, and they log each batch; access logs would need another bucket.',
    });
    const common = { encryption: QueueEncryption.SQS_MANAGED, enforceSSL: true };
    this.deadLetters = new Queue(this, 'DeadLetters', {
      ...common,
      retentionPeriod: Duration.days(14),
    });
    this.queue = new Queue(this, 'Queue', {
      ...common,
      retentionPeriod: Duration.days(14),
      // AWS recommends six times the timeout of the function.
      visibilityTimeout: Duration.seconds(6 * DRAIN_TIMEOUT.toSeconds()),
      deadLetterQueue: { queue: this.deadLetters, maxReceiveCount: MAX_RECEIVES },
    });
  }
}
