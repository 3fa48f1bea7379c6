import {
  type Alarm,
  AlarmStatusWidget,
  Dashboard,
  GraphWidget,
  type IMetric,
} from 'aws-cdk-lib/aws-cloudwatch';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import type { Construct } from 'constructs';
import type { Overflow } from './overflow.ts';
import { signal } from './signals.ts';

/** One page: alarms above, then what comes in, what is stored, what waits, and what it costs. */
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
      'Requests, and those refused or turned away',
      [
        signal(namespace, 'ingest', 'Requests'),
        signal(namespace, 'ingest', 'ClientErrors'),
        signal(namespace, 'ingest', 'Unavailable'),
      ],
      [
        signal(namespace, 'ingest', 'Latency', 'p50'),
        signal(namespace, 'ingest', 'Latency', 'p99'),
      ],
    ),
    graph('Records stored and rejected', [
      signal(namespace, 'ingest', 'Records'),
      signal(namespace, 'drain', 'Records'),
      signal(namespace, 'ingest', 'Rejected'),
    ]),
  );
  dashboard.addWidgets(
    graph(
      'Overflow: batches kept, stored later, dead',
      [
        signal(namespace, 'ingest', 'Overflowed'),
        signal(namespace, 'drain', 'Stored'),
        signal(namespace, 'drain', 'Postponed'),
        overflow.deadLetters.metricApproximateNumberOfMessagesVisible(),
      ],
      [signal(namespace, 'drain', 'OverflowAgeSeconds', 'Maximum')],
    ),
    graph(
      'Upkeep: rows deleted, orphans queued',
      [signal(namespace, 'maintain', 'Deleted'), signal(namespace, 'maintain', 'Orphans')],
      [signal(namespace, 'maintain', 'Failures')],
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
