/** What the span of a tool says that it gave back. LangChain's tools answer with a message. */
import type { JsonValue } from '../../records.ts';
import { isObject, type JsonObject, openOrNull, text } from '../provider/json.ts';
import { plainOutput } from '../provider/parts.ts';

export interface ToolAnswer {
  output: JsonValue;
  /** The call that the message answers, and what was called. */
  id: string | null;
  name: string | null;
}

export function toolAnswer(value: JsonValue | undefined): ToolAnswer {
  const message = messageIn(value) ?? messageIn(isObject(value) ? value.output : undefined);
  if (message === null) return { output: openOrNull(plainOutput(value)), id: null, name: null };
  return {
    output: openOrNull(plainOutput(message.content)),
    id: text(message.tool_call_id),
    name: text(message.name),
  };
}

/** `{lc, kwargs: {content, tool_call_id}}`, or the fields themselves. */
function messageIn(value: JsonValue | undefined): JsonObject | null {
  if (!isObject(value)) return null;
  const message = isObject(value.kwargs) ? value.kwargs : value;
  return typeof message.tool_call_id === 'string' && message.content !== undefined ? message : null;
}
