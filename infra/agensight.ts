import { CfnOutput, Duration, RemovalPolicy, Stack } from 'aws-cdk-lib';
import { Rule, Schedule } from 'aws-cdk-lib/aws-events';
import { LambdaFunction as LambdaTarget } from 'aws-cdk-lib/aws-events-targets';
import { EventSourceMapping, type IFunction } from 'aws-cdk-lib/aws-lambda';
import { RetentionDays } from 'aws-cdk-lib/aws-logs';
import { type ISecret, Secret } from 'aws-cdk-lib/aws-secretsmanager';
import type { ITopic } from 'aws-cdk-lib/aws-sns';
import { Construct } from 'constructs';
import { acknowledge } from './acknowledge.ts';
import { Alarms } from './alarms.ts';
import { packageVersion } from './artifacts.ts';
import { addDashboard } from './dashboard.ts';
import { addFunctionUrl, addHttpApi, type FrontDoor, type HttpApiProps } from './front-door.ts';
import { NodeFunction } from './node-function.ts';
import { DRAIN_TIMEOUT, Overflow } from './overflow.ts';

/** How Agensight is deployed. Everything has a default: `new Agensight(this, 'Agensight')` is enough. */
export interface AgensightProps {
  /**
   * The secret with `{"SUPABASE_URL": "...", "SUPABASE_SECRET_KEY": "..."}`.
   * Default: one is made, empty, for you to fill (`npx agensight init-cloud`).
   */
  readonly secret?: ISecret | undefined;
  /** An HTTP API with throttling and a domain of your own. Default: a function URL, free of charge. */
  readonly httpApi?: HttpApiProps | undefined;
  /** Memory of the ingest function in MiB; Lambda gives processor time in proportion. Default: 1024. */
  readonly memorySizeMib?: number | undefined;
  /**
   * Ingest invocations at the same time, reserved and limited. Keep it below the connections that the
   * database's API has. Default: none, as new accounts have ten in all, and cannot reserve any.
   */
  readonly reservedConcurrency?: number | undefined;
  /** Calls of the database at the same time when what waited is stored, 2 to 1000. Default: 2. */
  readonly drainConcurrency?: number | undefined;
  /** How often retention is enforced and orphans are looked for. Default: every 15 minutes. */
  readonly maintainEvery?: Duration | undefined;
  /** How long log lines are kept. Default: one month. */
  readonly logRetention?: RetentionDays | undefined;
  /** `DEBUG`, `INFO`, `WARN`, `ERROR` or `SILENT`. Default: `INFO`. */
  readonly logLevel?: string | undefined;
  /** Where alarms are sent. Default: a topic is made. */
  readonly alarmTopic?: ITopic | undefined;
  /** Who gets the alarms by mail, when the topic is made. Default: nobody. */
  readonly alarmEmail?: string | undefined;
}

/**
 * Takes in what an application sends and stores it in a Supabase project.
 *
 * @example
 * const agensight = new Agensight(this, 'Agensight', { alarmEmail: 'ops@example.com' });
 * new CfnOutput(this, 'Endpoint', { value: agensight.endpoint });
 */
export class Agensight extends Construct {
  /** What `AGENSIGHT_ENDPOINT` is to be. */
  readonly endpoint: string;
  readonly secret: ISecret;
  readonly ingest: IFunction;
  readonly drain: IFunction;
  readonly maintain: IFunction;
  readonly overflow: Overflow;
  readonly alarms: Alarms;

  constructor(scope: Construct, id: string, props: AgensightProps = {}) {
    super(scope, id);
    const namespace = `Agensight/${Stack.of(this).stackName}`;
    const logRetention = props.logRetention ?? RetentionDays.ONE_MONTH;
    this.secret = props.secret ?? (this.#makeSecret() as ISecret);
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
      description: 'Agensight: takes in batches and stores them.',
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
      description: 'Agensight: stores what came in while the database was away.',
      memorySizeMib: 512,
      timeout: DRAIN_TIMEOUT,
      environment: withDeadLetters,
      permissions: [
        readSecret,
        { actions: ['s3:GetObject', 's3:DeleteObject'], resource: objectsArn },
        // Without it an object that is gone reads as one that is forbidden.
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
      description: 'Agensight: enforces retention, finds what was left behind, replays.',
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
    this.ingest = ingest.lambda;
    this.drain = drain.lambda;
    this.maintain = maintain.lambda;

    new EventSourceMapping(this, 'Source', {
      target: this.drain,
      eventSourceArn: queue.queueArn,
      batchSize: 10,
      reportBatchItemFailures: true,
      // A database that has just come back is not flooded.
      maxConcurrency: props.drainConcurrency ?? 2,
    }).node.addDependency(this.drain.role ?? this.drain);
    new Rule(this, 'Schedule', {
      description: 'When Agensight maintains itself.',
      schedule: Schedule.rate(props.maintainEvery ?? Duration.minutes(15)),
      targets: [new LambdaTarget(this.maintain, { retryAttempts: 2 })],
    });

    const door: FrontDoor = props.httpApi
      ? addHttpApi(this, this.ingest, props.httpApi, logRetention)
      : addFunctionUrl(this.ingest);
    this.endpoint = door.endpoint;
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

    this.#output('Endpoint', door.endpoint, 'AGENSIGHT_ENDPOINT of your applications.');
    if (door.domainTarget) {
      this.#output('DomainTarget', door.domainTarget, 'Where the CNAME of your domain points.');
    }
    this.#output('SecretArn', this.secret.secretArn, 'Holds SUPABASE_URL and SUPABASE_SECRET_KEY.');
    this.#output('IngestFunction', this.ingest.functionName, 'Takes in batches.');
    this.#output('DrainFunction', this.drain.functionName, 'Stores what waited.');
    this.#output('MaintainFunction', this.maintain.functionName, 'What "agensight replay" calls.');
    this.#output('OverflowBucket', bucket.bucketName, 'Where batches wait.');
    this.#output('OverflowQueue', queue.queueUrl, 'Points to the batches that wait.');
    this.#output('DeadLetterQueue', deadLetters.queueUrl, 'Points to those that cannot be stored.');
    this.#output('AlarmTopic', this.alarms.topic.topicArn, 'Where alarms are sent.');
    this.#output('DashboardName', dashboard.dashboardName, 'In CloudWatch.');
  }

  /** The value made here has no address and no key: the functions say so until it is filled. */
  #makeSecret(): Secret {
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
        'The key is issued by Supabase, which AWS cannot ask for another one; docs/operate.md has its rotation, without a deployment.',
    });
    return secret;
  }

  #output(id: string, value: string, description: string): void {
    const output = new CfnOutput(this, `${id}Output`, { value, description });
    // Names that can be written down, whatever the path of this construct is.
    output.overrideLogicalId(id);
  }
}
