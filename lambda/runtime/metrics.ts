/** Counts and times in CloudWatch's embedded metric format: log lines, no requests. */
import { Metrics as EmfMetrics, MetricUnit } from '@aws-lambda-powertools/metrics';

/** One request that was answered. */
export interface RequestFacts {
  door: string;
  status: number;
  /** Records stored, or kept to be stored. */
  records: number;
  /** Records rejected. */
  rejected: number;
  latencyMillis: number;
  /** The batch was kept outside of the database. */
  isOverflow?: boolean;
  /** It was kept, but no message points to it: maintain will find it. */
  isUnqueued?: boolean;
}

export interface Metrics {
  record(facts: RequestFacts): void;
}

/** What a run of drain or maintain did, by name. Names that end in `Seconds` are times. */
export interface Counters {
  publish(counts: Readonly<Record<string, number>>): void;
}

/** Each metric costs by its dimensions, so the door is a fact of the line and not one of them. */
export function createMetrics(namespace: string): Metrics {
  const emf = new EmfMetrics({ namespace, serviceName: 'agensight-ingest' });
  return {
    record: (facts) => {
      const { door, status, records, rejected, latencyMillis, isOverflow, isUnqueued } = facts;
      const isClientError = status >= 400 && status < 500;
      emf.addMetadata('door', door);
      emf.addMetric('Requests', MetricUnit.Count, 1);
      emf.addMetric('ClientErrors', MetricUnit.Count, isClientError ? 1 : 0);
      emf.addMetric('Unavailable', MetricUnit.Count, status >= 500 ? 1 : 0);
      emf.addMetric('Records', MetricUnit.Count, isOverflow ? 0 : records);
      emf.addMetric('Rejected', MetricUnit.Count, rejected);
      emf.addMetric('Overflowed', MetricUnit.Count, isOverflow ? 1 : 0);
      emf.addMetric('Unqueued', MetricUnit.Count, isUnqueued ? 1 : 0);
      emf.addMetric('Latency', MetricUnit.Milliseconds, latencyMillis);
      emf.publishStoredMetrics();
    },
  };
}

export function createCounters(service: string, namespace: string): Counters {
  const emf = new EmfMetrics({ namespace, serviceName: service });
  return {
    publish: (counts) => {
      for (const [name, count] of Object.entries(counts)) {
        emf.addMetric(
          name,
          name.endsWith('Seconds') ? MetricUnit.Seconds : MetricUnit.Count,
          count,
        );
      }
      emf.publishStoredMetrics();
    },
  };
}
