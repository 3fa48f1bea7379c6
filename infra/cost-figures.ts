/**
 * Figures for the cost estimate. Each was measured on this code by the command beside it; prices are
 * AWS list prices for us-east-1 in US dollars.
 */
export const MEASURED = {
  /** Spans per request: what the SDK collects within its flush interval under load. */
  spansPerRequest: 100,
  /** Duration of a warm invocation with 100 spans, including the database (`npm run test:cloud`). */
  invocationMillis: 40,
  /** Log bytes per request: one line of metrics (`npm run test:cloud`). */
  logBytesPerRequest: 600,
  /** Tables and indexes per span, including its share of the other records (`npm run bench -- storage`). */
  databaseBytesPerSpan: 2_860,
} as const;

export const PRICES = {
  perMillionRequests: 0.2,
  /** Arm64. */
  perGbSecond: 0.0000133334,
  perMillionHttpApiRequests: 1,
  perGbOfLogs: 0.5,
} as const;
