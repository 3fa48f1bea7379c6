import type { AgensightProps } from './agensight.ts';
import { MEASURED, PRICES } from './cost-figures.ts';

/** Resources and cost of a million spans. */
export interface Cost {
  requests: number;
  gbSeconds: number;
  databaseBytes: number;
  logBytes: number;
  /** AWS charges in US dollars, without the free tier. */
  dollars: number;
}

const SPANS = 1_000_000;
/** Default memory of the ingest function. */
const DEFAULT_MEMORY_MIB = 1024;

export function costOfMillionSpans(props: AgensightProps): Cost {
  const requests = SPANS / MEASURED.spansPerRequest;
  const memoryGib = (props.memorySizeMib ?? DEFAULT_MEMORY_MIB) / 1024;
  const gbSeconds = (requests * MEASURED.invocationMillis * memoryGib) / 1000;
  const logBytes = requests * MEASURED.logBytesPerRequest;
  const perRequest =
    PRICES.perMillionRequests + (props.httpApi ? PRICES.perMillionHttpApiRequests : 0);
  return {
    requests,
    gbSeconds,
    logBytes,
    databaseBytes: SPANS * MEASURED.databaseBytesPerSpan,
    dollars:
      (requests / 1e6) * perRequest +
      gbSeconds * PRICES.perGbSecond +
      (logBytes / 1e9) * PRICES.perGbOfLogs,
  };
}

/** Prints the cost as text. */
export function printCost(props: AgensightProps, print: (line: string) => void): void {
  const cost = costOfMillionSpans(props);
  const gb = (bytes: number) => `${(bytes / 1e9).toFixed(2)} GB`;
  print(`A million spans, ${MEASURED.spansPerRequest} per request, take about`);
  print(
    `  ${cost.requests.toLocaleString('en')} requests and ${cost.gbSeconds.toFixed(0)} GB-seconds`,
  );
  print(`  ${gb(cost.logBytes)} of logs`);
  print(`  ${gb(cost.databaseBytes)} in the database`);
  print(
    `  $${cost.dollars.toFixed(2)} for AWS, at list prices of us-east-1, without the charges of Supabase.`,
  );
}
