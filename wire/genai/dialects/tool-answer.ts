/** The output of a tool from its span. LangChain's tools return a message. */

import { parseJsonTextOrNull, text } from '../../json.ts';
import type { JsonObject, JsonValue } from '../../records.ts';
import { isObject } from '../../values.ts';
import { plainOutput } from '../provider/tool-output.ts';

export interface ToolOutput {
  output: JsonValue;
  /** Id of the call that the message answers, and name of the tool. */
  id: string | null;
  name: string | null;
}

export function toolOutput(value: JsonValue | undefined): ToolOutput {
  const message = messageIn(value) ?? messageIn(isObject(value) ? value.output : undefined);
  if (message === null)
    return { output: parseJsonTextOrNull(plainOutput(value)), id: null, name: null };
  return {
    output: parseJsonTextOrNull(plainOutput(message.content)),
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
