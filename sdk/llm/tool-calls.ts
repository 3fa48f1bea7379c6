/** Tool calls and tool results of any provider, recognised by the type or the key of their part. */

import { type Fields, fieldOf, hasFields, isList, isText, textOf } from '../platform/values.ts';
import { snapshot } from '../serialize/snapshot.ts';
import { withoutBytes } from './media.ts';
import { ToolCall } from './model.ts';

/** Calls that the provider carries out itself: their part stays in the message. */
const SERVER_CALL =
  /^(server_tool_use|mcp_tool_use|(mcp|web_search|file_search|code_interpreter|image_generation)_call)$/;
const CALL = /^(tool_use|tool-call|\w+_call)$/;
const RESULT = /^(tool[-_]result|\w+_call_output)$/;
/** Results of calls that the provider carried out, in the same message. */
const SERVER_RESULT = /_tool_result$/;

/** The call in a part that the program has to carry out; undefined for any other part. */
export function callIn(part: Fields, type: string): unknown {
  const call = part.functionCall ?? part.toolUse;
  if (call != null) return call;
  return CALL.test(type) && !isServerCall(part, type) ? part : undefined;
}

/** The result of a call in a part of a request; undefined for any other part. */
export function resultIn(part: Fields, type: string): unknown {
  return part.functionResponse ?? part.toolResult ?? (RESULT.test(type) ? part : undefined);
}

const isServerCall = (part: Fields, type: string): boolean =>
  SERVER_CALL.test(type) || (CALL.test(type) && part.execution === 'server');

/** A tool call of any provider. */
export function readCall(call: unknown): ToolCall {
  const given = call as Fields;
  // `custom` is OpenAI's free-text tool; it has `input` in place of `arguments`.
  const called = (given.function ??
    given.custom ??
    given.functionCall ??
    given.toolUse ??
    given) as Fields;
  const type = String(given.type ?? '');
  const args = argumentsOf(called, type);
  const isFreeText = given.custom != null || type.startsWith('custom');
  return new ToolCall(
    given.call_id ?? given.callId ?? given.toolCallId ?? called.toolUseId ?? called.id ?? given.id,
    called.name ?? given.toolName ?? nameOf(type),
    // A model that passes no arguments means an empty object.
    (args == null || args === '') && !isFreeText ? {} : args,
  );
}

/** `computer_call` has no other name. */
const nameOf = (type: string): string | undefined =>
  /^\w+_call$/.test(type) && !/^(tool|function|custom_tool|mcp)_call$/.test(type)
    ? type.slice(0, -'_call'.length)
    : undefined;

/** Fields of a call that are not what it was called with. */
const NOT_ARGUMENTS = new Set(
  'type id call_id callId name status output outputs result results error execution server_label pending_safety_checks partial_json function custom toolName toolCallId toolUseId created_by'.split(
    ' ',
  ),
);

function argumentsOf(called: Fields, type: string): unknown {
  const { partial_json } = called;
  if (isText(partial_json) && partial_json !== '') return partial_json;
  const args = called.arguments ?? called.input ?? called.args ?? called.action ?? called.operation;
  if (args != null || nameOf(type) === undefined) return args;
  // `code_interpreter_call` has `code`, `file_search_call` has `queries`.
  return Object.fromEntries(Object.entries(called).filter(([key]) => !NOT_ARGUMENTS.has(key)));
}

/**
 * Reads a part that shows a tool run by the provider: its call into `into`, or its result into the
 * call that is known from an earlier part. Returns the part to keep; undefined for any other part.
 */
export function readServerTool(part: Fields, type: string, into: ToolCall[]): unknown {
  if (isServerCall(part, type)) {
    const call = readCall(part);
    const output = part.output ?? part.outputs ?? part.results ?? part.result;
    settle(call, output, part.error != null || part.status === 'failed');
    into.push(call);
    return withParsedInput(withoutBytes(part, type));
  }
  // Gemini: {executableCode}, then {codeExecutionResult}
  const { executableCode, codeExecutionResult } = part;
  if (executableCode != null) {
    into.push(new ToolCall(fieldOf(executableCode, 'id'), 'code_execution', executableCode));
    return part;
  }
  const ran = into.at(-1);
  if (codeExecutionResult != null) {
    const outcome = fieldOf(codeExecutionResult, 'outcome');
    const isFailed = isText(outcome) && !outcome.endsWith('_OK');
    if (ran) settle(ran, fieldOf(codeExecutionResult, 'output'), isFailed);
    return part;
  }
  if (!SERVER_RESULT.test(type)) return undefined;
  const call = into.find(({ id }) => id !== null && id === part.tool_use_id);
  const errorType = fieldOf(part.content, 'type');
  const isFailed = part.is_error === true || (isText(errorType) && errorType.endsWith('_error'));
  if (call) settle(call, part.content, isFailed);
  return withoutBytes(part, type);
}

function settle(call: ToolCall, output: unknown, isFailed: boolean): void {
  if (isFailed) call.isFailed = true;
  if (output == null) return;
  const items = isList(output) ? output.map((item) => withoutBytes(item, '')) : output;
  const plain = isText(items) ? withoutBytes({ result: items }, '') : items;
  call.output = snapshot(fieldOf(plain, 'result') ?? plain);
}

/** A streamed block has its input as JSON text. */
function withParsedInput(part: unknown): unknown {
  if (!hasFields(part) || part.partial_json === undefined) return part;
  const { partial_json, ...rest } = part;
  if (!isText(partial_json) || partial_json === '') return rest;
  try {
    return { ...rest, input: JSON.parse(partial_json) as unknown };
  } catch {
    return { ...rest, input: partial_json };
  }
}

/** Whether a tool's result says that the tool failed: Anthropic, MCP, Bedrock, LangChain, Vercel. */
export function isFailedResult(result: unknown): boolean {
  if (!hasFields(result)) return false;
  const kind = fieldOf(result.output, 'type');
  return (
    result.is_error === true ||
    result.isError === true ||
    (result.status === 'error' &&
      (result.toolUseId ?? result.tool_call_id ?? result.type) !== undefined) ||
    (isText(kind) && kind.startsWith('error'))
  );
}

/** The text of a failed result: of its content, or of its parts. */
export function textOfResult(result: unknown): string | null {
  const content = fieldOf(result, 'content');
  if (!isList(content)) return textOf(content);
  return textOf(content.map((part) => textOf(fieldOf(part, 'text')) ?? '').join('\n'));
}

/** `'get_weather'`, `{name, arguments}`, or a list of either. */
export function readToolUsed(used: unknown): ToolCall[] | null {
  const tools = (isList(used) ? used : [used]).flatMap((tool) => {
    if (isText(tool) && tool !== '') return [new ToolCall(null, tool, null)];
    return textOf(fieldOf(tool, 'name')) ? [readCall(tool)] : [];
  });
  return tools.length === 0 ? null : tools;
}
