/** Responses in the background, and batches: each lookup returns the usage again. */

import { shared } from '../platform/shared.ts';
import { fieldOf } from '../platform/values.ts';
import type { Reply } from './model.ts';

const MAX_IDS = 1_000;

const counted: Set<string> = shared('background', () => new Set());

/** Removes the usage from a reply that is looked up, if it was recorded before. */
export function countOnce(result: unknown, { completions: [first] }: Reply): void {
  const id = first?.responseId;
  const isRepeated =
    fieldOf(result, 'background') === true ||
    fieldOf(result, 'object') === 'batch' ||
    fieldOf(result, 'batch_results') !== undefined;
  if (!first?.usage || !id || !isRepeated) return;
  if (counted.has(id)) first.usage = null;
  for (const oldest of counted) if (counted.size >= MAX_IDS) counted.delete(oldest);
  counted.add(id);
}
