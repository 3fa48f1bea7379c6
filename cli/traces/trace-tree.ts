/** Renders a trace as lines: its spans as a tree with durations, models, tokens and errors. */
import type { Output } from '../shell/output.ts';
import { plain, truncate, widthOf } from '../shell/terminal-text.ts';
import type { SpanRow, TraceRow, TraceTree, UsageRow } from './trace-rows.ts';

/** Levels that are drawn as a tree; deeper spans show their depth as a number. */
const MAX_DRAWN_DEPTH = 12;
/** Columns of one text when the output is not a terminal. */
const MAX_TEXT = 300;

export function drawTrace({ trace, spans, usage }: TraceTree, out: Output): string[] {
  const usageOf = new Map(usage.map((row) => [row.span_id, row]));
  const lines = [headOf(trace, out)];
  for (const { span, depth, prefix } of walk(spans)) {
    lines.push(lineOf(span, usageOf.get(span.id), depth, prefix, out));
  }
  const hidden = trace.span_count - spans.length;
  if (hidden > 0) lines.push(`   … ${hidden} more spans (--spans)`);
  return lines;
}

function headOf(trace: TraceRow, { columns, style }: Output): string {
  const isRunning = trace.is_running;
  const isError = trace.status === 'error';
  const sign = isRunning ? style('yellow', '…') : isError ? style('red', '✘') : style('green', '✔');
  const facts = [
    clockTime(trace.started_at),
    isRunning ? 'running' : duration(trace),
    many(trace.span_count, 'span'),
    trace.error_count > 0 ? many(trace.error_count, 'error') : '',
    trace.total_tokens > 0 ? many(trace.total_tokens, 'token') : '',
    label(trace.service_name),
    trace.session_id ? `session ${label(trace.session_id)}` : '',
    trace.id,
  ];
  const name = truncate(label(trace.name) || 'a trace', Math.max(10, columns / 2));
  const rest = facts.map(label).filter(Boolean).join('  ');
  const room = columns - widthOf(name) - 4;
  return `${sign} ${style('bold', name)}  ${style('dim', truncate(rest, room))}`;
}

function lineOf(
  span: SpanRow,
  usage: UsageRow | undefined,
  depth: number,
  prefix: string,
  { columns, style }: Output,
): string {
  const isError = span.status === 'error';
  const tokens = usage && (usage.total_tokens ?? sum(usage.prompt_tokens, usage.completion_tokens));
  const facts = [
    span.kind && span.kind !== 'span' ? span.kind : '',
    duration(span),
    label(usage?.model),
    typeof tokens === 'number' ? many(tokens, 'token') : '',
  ];
  const lead = depth > MAX_DRAWN_DEPTH ? `${prefix}(${depth}) ` : prefix;
  const room = Math.max(12, columns - 3 - lead.length);
  const name = truncate(label(span.name) || span.id, Math.max(8, room / 2));
  const middle = truncate(facts.filter(Boolean).join('  '), room - widthOf(name) - 2);
  const left = room - widthOf(name) - widthOf(middle) - 4;
  const error = isError && left > 8 ? `  ${style('red', truncate(errorOf(span), left))}` : '';
  const shown = isError ? style('red', name) : name;
  return `   ${style('dim', lead)}${shown}  ${style('dim', middle)}${error}`;
}

/** The spans in tree order. Parents may be missing or form a cycle. */
function* walk(
  spans: readonly SpanRow[],
): Generator<{ span: SpanRow; depth: number; prefix: string }> {
  const ids = new Set(spans.map(({ id }) => id));
  const children = new Map<string | null, SpanRow[]>();
  for (const span of spans) {
    const parent = span.parent_id !== null && ids.has(span.parent_id) ? span.parent_id : null;
    const siblings = children.get(parent);
    if (siblings) siblings.push(span);
    else children.set(parent, [span]);
  }
  const seen = new Set<string>();
  const roots = children.get(null) ?? [];
  // Spans that no root leads to form a cycle, which starts at its earliest span.
  for (const root of [...roots, ...spans]) yield* below(root, children, seen);
}

/** Iterative, because a trace may be deeper than the call stack. */
function* below(
  root: SpanRow,
  children: ReadonlyMap<string | null, SpanRow[]>,
  seen: Set<string>,
): Generator<{ span: SpanRow; depth: number; prefix: string }> {
  const stack = [{ span: root, depth: 0, bars: '', branch: '' }];
  for (let entry = stack.pop(); entry; entry = stack.pop()) {
    const { span, depth, bars, branch } = entry;
    if (seen.has(span.id)) continue;
    seen.add(span.id);
    yield { span, depth, prefix: bars + branch };
    const own = (children.get(span.id) ?? []).filter(({ id }) => !seen.has(id));
    const isDrawn = depth > 0 && depth <= MAX_DRAWN_DEPTH;
    const inner = isDrawn ? bars + (branch === '└─ ' ? '   ' : '│  ') : bars;
    for (let i = own.length - 1; i >= 0; i--) {
      const child = own[i] as SpanRow;
      const branchOf = i === own.length - 1 ? '└─ ' : '├─ ';
      stack.push({ span: child, depth: depth + 1, bars: inner, branch: branchOf });
    }
  }
}

const label = (text: string | null | undefined): string => truncate(plain(text ?? ''), MAX_TEXT);

const many = (count: number, what: string): string =>
  `${count.toLocaleString('en-US')} ${what}${count === 1 ? '' : 's'}`;

const sum = (a: number | null, b: number | null): number | null =>
  a === null && b === null ? null : (a ?? 0) + (b ?? 0);

function errorOf({ error }: SpanRow): string {
  const { type, message } = (error ?? {}) as { type?: unknown; message?: unknown };
  const parts = [type, message].filter((part) => typeof part === 'string' && part !== '');
  return label(parts.length > 0 ? parts.join(': ') : 'error');
}

/** Time of day in the local time zone. */
function clockTime(at: string | null): string {
  const date = new Date(at ?? Number.NaN);
  return Number.isNaN(date.getTime()) ? '' : date.toTimeString().slice(0, 8);
}

export function duration(row: { started_at: string | null; ended_at: string | null }): string {
  if (row.started_at === null || row.ended_at === null) return '';
  const millis = microsOf(row.ended_at) / 1000 - microsOf(row.started_at) / 1000;
  if (!Number.isFinite(millis)) return '';
  if (millis < 1_000) return `${millis.toFixed(millis < 10 ? 1 : 0)} ms`;
  if (millis < 60_000) return `${(millis / 1_000).toFixed(1)} s`;
  const minutes = Math.floor(millis / 60_000);
  return `${minutes} min ${Math.floor((millis % 60_000) / 1_000)} s`;
}

/** Microseconds since 1970; Date alone stops at milliseconds. */
function microsOf(time: string): number {
  const fraction = /\.(\d+)/.exec(time)?.[1] ?? '';
  const seconds = Math.floor(Date.parse(time) / 1_000);
  return seconds * 1_000_000 + Number(fraction.padEnd(6, '0').slice(0, 6));
}
