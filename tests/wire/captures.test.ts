import { afterAll, describe, expect, it } from 'vitest';
import type { OtelSpan } from '../../wire/genai/dialects/span.ts';
import { toRecords } from '../../wire/genai/index.ts';
import { logsToRecords } from '../../wire/genai/logs.ts';
import type { RecordLists } from '../../wire/records.ts';
import { CAPTURE_NAMES, loadCapture } from './support/capture.ts';
import { compare } from './support/compare.ts';
import { fold } from './support/fold.ts';

const table: string[] = [];

afterAll(() => {
  const head = ['capture'.padEnd(36), 'right', 'wrong', 'missing', 'extra'].join('  ');
  process.stdout.write(`\n${[head, ...table].join('\n')}\n`);
});

describe('captured telemetry', () => {
  it.each(CAPTURE_NAMES)('%s: every value is right and nothing is extra', (name) => {
    const capture = loadCapture(name);
    const rows = fold([toRecords(capture.spans), logsToRecords(capture.logs)]);
    const report = compare(capture, rows);
    const counts = (['right', 'wrong', 'missing', 'extra'] as const).map((state) =>
      String(report.count(state)).padStart(5),
    );
    table.push([name.padEnd(36), ...counts].join('  '));
    expect(report.faults).toEqual([]);
    expect(report.count('right')).toBeGreaterThan(40);
  });

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
    const unjoined = new Set(spans.map((span) => span.span_id));
    expect(sorted(knownAlone(alone, spans, unjoined))).toEqual(
      sorted(knownAlone(whole, spans, unjoined)),
    );
  });
});

/**
 * What one span shows by itself. Two things require another span in the same batch: that a tool span
 * without a call id ran a certain call, and that a span of Anthropic's SDK repeats its parent.
 */
function knownAlone(rows: RecordLists, spans: OtelSpan[], spanIds: Set<string>): RecordLists {
  const sdk = new Set(
    spans
      .filter((span) => span.scope_name === 'com.anthropic.sdk.typescript')
      .map((s) => s.span_id),
  );
  const runsWithoutId = rows.tools.some(({ id }) => spanIds.has(id));
  const joins = runsWithoutId || toolSpansWithoutId(spans);
  return {
    ...rows,
    prompts: rows.prompts.filter(({ span_id }) => !sdk.has(span_id)),
    completions: rows.completions
      .filter(({ span_id }) => !sdk.has(span_id))
      .map((row) =>
        sdk.size === 0
          ? row
          : { ...row, finish_reason: null, response_id: null, time_to_first_token_ms: null },
      ),
    tools: rows.tools
      .filter(({ id }) => !spanIds.has(id))
      .map(({ trace_id, id, name, arguments: args, ...rest }) => ({
        ...(joins ? {} : rest),
        trace_id,
        id,
        name,
        arguments: args,
      })),
  };
}

function toolSpansWithoutId(spans: OtelSpan[]): boolean {
  return spans.some((span) => toRecords([span]).tools.some(({ id }) => id === span.span_id));
}

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
