import {
  type Alarm,
  AlarmStatusWidget,
  Dashboard,
  GraphWidget,
  type IMetric,
} from 'aws-cdk-lib/aws-cloudwatch';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import type { Construct } from 'constructs';
import { functionMetric } from './metrics.ts';
import type { Overflow } from './overflow.ts';

/** One page: alarms, requests, stored records, overflow, maintenance, function and queue. */
export function addDashboard(
  scope: Construct,
  namespace: string,
  ingest: IFunction,
  overflow: Overflow,
  alarms: Alarm[],
): Dashboard {
  const dashboard = new Dashboard(scope, 'Dashboard');
  const graph = (title: string, left: IMetric[], right: IMetric[] = []) =>
    new GraphWidget({ title, left, right, width: 12, height: 6 });
  dashboard.addWidgets(new AlarmStatusWidget({ title: 'Alarms', alarms, width: 24, height: 4 }));
  dashboard.addWidgets(
    graph(
      'Requests, client errors, unavailable',
      [
        functionMetric(namespace, 'ingest', 'Requests'),
        functionMetric(namespace, 'ingest', 'ClientErrors'),
        functionMetric(namespace, 'ingest', 'Unavailable'),
      ],
      [
        functionMetric(namespace, 'ingest', 'Latency', 'p50'),
        functionMetric(namespace, 'ingest', 'Latency', 'p99'),
      ],
    ),
    graph('Records stored and rejected', [
      functionMetric(namespace, 'ingest', 'Records'),
      functionMetric(namespace, 'drain', 'Records'),
      functionMetric(namespace, 'ingest', 'Rejected'),
    ]),
  );
  dashboard.addWidgets(
    graph(
      'Overflow: batches queued, stored later, dead letters',
      [
        functionMetric(namespace, 'ingest', 'Overflowed'),
        functionMetric(namespace, 'drain', 'Stored'),
        functionMetric(namespace, 'drain', 'Postponed'),
        overflow.deadLetters.metricApproximateNumberOfMessagesVisible(),
      ],
      [functionMetric(namespace, 'drain', 'OverflowAgeSeconds', 'Maximum')],
    ),
    graph(
      'Maintenance: rows deleted, orphans queued',
      [
        functionMetric(namespace, 'maintain', 'Deleted'),
        functionMetric(namespace, 'maintain', 'Orphans'),
      ],
      [functionMetric(namespace, 'maintain', 'Failures')],
    ),
  );
  dashboard.addWidgets(
    graph(
      'Ingest function',
      [ingest.metricInvocations(), ingest.metricErrors(), ingest.metricThrottles()],
      [ingest.metricDuration({ statistic: 'p50' }), ingest.metricDuration({ statistic: 'p99' })],
    ),
    graph('Queue', [
      overflow.queue.metricApproximateNumberOfMessagesVisible(),
      overflow.queue.metricApproximateNumberOfMessagesNotVisible(),
    ]),
  );
  return dashboard;
}
