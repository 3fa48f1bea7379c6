import { Aws, Duration } from 'aws-cdk-lib';
import {
  Alarm,
  ComparisonOperator,
  type IMetric,
  MathExpression,
  TreatMissingData,
} from 'aws-cdk-lib/aws-cloudwatch';
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions';
import { PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import { type ITopic, Topic } from 'aws-cdk-lib/aws-sns';
import { EmailSubscription } from 'aws-cdk-lib/aws-sns-subscriptions';
import { Construct } from 'constructs';
import { functionMetric } from './metrics.ts';
import type { Overflow } from './overflow.ts';

export interface AlarmsProps {
  namespace: string;
  ingest: IFunction;
  drain: IFunction;
  maintain: IFunction;
  overflow: Overflow;
  topic?: ITopic | undefined;
  email?: string | undefined;
}

const PERIOD = Duration.minutes(5);
const { GREATER_THAN_OR_EQUAL_TO_THRESHOLD: AT_LEAST, LESS_THAN_THRESHOLD: BELOW } =
  ComparisonOperator;

/** The alarms. `docs/operate.md` has a section for each, by its id. */
export class Alarms extends Construct {
  readonly topic: ITopic;
  readonly list: Alarm[] = [];

  constructor(scope: Construct, id: string, props: AlarmsProps) {
    super(scope, id);
    this.topic = props.topic ?? this.#createTopic(props.email);
    const { namespace, ingest, drain, maintain, overflow } = props;
    const sum = { period: PERIOD, statistic: 'Sum' };

    this.#alarm('IngestErrors', 'The ingest function failed.', {
      metric: ingest.metricErrors(sum),
    });
    this.#alarm('IngestThrottled', 'Lambda throttled requests: too many concurrent executions.', {
      metric: ingest.metricThrottles(sum),
    });
    this.#alarm(
      'RequestsUnavailable',
      'Requests were answered with 503 and their batches not stored.',
      {
        metric: functionMetric(namespace, 'ingest', 'Unavailable'),
        threshold: 5,
      },
    );
    this.#alarm(
      'OverflowInUse',
      'The database is unavailable: batches go to the overflow bucket.',
      {
        metric: functionMetric(namespace, 'ingest', 'Overflowed'),
      },
    );
    this.#alarm('NothingStored', 'Requests with valid tokens arrive, and no row is stored.', {
      metric: new MathExpression({
        expression:
          'IF(FILL(requests, 0) - FILL(refused, 0) > 0 AND FILL(stored, 0) + FILL(drained, 0) == 0, 1, 0)',
        label: 'requests without rows',
        period: PERIOD,
        usingMetrics: {
          requests: functionMetric(namespace, 'ingest', 'Requests'),
          refused: functionMetric(namespace, 'ingest', 'ClientErrors'),
          stored: functionMetric(namespace, 'ingest', 'Records'),
          drained: functionMetric(namespace, 'drain', 'Records'),
        },
      }),
      periods: 3,
    });
    this.#alarm('OldestMessage', 'A batch has been waiting for the database for ten minutes.', {
      metric: overflow.queue.metricApproximateAgeOfOldestMessage({
        period: PERIOD,
        statistic: 'Maximum',
      }),
      threshold: 600,
    });
    this.#alarm('DeadLetters', 'Batches could not be stored and are in the dead-letter queue.', {
      metric: overflow.deadLetters.metricApproximateNumberOfMessagesVisible({
        period: PERIOD,
        statistic: 'Maximum',
      }),
    });
    this.#alarm('DrainErrors', 'The drain function failed.', {
      metric: drain.metricErrors(sum),
    });
    this.#alarm('MaintainErrors', 'The maintain function failed.', {
      metric: maintain.metricErrors(sum),
    });
    this.#alarm('MaintainNotRun', 'The maintain function has not succeeded for an hour.', {
      metric: functionMetric(namespace, 'maintain', 'Runs', 'Sum', Duration.hours(1)),
      comparison: BELOW,
      missing: TreatMissingData.BREACHING,
    });
  }

  #alarm(
    id: string,
    description: string,
    condition: {
      metric: IMetric;
      threshold?: number;
      periods?: number;
      comparison?: ComparisonOperator;
      missing?: TreatMissingData;
    },
  ): void {
    const alarm = new Alarm(this, id, {
      alarmDescription: `${description} See docs/operate.md#${id.toLowerCase()}.`,
      metric: condition.metric,
      threshold: condition.threshold ?? 1,
      evaluationPeriods: condition.periods ?? 1,
      comparisonOperator: condition.comparison ?? AT_LEAST,
      treatMissingData: condition.missing ?? TreatMissingData.NOT_BREACHING,
    });
    alarm.addAlarmAction(new SnsAction(this.topic));
    alarm.addOkAction(new SnsAction(this.topic));
    this.list.push(alarm);
  }

  #createTopic(email: string | undefined): Topic {
    const topic = new Topic(this, 'Topic', { enforceSSL: true });
    // An explicit policy replaces the default one, which allows the alarms of the account to publish.
    topic.addToResourcePolicy(
      new PolicyStatement({
        principals: [new ServicePrincipal('cloudwatch.amazonaws.com')],
        actions: ['sns:Publish'],
        resources: [topic.topicArn],
        conditions: { StringEquals: { 'aws:SourceAccount': Aws.ACCOUNT_ID } },
      }),
    );
    if (email) topic.addSubscription(new EmailSubscription(email));
    return topic;
  }
}
