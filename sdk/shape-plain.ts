/**
 * The plain reply of the documentation, `{content, usage?, tool_used?, model?}`, and a bare text.
 *
 * Many functions return an object with `content`, so this counts as an LLM call only when the caller
 * says so or when an argument is a list of messages.
 */
import { type CallHints, type Reply, ToolCall } from './llm-facts.ts';
import { fieldOf, textOf } from './objects.ts';
import { readCompletion } from './shape-messages.ts';
import { readUsage } from './shape-usage.ts';

export function readPlain(result: unknown, hints: CallHints): Reply | undefined {
  if (typeof result === 'string') {
    const completions = [readCompletion({ content: result }, null, null, hints)];
    return hints.isDeclared ? { completions, tools: null } : undefined;
  }
  if (!hints.isDeclared && !hints.hasMessages) return undefined;
  const content = fieldOf(result, 'content');
  const role = fieldOf(result, 'role');
  if (typeof content !== 'string' && content !== null) return undefined;
  // `messages.at(-1)` is a message of somebody else, not a reply.
  if (role !== undefined && role !== 'assistant') return undefined;
  const completion = readCompletion(result, result, result, hints);
  completion.usage = readUsage(fieldOf(result, 'usage'));
  return { completions: [completion], tools: readToolUsed(fieldOf(result, 'tool_used')) };
}

/** `'get_weather'`, `{name, arguments}`, or a list of either. */
function readToolUsed(used: unknown): ToolCall[] | null {
  const tools = (Array.isArray(used) ? used : [used]).flatMap((tool) => {
    if (typeof tool === 'string' && tool !== '') return [new ToolCall(null, tool, null)];
    const name = textOf(fieldOf(tool, 'name'));
    return name === null
      ? []
      : [new ToolCall(fieldOf(tool, 'id'), name, fieldOf(tool, 'arguments'))];
  });
  return tools.length === 0 ? null : tools;
}
