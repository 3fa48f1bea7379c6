import { CfnOutput, Duration, RemovalPolicy, Stack } from 'aws-cdk-lib';
import { Rule, Schedule } from 'aws-cdk-lib/aws-events';
import { LambdaFunction as LambdaTarget } from 'aws-cdk-lib/aws-events-targets';
import { EventSourceMapping, type IFunction } from 'aws-cdk-lib/aws-lambda';
import { RetentionDays } from 'aws-cdk-lib/aws-logs';
import { type ISecret, Secret } from 'aws-cdk-lib/aws-secretsmanager';
import type { ITopic } from 'aws-cdk-lib/aws-sns';
import { Construct } from 'constructs';
import type { LogLevel } from '../wire/settings.ts';
import { acknowledge } from './acknowledge.ts';
import { Alarms } from './alarms.ts';
import { packageVersion } from './artifacts.ts';
import { checkProps } from './check-props.ts';
import { addDashboard } from './dashboard.ts';
import { addFunctionUrl, addHttpApi, type EntryPoint, type HttpApiProps } from './entry-point.ts';
import { NodeFunction } from './node-function.ts';
import { DRAIN_TIMEOUT, Overflow } from './overflow.ts';

/** Properties of {@link Agensight}. All are optional: `new Agensight(this, 'Agensight')` is enough. */
export interface AgensightProps {
  /**
   * The secret with `{"SUPABASE_URL": "...", "SUPABASE_SECRET_KEY": "..."}`.
   * Default: a new secret without values, which `npx agensight init-cloud` sets.
   */
  readonly secret?: ISecret | undefined;
  /** An HTTP API with throttling and a custom domain. Default: a function URL, free of charge. */
  readonly httpApi?: HttpApiProps | undefined;
  /** Memory of the ingest function in MiB; CPU time is proportional to it. Default: 1024. */
  readonly memorySizeMib?: number | undefined;
  /**
   * Reserved concurrency of the ingest function, which is also its limit. Keep it below the connection
   * pool of the database's API. Default: none, because new accounts have a quota of ten and cannot
   * reserve any.
   */
  readonly reservedConcurrency?: number | undefined;
  /** Maximum concurrency of the drain function, 2 to 1000. Default: 2. */
  readonly drainConcurrency?: number | undefined;
  /** Interval of the maintain function, which enforces retention and finds orphans. Default: 15 minutes. */
  readonly maintainEvery?: Duration | undefined;
  /** Retention of the logs. Default: one month. */
  readonly logRetention?: RetentionDays | undefined;
  /** `DEBUG`, `INFO`, `WARN`, `ERROR` or `SILENT`. Default: `INFO`. */
  readonly logLevel?: LogLevel | undefined;
  /** Topic of the alarms. Default: a new topic. */
  readonly alarmTopic?: ITopic | undefined;
  /** Email address that is subscribed to the new topic. Default: none. */
  readonly alarmEmail?: string | undefined;
}

/**
 * Ingests the records that applications send and stores them in a Supabase project.
 *
 * @example
 * const agensight = new Agensight(this, 'Agensight', { alarmEmail: 'ops@example.com' });
 * new CfnOutput(this, 'Endpoint', { value: agensight.endpoint });
 */
export class Agensight extends Construct {
  /** The value for `AGENSIGHT_ENDPOINT`, without a trailing slash. */
  readonly endpoint: string;
  readonly secret: ISecret;
  readonly ingest: IFunction;
  readonly drain: IFunction;
  readonly maintain: IFunction;
  readonly overflow: Overflow;
  readonly alarms: Alarms;

