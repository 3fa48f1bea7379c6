import { Duration } from 'aws-cdk-lib';
import { Metric } from 'aws-cdk-lib/aws-cloudwatch';
import { type MetricName, type MetricService, serviceName } from '../wire/operations.ts';

const PERIOD = Duration.minutes(5);

/** A metric that a function publishes; by default its sum over five minutes. */
export function functionMetric<S extends MetricService>(
  namespace: string,
  service: S,
  metricName: MetricName<S>,
  statistic = 'Sum',
  period = PERIOD,
): Metric {
  return new Metric({
    namespace,
    metricName,
    dimensionsMap: { service: serviceName(service) },
    statistic,
    period,
  });
}
