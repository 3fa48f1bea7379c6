import { Duration } from 'aws-cdk-lib';
import { Metric } from 'aws-cdk-lib/aws-cloudwatch';

const PERIOD = Duration.minutes(5);

/** The metrics that the functions publish. `lambda/runtime/metrics.ts` has the same names. */
export const METRIC_NAMES = {
  ingest: [
    'Requests',
    'ClientErrors',
    'Unavailable',
    'Records',
    'Rejected',
    'Overflowed',
    'Unqueued',
    'Latency',
  ],
  drain: [
    'Stored',
    'Records',
    'Repeated',
    'Postponed',
    'DeadLettered',
    'Gone',
    'OverflowAgeSeconds',
  ],
  maintain: ['Runs', 'Failures', 'Orphans', 'Deleted', 'Unfinished'],
} as const;

type Service = keyof typeof METRIC_NAMES;

/** A metric that a function publishes; by default its sum over five minutes. */
export function functionMetric<S extends Service>(
  namespace: string,
  service: S,
  metricName: (typeof METRIC_NAMES)[S][number],
  statistic = 'Sum',
  period = PERIOD,
): Metric {
  return new Metric({
    namespace,
    metricName,
    dimensionsMap: { service: `agensight-${service}` },
    statistic,
    period,
  });
}
