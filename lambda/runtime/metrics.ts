/** Counts and durations in CloudWatch's embedded metric format: log lines, no requests. */
import { Metrics as EmfMetrics, MetricUnit } from '@aws-lambda-powertools/metrics';
import { type MetricName, type MetricService, serviceName } from '../../wire/operations.ts';

/** One answered request. */
export interface RequestInfo {
  /** Name of the route, for example `otlp`. */
  route: string;
  /** HTTP status of the answer. */
  status: number;
  /** Records stored, or queued in the overflow. */
  records: number;
  /** Records rejected. */
  rejected: number;
  latencyMillis: number;
  /** The batch was written to the overflow instead of the database. */
  isOverflow?: boolean;
  /** The overflow object was written, but no SQS message points to it: maintain will find it. */
  isUnqueued?: boolean;
}

export interface Metrics {
  record(request: RequestInfo): void;
}

/** Publishes the counts of one run of drain or maintain. */
export interface Counters<S extends MetricService> {
  publish(counts: Readonly<Record<MetricName<S>, number>>): void;
}

/** Each dimension of a metric costs, so the route is metadata of the line and not a dimension. */
export function createMetrics(namespace: string): Metrics {
  const emf = new EmfMetrics({ namespace, serviceName: serviceName('ingest') });
  return {
    record: ({ route, status, records, rejected, latencyMillis, isOverflow, isUnqueued }) => {
      const isClientError = status >= 400 && status < 500;
      const counts: Record<MetricName<'ingest'>, number> = {
        Requests: 1,
        ClientErrors: isClientError ? 1 : 0,
        Unavailable: status >= 500 ? 1 : 0,
        Records: isOverflow ? 0 : records,
        Rejected: rejected,
        Overflowed: isOverflow ? 1 : 0,
        Unqueued: isUnqueued ? 1 : 0,
        Latency: latencyMillis,
      };
      emf.addMetadata('route', route);
      publish(emf, counts);
    },
  };
}

export function createCounters<S extends MetricService>(
  service: S,
  namespace: string,
): Counters<S> {
  const emf = new EmfMetrics({ namespace, serviceName: serviceName(service) });
  return { publish: (counts) => publish(emf, counts) };
}

function publish(emf: EmfMetrics, counts: Readonly<Record<string, number>>): void {
  for (const [name, count] of Object.entries(counts)) emf.addMetric(name, unitOf(name), count);
  emf.publishStoredMetrics();
}

function unitOf(name: string) {
  if (name === 'Latency') return MetricUnit.Milliseconds;
  return name.endsWith('Seconds') ? MetricUnit.Seconds : MetricUnit.Count;
}
