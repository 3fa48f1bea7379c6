/** What the result of a tool's function says of it. */

import { isFailed } from '../../wire/genai/provider/tool-calls.ts';
import type { JsonObject } from '../../wire/records.ts';
import { fieldOf, hasFields, isList, textOf } from '../platform/values.ts';

/** Whether a tool's result says that the tool failed: Anthropic, MCP, Bedrock, LangChain, Vercel. */
export function isFailedResult(result: unknown): boolean {
  if (!hasFields(result)) return false;
  const { status, toolUseId, tool_call_id, type } = result;
  // A program's own result may have a status of this name.
  const isOther = status === 'error' && (toolUseId ?? tool_call_id ?? type) === undefined;
  return !isOther && isFailed(result as JsonObject);
}

/** The text of a failed result: of its content, or of its parts. */
export function textOfResult(result: unknown): string | null {
  const content = fieldOf(result, 'content');
  if (!isList(content)) return textOf(content);
  return textOf(content.map((part) => textOf(fieldOf(part, 'text')) ?? '').join('\n'));
}
