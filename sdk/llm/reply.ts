/** Builds the reply of a model from what a reader of one shape found. */

import { type Fields, fieldOf } from '../platform/values.ts';
import type { CallHints, Completion, Reply, ToolCall } from './model.ts';
import { readUsage } from './usage.ts';

/** Reads one shape of result; undefined when the result has another shape. */
export type ReadShape = (result: Fields, hints: CallHints) => Reply | undefined;

/** Usage is that of the whole call, and is recorded with the first completion. */
export function replyOf(
  completions: Completion[],
  usage: unknown,
  tools: ToolCall[] | null = null,
  kind: Reply['kind'] = 'llm',
): Reply {
  const [first] = completions;
  if (first) first.usage = readUsage(usage);
  const ran = completions.flatMap(({ serverCalls }) => serverCalls ?? []);
  const all = [...ran, ...(tools ?? [])];
  const cost = fieldOf(usage, 'cost');
  return {
    completions,
    tools: all.length === 0 ? null : all,
    kind,
    error: null,
    // OpenRouter reports what the call cost.
    attributes: typeof cost === 'number' ? { 'gen_ai.usage.cost': cost } : {},
  };
}
