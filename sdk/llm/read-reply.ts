/** A reply put together: usage belongs to the call and stands on choice 0 only. */
import type { Completion, Reply, ToolCall } from './model.ts';
import { readUsage } from './usage.ts';

export function replyOf(
  completions: Completion[],
  usage: unknown,
  tools: ToolCall[] | null = null,
): Reply {
  (completions[0] as Completion).usage = readUsage(usage);
  return { completions, tools, kind: 'llm' };
}
