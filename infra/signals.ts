import { Duration } from 'aws-cdk-lib';
import { Metric } from 'aws-cdk-lib/aws-cloudwatch';
import { type MetricName, type MetricService, serviceName } from '../wire/operations.ts';

const PERIOD = Duration.minutes(5);

/** One of the functions' own metrics, by default its sum over five minutes. */
export function signal<S extends MetricService>(
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
