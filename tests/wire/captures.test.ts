import { describe, expect, it } from 'vitest';
import { toRecords } from '../../wire/genai/index.ts';
import { logsToRecords } from '../../wire/genai/logs.ts';
import type { RecordLists } from '../../wire/records.ts';
import { CAPTURE_NAMES, loadCapture } from './support/capture.ts';
import { fold } from './support/fold.ts';

describe('captured telemetry', () => {
  it.each(CAPTURE_NAMES)('%s: makes the same rows when it is sent twice', (name) => {
    const { spans } = loadCapture(name);
    const once = fold([toRecords(spans)]);
    expect(sorted(fold([toRecords(spans), toRecords(spans)]))).toEqual(sorted(once));
    expect(sorted(fold([toRecords([...spans, ...spans])]))).toEqual(sorted(once));
  });

  it.each(CAPTURE_NAMES)('%s: makes the same rows in any order of its spans', (name) => {
    const { spans } = loadCapture(name);
    const once = sorted(fold([toRecords(spans)]));
    for (let seed = 1; seed <= 10; seed++) {
      expect(sorted(fold([toRecords(shuffled(spans, seed))]))).toEqual(once);
    }
  });

  it.each(CAPTURE_NAMES)('%s: makes the same rows with its logs before or after', (name) => {
    const { spans, logs } = loadCapture(name);
    const [ofSpans, ofLogs] = [toRecords(spans), logsToRecords(logs)];
    const once = sorted(fold([ofSpans, ofLogs]));
    expect(sorted(fold([ofLogs, ofSpans]))).toEqual(once);
    expect(sorted(fold([ofLogs, ofSpans, ofLogs]))).toEqual(once);
    const alone = spans.map((span) => toRecords([span]));
    const apart = spans.map(({ span_id }) =>
      logsToRecords(logs.filter((log) => log.span_id === span_id)),
    );
    expect(sorted(fold(apart.concat(alone)))).toEqual(sorted(fold(alone.concat(ofLogs))));
  });

  it.each(CAPTURE_NAMES)('%s: makes the same rows when each span is sent alone', (name) => {
    const { spans } = loadCapture(name);
    const whole = fold([toRecords(spans)]);
    const alone = fold(spans.map((span) => toRecords([span])));
    // The times of a session are those of the records that name it.
    expect(sorted({ ...alone, sessions: [] })).toEqual(sorted({ ...whole, sessions: [] }));
  });
});

function sorted(rows: RecordLists): { [name: string]: string[] } {
  return Object.fromEntries(
    Object.entries(rows).map(([name, list]) => [
      name,
      list
        .map((row) => JSON.stringify(row, Object.keys(row).sort().concat(keysWithin(row))))
        .sort(),
    ]),
  );
}

/** Sorted keys: a list of keys for JSON.stringify applies to every level. */
function keysWithin(value: unknown): string[] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) => [key, ...keysWithin(inner)]);
}

function shuffled<T>(list: readonly T[], seed: number): T[] {
  let state = seed;
  const next = () => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) & 0x7fffffff;
    return state;
  };
  return list
    .map((item) => [next(), item] as const)
    .sort(([a], [b]) => a - b)
    .map(([, item]) => item);
}
