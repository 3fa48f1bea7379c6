/**
 * Responses that were recorded lately, by the id that the provider gave them. A span of another tracer,
 * whose context is not ours, may describe the same response.
 */
import { shared } from '../platform/shared.ts';

type Period = readonly [startedAt: number, endedAt: number];

const recorded = shared('responses', (): Map<string, Period> => new Map());

const MAX_REMEMBERED = 1_024;
/** Differences between the clocks of two tracers, in milliseconds. */
const TOLERANCE_MILLIS = 5;

export function rememberResponse(id: string, startedAt: number, endedAt: number): void {
  recorded.set(id, [startedAt, endedAt]);
  if (recorded.size <= MAX_REMEMBERED) return;
  for (const oldest of recorded.keys()) {
    recorded.delete(oldest);
    return;
  }
}

/** Whether the response was recorded by a call within the given period. */
export function isResponseRecorded(id: string, startedAt: number, endedAt: number): boolean {
  const [from, to] = recorded.get(id) ?? [];
  if (from === undefined || to === undefined) return false;
  return from >= startedAt - TOLERANCE_MILLIS && to <= endedAt + TOLERANCE_MILLIS;
}
