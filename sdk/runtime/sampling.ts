/** Which traces are recorded, decided by the trace id alone, so that all services decide alike. */

/** The random part of a trace id: its last 56 bits (W3C Trace Context, level 2). */
const RANDOM_DIGITS = 14;
/** 52 bits are exact as a number, and as fine as anybody samples. */
const USED_DIGITS = 13;
const RANGE = 16 ** USED_DIGITS;

/**
 * Whether a trace belongs to a sample of this rate. As in OpenTelemetry's consistent probability
 * sampling, a trace is taken when its randomness is at or above a threshold; a trace that belongs to a
 * sample belongs to every larger one too.
 */
export function isInSample(traceId: string, rate: number): boolean {
  if (rate >= 1) return true;
  const digits = traceId.slice(-RANDOM_DIGITS, -RANDOM_DIGITS + USED_DIGITS);
  const randomness = Number.parseInt(digits, 16);
  return Number.isFinite(randomness) ? randomness >= (1 - rate) * RANGE && rate > 0 : rate > 0;
}
