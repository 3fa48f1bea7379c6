/**
 * The agent, workflow and tool spans that OpenLLMetry (`traceloop.*`) and Laminar (`lmnr.*`) put
 * around model calls.
 */
import type { JsonValue } from '../records.ts';
import { isList, isObject, open, text } from './open-json.ts';
import type { Reading, SpanKind } from './reading.ts';
import type { Attributes } from './span.ts';

const KINDS = new Map<string, SpanKind>([
  ['workflow', 'chain'],
  ['task', 'span'],
  ['agent', 'agent'],
  ['tool', 'tool'],
  ['TOOL', 'tool'],
  ['LLM', 'llm'],
]);

/** The kind of span that a framework names; null when none does. */
export function frameworkKind(a: Attributes): SpanKind | null {
  const word = text(a['traceloop.span.kind']) ?? text(a['lmnr.span.type']);
  return word === null ? null : (KINDS.get(word) ?? 'span');
}

export function isFramework(a: Attributes): boolean {
  return (
    a['traceloop.span.kind'] !== undefined ||
    a['lmnr.span.type'] !== undefined ||
    a['lmnr.span.path'] !== undefined
  );
}

const CONSUMED = [
  'traceloop.entity.input',
  'traceloop.entity.output',
  'lmnr.span.input',
  'lmnr.span.output',
];

export function readFramework(a: Attributes): Reading {
  const kind = frameworkKind(a) ?? 'span';
  const input = open(a['traceloop.entity.input'] ?? a['lmnr.span.input']);
  const output = open(a['traceloop.entity.output'] ?? a['lmnr.span.output']);
  const reading: Reading = { kind, consumed: CONSUMED };
  if (input !== undefined) reading.input = input;
  if (output !== undefined) reading.output = output;
  if (kind === 'tool') {
    const args = argumentsOf(input);
    reading.input = args;
    reading.tool = {
      id: null,
      name: text(a['traceloop.entity.name']),
      arguments: args,
      output: output ?? null,
    };
  }
  return reading;
}

/** `{"args":[],"kwargs":{...}}` is the object a tool was called with, or the list of its arguments. */
function argumentsOf(input: JsonValue | undefined): JsonValue {
  if (!isObject(input)) return input ?? null;
  const { args, kwargs } = input;
  if (!isList(args) || !isObject(kwargs)) return input;
  if (args.length === 0) return kwargs;
  if (Object.keys(kwargs).length > 0) return input;
  return args.length === 1 && isObject(args[0]) ? args[0] : args;
}
