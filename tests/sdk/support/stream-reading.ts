/** Reading streams and their spans. */

/** The items of a stream, all of them or the first few. */
export async function collect<T>(
  items: AsyncIterable<T> | Iterable<T>,
  limit = Infinity,
): Promise<T[]> {
  const all: T[] = [];
  for await (const item of items) {
    all.push(item);
    if (all.length >= limit) break;
  }
  return all;
}

/** Milliseconds from a span's start to its end. */
export function duration({
  started_at,
  ended_at,
}: {
  started_at?: unknown;
  ended_at?: unknown;
} = {}) {
  return Date.parse(String(ended_at)) - Date.parse(String(started_at));
}
