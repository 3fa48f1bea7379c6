/** What the functions and the stack that deploys them must agree on. Imports nothing. */

/** Key prefix of all overflow objects in the bucket. */
export const OVERFLOW_PREFIX = 'batches/';

/**
 * Redrive policy of the overflow queue: SQS moves a message to the dead-letter queue when it has
 * been received this often.
 */
export const MAX_RECEIVES = 15;

/** CloudWatch namespace of all metrics unless configured otherwise. */
export const DEFAULT_METRICS_NAMESPACE = 'Agensight';

/** The metrics that each function publishes, under the dimension `service=agensight-<function>`. */
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

/** A function that publishes metrics. */
export type MetricService = keyof typeof METRIC_NAMES;

/** The name of a metric that a function publishes. */
export type MetricName<S extends MetricService> = (typeof METRIC_NAMES)[S][number];

/** Value of the dimension `service`, and the service name in the log lines of a function. */
export function serviceName<S extends MetricService>(service: S): `agensight-${S}` {
  return `agensight-${service}`;
}
