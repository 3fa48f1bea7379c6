/**
 * What a deployment's cost is reckoned from. Each figure was measured by the command beside it, on
 * this code; prices are AWS's list prices for us-east-1, in US dollars.
 */
export const MEASURED = {
  /** Spans in one request: what the SDK collects within its flush interval under load. */
  spansPerRequest: 100,
  /** Time of a warm invocation with 100 spans, the database's included (`npm run test:cloud`). */
  invocationMillis: 40,
  /** Log bytes of one request: one line of metrics (`npm run test:cloud`). */
  logBytesPerRequest: 600,
  /** Tables and indexes for a span with its share of everything else (`npm run bench -- storage`). */
  databaseBytesPerSpan: 2_860,
} as const;

export const PRICES = {
  perMillionRequests: 0.2,
  /** Arm64. */
  perGbSecond: 0.0000133334,
  perMillionHttpApiRequests: 1,
  perGbOfLogs: 0.5,
} as const;