  constructor(scope: Construct, id: string, props: AgensightProps = {}) {
    super(scope, id);
    checkProps(props);
    const namespace = `Agensight/${Stack.of(this).stackName}`;
    const logRetention = props.logRetention ?? RetentionDays.ONE_MONTH;
    this.secret = props.secret ?? (this.#createSecret() as ISecret);
    this.overflow = new Overflow(this, 'Overflow');
    const { bucket, queue, deadLetters, objectsArn, objectsFinding: wildcard } = this.overflow;

    const readSecret = {
      actions: ['secretsmanager:GetSecretValue'],
      resource: this.secret.secretArn,
    };
    const environment = {
      AGENSIGHT_SECRET_ARN: this.secret.secretArn,
      AGENSIGHT_OVERFLOW_BUCKET: bucket.bucketName,
      AGENSIGHT_OVERFLOW_QUEUE_URL: queue.queueUrl,
      AGENSIGHT_METRICS_NAMESPACE: namespace,
      AGENSIGHT_LOG_LEVEL: props.logLevel ?? 'INFO',
      AGENSIGHT_VERSION: packageVersion(),
    };
    const withDeadLetters = {
      ...environment,
      AGENSIGHT_DEAD_LETTER_QUEUE_URL: deadLetters.queueUrl,
    };

    const ingest = new NodeFunction(this, 'Ingest', {
      bundle: 'ingest',
      description: 'Agensight: receives batches and stores them.',
      memorySizeMib: props.memorySizeMib ?? 1024,
      timeout: Duration.seconds(40),
      environment,
      permissions: [
        readSecret,
        { actions: ['s3:PutObject'], resource: objectsArn },
        { actions: ['sqs:SendMessage'], resource: queue.queueArn },
      ],
      wildcard,
      logRetention,
      reservedConcurrency: props.reservedConcurrency,
    });
    const drain = new NodeFunction(this, 'Drain', {
      bundle: 'drain',
      description: 'Agensight: stores the batches that arrived while the database was unavailable.',
      memorySizeMib: 512,
      timeout: DRAIN_TIMEOUT,
      environment: withDeadLetters,
      permissions: [
        readSecret,
        { actions: ['s3:GetObject', 's3:DeleteObject'], resource: objectsArn },
        // Without it S3 answers 403 instead of 404 for a deleted object.
        { actions: ['s3:ListBucket'], resource: bucket.bucketArn },
        {
          actions: [
            'sqs:ReceiveMessage',
            'sqs:DeleteMessage',
            'sqs:ChangeMessageVisibility',
            'sqs:GetQueueAttributes',
            'sqs:SendMessage',
          ],
          resource: queue.queueArn,
        },
        { actions: ['sqs:SendMessage'], resource: deadLetters.queueArn },
      ],
      wildcard,
      logRetention,
    });
    const maintain = new NodeFunction(this, 'Maintain', {
      bundle: 'maintain',
      description: 'Agensight: enforces retention, queues orphaned batches, replays.',
      memorySizeMib: 256,
      timeout: Duration.minutes(5),
      environment: withDeadLetters,
      permissions: [
        readSecret,
        { actions: ['s3:ListBucket'], resource: bucket.bucketArn },
        { actions: ['sqs:GetQueueAttributes', 'sqs:SendMessage'], resource: queue.queueArn },
        {
          actions: ['sqs:GetQueueAttributes', 'sqs:ReceiveMessage', 'sqs:DeleteMessage'],
          resource: deadLetters.queueArn,
        },
      ],
      logRetention,
    });
    // Updated in this order: the drain has to read what ingest writes.
    ingest.lambda.node.addDependency(drain.lambda);
    this.ingest = ingest.lambda;
    this.drain = drain.lambda;
    this.maintain = maintain.lambda;

    new EventSourceMapping(this, 'Source', {
      target: this.drain,
      eventSourceArn: queue.queueArn,
      batchSize: 10,
      reportBatchItemFailures: true,
      // Protects a database that has just recovered.
      maxConcurrency: props.drainConcurrency ?? 2,
    }).node.addDependency(this.drain.role ?? this.drain);
    new Rule(this, 'Schedule', {
      description: 'Runs the maintain function of Agensight.',
      schedule: Schedule.rate(props.maintainEvery ?? Duration.minutes(15)),
      targets: [new LambdaTarget(this.maintain, { retryAttempts: 2 })],
    });

    const entryPoint: EntryPoint = props.httpApi
      ? addHttpApi(this, this.ingest, props.httpApi, logRetention)
      : addFunctionUrl(this.ingest);
    this.endpoint = entryPoint.endpoint;
    this.alarms = new Alarms(this, 'Alarms', {
      namespace,
      ingest: this.ingest,
      drain: this.drain,
      maintain: this.maintain,
      overflow: this.overflow,
      topic: props.alarmTopic,
      email: props.alarmEmail,
    });
    const dashboard = addDashboard(this, namespace, this.ingest, this.overflow, this.alarms.list);

    this.#output('Endpoint', entryPoint.endpoint, 'AGENSIGHT_ENDPOINT of your applications.');
    if (entryPoint.domainTarget) {
      this.#output('DomainTarget', entryPoint.domainTarget, 'CNAME target of your domain.');
    }
    this.#output('SecretArn', this.secret.secretArn, 'SUPABASE_URL and SUPABASE_SECRET_KEY.');
    this.#output('IngestFunction', this.ingest.functionName, 'Receives batches.');
    this.#output('DrainFunction', this.drain.functionName, 'Stores waiting batches.');
    this.#output('MaintainFunction', this.maintain.functionName, 'Invoked by "agensight replay".');
    this.#output('OverflowBucket', bucket.bucketName, 'Waiting batches.');
    this.#output('OverflowQueue', queue.queueUrl, 'Keys of the waiting batches.');
    this.#output('DeadLetterQueue', deadLetters.queueUrl, 'Keys of batches that failed for good.');
    this.#output('AlarmTopic', this.alarms.topic.topicArn, 'Topic of the alarms.');
    this.#output('DashboardName', dashboard.dashboardName, 'CloudWatch dashboard.');
  }

  /** A secret without URL and key: the functions report that until it is set. */
  #createSecret(): Secret {
    const secret = new Secret(this, 'Secret', {
      description: 'Agensight: {"SUPABASE_URL": "...", "SUPABASE_SECRET_KEY": "..."}',
      generateSecretString: {
        secretStringTemplate: JSON.stringify({ SUPABASE_URL: '', SUPABASE_SECRET_KEY: '' }),
        generateStringKey: 'unused',
      },
      removalPolicy: RemovalPolicy.DESTROY,
    });
    acknowledge(secret, {
      'AwsSolutions-SMG4':
        'Supabase issues the key, and AWS cannot rotate it there; docs/operate.md describes its rotation without a deployment.',
    });
    return secret;
  }

  #output(id: string, value: string, description: string): void {
    const output = new CfnOutput(this, `${id}Output`, { value, description });
    // Stable names that do not depend on the path of this construct.
    output.overrideLogicalId(id);
  }
}
