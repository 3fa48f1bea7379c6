/** Sampling of traces by their id, so that all services make the same decision. */

/** The random part of a trace id: its last 56 bits (W3C Trace Context, level 2). */
const RANDOM_DIGITS = 14;
/** 52 bits, which a number represents exactly. */
const USED_DIGITS = 13;
const RANGE = 16 ** USED_DIGITS;

/**
 * Whether a trace is in the sample of a rate. As in OpenTelemetry's consistent probability sampling, a
 * trace is sampled when its randomness is at or above a threshold; so a sample contains all smaller
 * ones.
 */
export function isInSample(traceId: string, rate: number): boolean {
  if (rate >= 1) return true;
  const digits = traceId.slice(-RANDOM_DIGITS, -RANDOM_DIGITS + USED_DIGITS);
  const randomness = Number.parseInt(digits, 16);
  return Number.isFinite(randomness) ? randomness >= (1 - rate) * RANGE && rate > 0 : rate > 0;
}
