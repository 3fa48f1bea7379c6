/** Reads the arguments of a tool's function: which call it answers, and what the model passed to it. */

import { readCall } from '../../wire/genai/provider/tool-calls.ts';
import type { JsonObject } from '../../wire/records.ts';
import { isId } from '../../wire/values.ts';
import { attempt, type Fields, fieldOf, hasFields, isList, textOf } from '../platform/values.ts';

/** One run of a tool. */
export interface ToolRun {
  /** The id of the model's call; null when no argument has it. */
  readonly callId: string | null;
  /** What the model passed, as the arguments of the function. */
  readonly args: readonly unknown[];
}

/** Fields of a framework's argument that hold the id of the call: AI SDK, LangGraph, Mastra, Strands, ADK. */
const ID_KEYS = [
  'toolCallId',
  'tool_call_id',
  'toolUseId',
  'tool_use_id',
  'functionCallId',
] as const;
/** Fields of it that hold the call: OpenAI Agents, Anthropic, LangChain. */
const CALL_KEYS = ['toolCall', 'tool_call', 'toolUse', 'tool_use', 'functionCall'] as const;
/** Fields of it that hold such fields. */
const HOLDER_KEYS = ['details', 'configurable', 'metadata', 'agent', 'context', '_meta'] as const;

/**
 * Frameworks pass what the model passed first, and state of their own after it. A function that is called
 * with several values, as in `getWeather('Paris', 'C')`, keeps all of them.
 */
export function readToolRun(args: readonly unknown[]): ToolRun {
  return attempt(() => read(args)) ?? { callId: null, args };
}

function read(args: readonly unknown[]): ToolRun {
  const [first, ...others] = args;
  // The server of MCP passes nothing else to a tool without arguments.
  if (hasFields(first) && isFrameworkState(first)) return { callId: idIn(first), args: [] };
  for (const other of others) {
    const callId = attempt(() => idIn(other)) ?? null;
    if (callId !== null) return { callId, args: [first] };
  }
  // The whole call, in the form of a provider: {id, function: {name, arguments}}
  if (args.length > 0 && isCall(first)) {
    const call = readCall(first as JsonObject);
    return { callId: usable(call.id), args: call.arguments === null ? [] : [call.arguments] };
  }
  const isFirstAlone =
    hasFields(first) && !isList(first) && others.every((other) => !isPlainValue(other));
  return { callId: null, args: isFirstAlone ? [first] : args };
}

const isPlainValue = (value: unknown): boolean =>
  value != null && !hasFields(value) && typeof value !== 'function';

/** The second argument of an MCP server's tools. */
const isFrameworkState = (value: Fields): boolean =>
  'signal' in value && 'sendNotification' in value && 'sendRequest' in value;

const isCall = (value: unknown): boolean => {
  if (!hasFields(value)) return false;
  const type = String(value.type ?? '');
  if (hasFields(value.function)) return 'id' in value && 'arguments' in value.function;
  return (
    /^(tool_use|tool[-_]call|function_call|custom_tool_call)$/.test(type) &&
    ('arguments' in value || 'input' in value || 'args' in value)
  );
};

function idIn(value: unknown, depth = 0): string | null {
  if (!hasFields(value)) return null;
  for (const key of ID_KEYS) {
    const id = usable(value[key]);
    if (id !== null) return id;
  }
  for (const key of CALL_KEYS) {
    const call = value[key];
    if (!hasFields(call)) continue;
    const id = usable(
      call.callId ?? call.call_id ?? call.toolCallId ?? fieldOf(call, 'toolUseId') ?? call.id,
    );
    if (id !== null) return id;
  }
  if (depth > 0) return null;
  for (const key of HOLDER_KEYS) {
    const id = idIn(value[key], depth + 1);
    if (id !== null) return id;
  }
  return null;
}

function usable(value: unknown): string | null {
  const id = textOf(value);
  return id !== null && isId(id) ? id : null;
}
