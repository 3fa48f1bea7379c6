import { describe, expect, it } from 'vitest';
import { createOutput } from '../../../cli/shell/output.ts';
import { widthOf } from '../../../cli/shell/terminal-text.ts';
import type { SpanRow, TraceRow } from '../../../cli/traces/trace-rows.ts';
import { drawTrace } from '../../../cli/traces/trace-tree.ts';

const TRACE: TraceRow = {
  is_running: false,
  id: 't',
  name: 'chat',
  session_id: null,
  user_id: null,
  service_name: null,
  mode: 'dev',
  status: 'ok',
  started_at: '2026-01-31T12:00:00.000000Z',
  ended_at: '2026-01-31T12:00:01.500000Z',
  span_count: 1,
  error_count: 0,
  total_tokens: 0,
};

function span(id: string, parent_id: string | null, more: Partial<SpanRow> = {}): SpanRow {
  return {
    id,
    parent_id,
    name: id,
    kind: 'span',
    status: 'ok',
    error: null,
    started_at: '2026-01-31T12:00:00.000000Z',
    ended_at: '2026-01-31T12:00:00.000500Z',
    ...more,
  };
}

function draw(spans: SpanRow[], columns = Number.POSITIVE_INFINITY, trace = TRACE): string[] {
  const out = createOutput(process.stdout, process.stderr, { colour: false, columns });
  return drawTrace({ trace: { ...trace, span_count: spans.length }, spans, usage: [] }, out);
}

describe('the tree', () => {
  it('shows children below their parents', () => {
    const lines = draw([span('a', null), span('b', 'a'), span('c', 'b'), span('d', 'a')]);
    expect(lines.slice(1)).toEqual([
      '   a  0.5 ms',
      '   ├─ b  0.5 ms',
      '   │  └─ c  0.5 ms',
      '   └─ d  0.5 ms',
    ]);
  });

  it('shows each span once when parents are missing or form a cycle', () => {
    const spans = [span('lost', 'gone'), span('x', 'y'), span('y', 'x'), span('self', 'self')];
    const shown = draw(spans)
      .slice(1)
      .map((line) => /(\w+) {2}/.exec(line)?.[1]);
    expect(shown.sort()).toEqual(['lost', 'self', 'x', 'y']);
  });

  it('draws ten thousand levels in lines no wider than the terminal', () => {
    const spans = Array.from({ length: 10_000 }, (_, i) =>
      span(`s${i}`, i === 0 ? null : `s${i - 1}`, { name: `step ${i} ${'世界'.repeat(40)}` }),
    );
    const lines = draw(spans, 80);
    expect(lines).toHaveLength(10_001);
    for (const line of lines) expect(widthOf(line)).toBeLessThanOrEqual(80);
    expect(lines.at(-1)).toContain('(9999)');
  });

  it('shows errors without their control characters', () => {
    const error = { type: 'RangeError', message: 'bad \u001b]0;owned\u0007\nforged line' };
    const [, line] = draw([span('a', null, { status: 'error', error })]);
    expect(line).toBe('   a  0.5 ms  RangeError: bad ␛]0;owned␇ forged line');
  });

  it('marks running traces and counts hidden spans', () => {
    const [head] = draw([], 80, { ...TRACE, name: null, status: null, is_running: true });
    expect(head).toMatch(/^… a trace {2}.*running/);
    const out = createOutput(process.stdout, process.stderr, { colour: false, columns: 80 });
    const lines = drawTrace({ trace: { ...TRACE, span_count: 7 }, spans: [], usage: [] }, out);
    expect(lines.at(-1)).toContain('7 more spans');
  });
});
