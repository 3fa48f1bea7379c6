import type { AgensightProps } from './agensight.ts';
import { MEASURED, PRICES } from './measured.ts';

/** What a million spans take. */
export interface Cost {
  requests: number;
  gbSeconds: number;
  databaseBytes: number;
  logBytes: number;
  /** Of AWS, in US dollars, without its free tier. */
  dollars: number;
}

const SPANS = 1_000_000;
/** Memory of the ingest function when nothing else is said. */
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

/** A few lines for people. */
export function printCost(props: AgensightProps, print: (line: string) => void): void {
  const cost = costOfMillionSpans(props);
  const gb = (bytes: number) => `${(bytes / 1e9).toFixed(2)} GB`;
  print(`A million spans, ${MEASURED.spansPerRequest} to a request, take about`);
  print(
    `  ${cost.requests.toLocaleString('en')} requests and ${cost.gbSeconds.toFixed(0)} GB-seconds`,
  );
  print(`  ${gb(cost.logBytes)} of logs`);
  print(`  ${gb(cost.databaseBytes)} in the database`);
  print(
    `  $${cost.dollars.toFixed(2)} of AWS, at list prices of us-east-1, beside what Supabase charges.`,
  );
}
