import { Duration } from 'aws-cdk-lib';
import { Metric } from 'aws-cdk-lib/aws-cloudwatch';

const PERIOD = Duration.minutes(5);

/** The names that the functions publish their counts under. `lambda/metrics.ts` has them too. */
export const SIGNALS = {
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

type Service = keyof typeof SIGNALS;

/** One of the functions' own metrics, by default its sum over five minutes. */
export function signal<S extends Service>(
  namespace: string,
  service: S,
  metricName: (typeof SIGNALS)[S][number],
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
