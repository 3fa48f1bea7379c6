/** What a function answers; undefined when it throws. For what belongs to others and may refuse. */
export function attempt<T>(work: () => T): T | undefined {
  try {
    return work();
  } catch {
    return undefined;
  }
}
