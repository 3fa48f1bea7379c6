/** Nothing is read that is not stored: each leaf of a span stands in a column, or stays in the attributes. */
import { describe, expect, it } from 'vitest';
import { toRecords } from '../../../wire/genai/index.ts';
import { MASK } from '../../../wire/genai/sources/words.ts';
import type { JsonValue } from '../../../wire/records.ts';
import { missingIn } from '../support/leaves.ts';
import { GROUPS, loadCases } from '../support/producer-case.ts';

describe('what a span says is stored', () => {
  it.each(GROUPS)('of the cases in %s', (group) => {
    const missing = loadCases(group).flatMap(({ id, spans }) =>
      spans.flatMap((span) => {
        const sent = [span.attributes, span.events.map(({ attributes }) => attributes)];
        if (hidesTexts(sent)) return [];
        const rows = toRecords([span]) as unknown as JsonValue;
        return missingIn(rows, sent).map((leaf) => `${id} ${span.name}: ${JSON.stringify(leaf)}`);
      }),
    );
    expect(missing).toEqual([]);
  });
});

/** What a program hides in one place is not kept from another. */
function hidesTexts(value: JsonValue): boolean {
  if (typeof value === 'string') return MASK.test(value);
  return typeof value === 'object' && value !== null && Object.values(value).some(hidesTexts);
}
