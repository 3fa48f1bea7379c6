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
import type { Overflow } from './overflow.ts';
import { signal } from './signals.ts';

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

/** What should wake somebody. `docs/operate.md` has a section for each, by its id. */
export class Alarms extends Construct {
  readonly topic: ITopic;
  readonly list: Alarm[] = [];

  constructor(scope: Construct, id: string, props: AlarmsProps) {
    super(scope, id);
    this.topic = props.topic ?? this.#makeTopic(props.email);
    const { namespace, ingest, drain, maintain, overflow } = props;
    const sum = { period: PERIOD, statistic: 'Sum' };

    this.#alarm('IngestErrors', 'The ingest function ended with an error.', {
      metric: ingest.metricErrors(sum),
    });
    this.#alarm('IngestThrottled', 'AWS turned requests away: too many at the same time.', {
      metric: ingest.metricThrottles(sum),
    });
    this.#alarm('ClientsTurnedAway', 'Requests were answered 503, and not kept.', {
      metric: signal(namespace, 'ingest', 'Unavailable'),
      threshold: 5,
    });
    this.#alarm('OverflowInUse', 'The database is away: batches are kept outside of it.', {
      metric: signal(namespace, 'ingest', 'Overflowed'),
    });
    this.#alarm('NothingStored', 'Requests come in with good tokens, and no row is stored.', {
      metric: new MathExpression({
        expression:
          'IF(FILL(requests, 0) - FILL(refused, 0) > 0 AND FILL(stored, 0) + FILL(drained, 0) == 0, 1, 0)',
        label: 'requests without rows',
        period: PERIOD,
        usingMetrics: {
          requests: signal(namespace, 'ingest', 'Requests'),
          refused: signal(namespace, 'ingest', 'ClientErrors'),
          stored: signal(namespace, 'ingest', 'Records'),
          drained: signal(namespace, 'drain', 'Records'),
        },
      }),
      periods: 3,
    });
    this.#alarm('OldestMessage', 'A batch has waited ten minutes for the database.', {
      metric: overflow.queue.metricApproximateAgeOfOldestMessage({
        period: PERIOD,
        statistic: 'Maximum',
      }),
      threshold: 600,
    });
    this.#alarm('DeadLetters', 'Batches cannot be stored; they wait for somebody to look.', {
      metric: overflow.deadLetters.metricApproximateNumberOfMessagesVisible({
        period: PERIOD,
        statistic: 'Maximum',
      }),
    });
    this.#alarm('DrainErrors', 'The drain function ended with an error.', {
      metric: drain.metricErrors(sum),
    });
    this.#alarm('MaintainErrors', 'A run of maintain failed.', {
      metric: maintain.metricErrors(sum),
    });
    this.#alarm('MaintainNotRun', 'No run of maintain has ended well for an hour.', {
      metric: signal(namespace, 'maintain', 'Runs', 'Sum', Duration.hours(1)),
      comparison: BELOW,
      missing: TreatMissingData.BREACHING,
    });
  }

  #alarm(
    id: string,
    description: string,
    what: {
      metric: IMetric;
      threshold?: number;
      periods?: number;
      comparison?: ComparisonOperator;
      missing?: TreatMissingData;
    },
  ): void {
    const alarm = new Alarm(this, id, {
      alarmDescription: `${description} See docs/operate.md#${id.toLowerCase()}.`,
      metric: what.metric,
      threshold: what.threshold ?? 1,
      evaluationPeriods: what.periods ?? 1,
      comparisonOperator: what.comparison ?? AT_LEAST,
      treatMissingData: what.missing ?? TreatMissingData.NOT_BREACHING,
    });
    alarm.addAlarmAction(new SnsAction(this.topic));
    alarm.addOkAction(new SnsAction(this.topic));
    this.list.push(alarm);
  }

  #makeTopic(email: string | undefined): Topic {
    const topic = new Topic(this, 'Topic', { enforceSSL: true });
    // A policy of its own takes the place of the default one, which let the account's alarms publish.
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
