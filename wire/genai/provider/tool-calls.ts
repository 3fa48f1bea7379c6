/** Calls of tools of any provider: those that the program runs, and those that the provider ran itself. */

import { isList, parseJsonText, text, textOf } from '../../json.ts';
import { LIMITS } from '../../protocol.ts';
import type { JsonObject, JsonValue } from '../../records.ts';
import { isObject } from '../../values.ts';
import { mediaPart, withoutLongBytes } from './media.ts';
import { mediaOf } from './media-parts.ts';
import type { Part, ServerRun, ToolCall } from './model.ts';
import { plainOutput } from './tool-output.ts';

const CALL = /^(tool_use|tool-call|\w+_call)$/;
const SERVER_CALL =
  /^(server_tool_use|mcp_tool_use|(mcp|web_search|file_search|code_interpreter|image_generation)_call)$/;
/** Types whose name is not that of a tool, as in `computer_call`. */
const UNNAMED_CALL = /^(tool|function|custom_tool|mcp)_call$/;

/** Whether a part is a call that the program has to run. */
export function isCall(type: string, part?: JsonObject): boolean {
  return CALL.test(type) && !isServerCall(type, part);
}

/** Whether a part is a call that the provider ran: the part stays in the message. */
export function isServerCall(type: string, part?: JsonObject): boolean {
  return SERVER_CALL.test(type) || (CALL.test(type) && part?.execution === 'server');
}

/** Whether a part is the result of a call that the provider ran. */
export function isServerResult(type: string): boolean {
  return type.endsWith('_tool_result');
}

/** A call in the form of any provider: a part, an item, or an entry of `tool_calls`. */
export function readCall(given: JsonObject): ToolCall {
  const { function: fn, custom } = given;
  const called = isObject(fn) ? fn : isObject(custom) ? custom : given;
  const type = text(given.type) ?? '';
  // Where both are present, `id` is OpenAI's id of the item, which nothing refers to.
  const id = text(
    given.call_id ??
      given.callId ??
      given.toolCallId ??
      given.tool_call_id ??
      given.toolUseId ??
      given.id,
  );
  const name = text(called.name) ?? text(called.toolName) ?? nameOf(type);
  const args = argumentsOf(called, type);
  return typeof args === 'string' && args.charCodeAt(0) === BRACE
    ? new UnreadCall(id, name, args)
    : { id, name, arguments: openArguments(args) };
}

const BRACE = 0x7b;

/** A call whose arguments are parsed when they are read first; the SDK records their text. */
class UnreadCall implements ToolCall {
  readonly id: string | null;
  readonly name: string | null;
  readonly text: string;
  run?: ServerRun;
  #opened: JsonValue | undefined;

  constructor(id: string | null, name: string | null, text: string) {
    this.id = id;
    this.name = name;
    this.text = text;
  }

  get arguments(): JsonValue {
    this.#opened ??= openArguments(this.text);
    return this.#opened;
  }

  set arguments(value: JsonValue) {
    this.#opened = value;
  }
}

/** `computer_call` has no other name. */
function nameOf(type: string): string | null {
  return type.endsWith('_call') && !UNNAMED_CALL.test(type) ? type.slice(0, -'_call'.length) : null;
}

/** Fields of a call that are not what it was called with. */
const NOT_ARGUMENTS = /* @__PURE__ */ new Set(
  'type id call_id status output outputs result results error execution container_id created_by'.split(
    ' ',
  ),
);

function argumentsOf(called: JsonObject, type: string): JsonValue {
  const args =
    // A streamed block of Anthropic has its input as text.
    text(called.partial_json) ??
    called.arguments ??
    called.input ??
    called.args ??
    called.action ??
    called.operation;
  // A model that passes no arguments means an empty object.
  if (args === '' && called.input !== '') return {};
  if (args != null) return args;
  if (nameOf(type) === null) return null;
  // `code_interpreter_call` has `code`, `file_search_call` has `queries`.
  return Object.fromEntries(Object.entries(called).filter(([key]) => !NOT_ARGUMENTS.has(key)));
}

/** Arguments are usually JSON in a text; one that is longer than what is stored is not parsed. */
export function openArguments(args: JsonValue | undefined): JsonValue {
  const isLong = typeof args === 'string' && args.length > LIMITS.maxJsonBytes;
  return (isLong ? args : parseJsonText(args)) ?? null;
}

/** A call that the provider ran, with the result that some have in the same part. */
export function readServerCall(part: JsonObject, type: string): ToolCall {
  const call = readCall(part);
  const run = { output: null, failed: part.error != null || part.status === 'failed' };
  const media = mediaOf(part);
  const output = media ? mediaPart(media) : (part.output ?? part.outputs ?? part.results);
  call.arguments ??= type.endsWith('_call') ? {} : null;
  call.run = run;
  settle(call, output, run.failed);
  return call;
}

/** Adds the result of a call that the provider ran. */
export function settle(call: ToolCall, output: JsonValue | undefined, failed: boolean): void {
  const known = call.run;
  call.run = {
    output: openArguments(cleared(plainOutput(output))) ?? known?.output ?? null,
    failed: failed || known?.failed === true,
  };
}

const cleared = (output: JsonValue): JsonValue =>
  isList(output) ? output.map(withoutLongBytes) : withoutLongBytes(output);

/** The same for a part that refers to its call. */
export function settleCall(part: JsonObject, calls: readonly ToolCall[]): void {
  const call = calls.find(({ id, run }) => run && id !== null && id === part.tool_use_id);
  const { content } = part;
  const error = isObject(content) ? (text(content.type) ?? '') : '';
  if (call) settle(call, content, part.is_error === true || error.endsWith('_error'));
}

/** A part that shows a call of the provider, as it is stored. */
export function serverPart(part: JsonObject): Part {
  const { partial_json, ...rest } = part;
  if (partial_json === undefined) return compact(part);
  return compact({
    ...rest,
    input: text(partial_json) ? openArguments(partial_json) : (rest.input ?? null),
  });
}

/** A part without empty fields, which the sum of a stream does not have. */
function compact(part: JsonObject): Part {
  const fields = Object.entries(part).filter(([, value]) => value != null);
  return Object.fromEntries(fields);
}

/** Whether a result says that the tool failed: Anthropic, MCP, Bedrock, LangChain, Vercel. */
export function isFailed(result: JsonObject): boolean {
  const { output } = result;
  const kind = isObject(output) ? text(output.type) : null;
  return (
    result.is_error === true ||
    result.isError === true ||
    result.status === 'error' ||
    kind?.startsWith('error') === true
  );
}

/** `'get_weather'`, `{name, arguments}`, or a list of either. */
export function readToolUsed(used: JsonValue | undefined): ToolCall[] {
  return (isList(used) ? used : [used]).flatMap((tool) => {
    if (isObject(tool)) return text(tool.name) === null ? [] : [readCall(tool)];
    const name = text(textOf(tool));
    return name === null ? [] : [{ id: null, name, arguments: null }];
  });
}
