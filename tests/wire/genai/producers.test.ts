/** What real producers send is read, whoever they are; and so is one that the tables do not know. */
import { describe, expect, it } from 'vitest';
import type { Producer } from '../../../wire/genai/sources/producer.ts';
import { PRODUCERS } from '../../../wire/genai/sources/producers.ts';
import { SourceIndex } from '../../../wire/genai/sources/source-index.ts';
import { GROUPS, judge, loadCases, type ProducerCase } from '../support/producer-case.ts';

const CASES = GROUPS.flatMap(loadCases);

/**
 * The least share of the expected values, in percent. What is missing only other spans or records say;
 * raise a floor when it can be.
 */
const FLOORS: { readonly [group: string]: number } = {
  'frameworks.json': 99,
  'gateways.json': 98,
  'java-go-rust.json': 99,
  'langfuse-and-langsmith.json': 99,
  'openinference-agents.json': 99,
  'openinference.json': 99,
  'openllmetry-and-opentelemetry.json': 99,
  'written-from-sources.json': 99,
};

/** The least share for a producer whose rows are taken out of the tables. */
const UNSEEN = 90;

interface Share {
  percent: number;
  wrong: string[];
}

function shareOf(cases: readonly ProducerCase[], sources?: SourceIndex): Share {
  const judged = cases.flatMap((one) =>
    judge(one, sources).map((value) => ({ ...value, what: `${one.id}: ${value.what}` })),
  );
  const wrong = judged.filter(({ isRight }) => !isRight).map(({ what }) => what);
  return { percent: 100 * (1 - wrong.length / judged.length), wrong };
}

describe('of what producers send', () => {
  it.each(GROUPS)('at least the floor is read: %s', (group) => {
    const { percent, wrong } = shareOf(CASES.filter((one) => one.group === group));
    expect(percent, wrong.join('\n')).toBeGreaterThanOrEqual(FLOORS[group] ?? 100);
  });
});

/** Keys that spans of a producer have. */
function isOf({ rows }: Producer): (key: string) => boolean {
  const keys = rows.flatMap(([, , sources]) =>
    sources.split(' ').flatMap((source) => source.split('#', 1)[0] || []),
  );
  return (key) =>
    keys.some((own) => key === own || key.startsWith(own.endsWith('.') ? own : `${own}.0`));
}

/** The conventions are what a producer that nobody has seen is expected to follow. */
const UNKNOWABLE = 'genai-conventions';

describe('a producer that nobody has seen', () => {
  const producers = PRODUCERS.filter(({ name }) => name !== UNKNOWABLE).flatMap((producer) => {
    const isKey = isOf(producer);
    const cases = CASES.filter(({ spans }) =>
      spans.some(({ attributes }) => Object.keys(attributes).some(isKey)),
    );
    return cases.length > 0 ? [{ name: producer.name, producer, cases }] : [];
  });

  it.each(producers)('is read by the last words of its keys: $name', ({ producer, cases }) => {
    const others = new SourceIndex(PRODUCERS.filter((each) => each !== producer));
    const { percent, wrong } = shareOf(cases, others);
    expect(percent, wrong.join('\n')).toBeGreaterThanOrEqual(UNSEEN);
  });
});
