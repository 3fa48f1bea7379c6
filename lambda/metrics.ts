/** Counts and times in CloudWatch's embedded metric format: log lines, no requests. */
import { Metrics as EmfMetrics, MetricUnit } from '@aws-lambda-powertools/metrics';

/** One request that was answered. */
export interface RequestFacts {
  door: string;
  status: number;
  /** Records stored. */
  records: number;
  /** Records rejected. */
  rejected: number;
  latencyMillis: number;
}

export interface Metrics {
  record(facts: RequestFacts): void;
}

export function createMetrics(): Metrics {
  const emf = new EmfMetrics({ namespace: 'Agensight', serviceName: 'agensight-ingest' });
  return {
    record: ({ door, status, records, rejected, latencyMillis }) => {
      emf.addDimension('door', door);
      emf.addMetric('Requests', MetricUnit.Count, 1);
      emf.addMetric('ClientErrors', MetricUnit.Count, status >= 400 && status < 500 ? 1 : 0);
      emf.addMetric('Unavailable', MetricUnit.Count, status >= 500 ? 1 : 0);
      emf.addMetric('Records', MetricUnit.Count, records);
      emf.addMetric('Rejected', MetricUnit.Count, rejected);
      emf.addMetric('Latency', MetricUnit.Milliseconds, latencyMillis);
      emf.publishStoredMetrics();
    },
  };
}
