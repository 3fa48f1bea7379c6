/** Short texts that people filter by, bounded with a visible mark. */
import { LIMITS } from '../../wire/protocol.ts';
import { cleanText, cutLabel } from '../../wire/text.ts';

/** A label that any column takes. */
export function boundLabel(text: string): string {
  return cutLabel(cleanText(text), LIMITS.maxLabelLength);
}

/** Tags that any column takes; of too many, the first, and one that says so. */
export function boundTags(tags: readonly string[]): string[] {
  if (tags.length <= LIMITS.maxTags) return tags.map(boundLabel);
  const kept = LIMITS.maxTags - 1;
  return [...tags.slice(0, kept).map(boundLabel), `…[cut: ${kept} of ${tags.length} tags]`];
}
