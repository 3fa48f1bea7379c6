/** What a tool was given and gave, without the wrappers that frameworks put around both. */
import { isList, text } from '../../json.ts';
import type { JsonObject, JsonValue } from '../../records.ts';
import { isObject } from '../../values.ts';
import { plainOutput } from '../provider/tool-output.ts';
import { roleWord } from './message-forms.ts';
import { firstOf, openValue, valueAt } from './open-value.ts';
import { CLASS } from './python-repr.ts';

interface Wrapper {
  /** Where the value is, best first. */
  inside: readonly string[];
  /** All members that such a wrapper may have: an object with any other is a value itself. */
  members: ReadonlySet<string>;
}

function wrapper(inside: string, beside: string): Wrapper {
  const names = inside.split(' ');
  return {
    inside: names,
    members: new Set([...names.map((name) => name.split('.')[0] as string), ...beside.split(' ')]),
  };
}

const ARGUMENT_WRAPPERS: readonly Wrapper[] = /* @__PURE__ */ (() => [
  wrapper(
    'inputs arguments input kwargs args tool_args tool_input parameters',
    'options name tool_name toolName input_str tags metadata id type tool_call_id call_id run_id run_manager sanitize_inputs_outputs config context ctx tool_context method params color tool_call function',
  ),
  wrapper('params request.params', 'method jsonrpc id root'),
])();

const RESULT_WRAPPER: Wrapper = /* @__PURE__ */ wrapper(
  'output result response content responseData return_value raw_output value tool_output',
  'id name tool_call_id type role status artifact isError is_error meta _meta structuredContent structured_content annotations kwargs additional_kwargs response_metadata raw_input tool_name blocks call_id callId tags exception_info success object usage_metadata example tool_calls invalid_tool_calls',
);

const MAX_DEPTH = 6;

function isWrapped(value: JsonObject, { members }: Wrapper): boolean {
  for (const key in value) if (key !== CLASS && !members.has(key)) return false;
  return true;
}

const isEmpty = (value: JsonObject): boolean => Object.keys(value).length === 0;

/** The arguments of a tool, out of `{args, kwargs}`, `{input, options}`, `{name, arguments}` and the like. */
export function plainArguments(value: JsonValue | undefined, depth = 0): JsonValue {
  const opened = openValue(value);
  const only = isList(opened) && opened.length === 1 && depth === 0 ? opened[0] : undefined;
  const given = isObject(only) ? only : opened;
  if (!isObject(given) || depth > MAX_DEPTH) return given ?? null;
  // Gemini CLI: `{callId, name, args, …}`
  const isCall =
    typeof given.name === 'string' &&
    text(firstOf(given, ['callId', 'call_id', 'tool_call_id'])) !== null;
  if (isCall && isObject(openValue(given.args))) return plainArguments(given.args, depth + 1);
  for (const each of ARGUMENT_WRAPPERS) {
    if (isEmpty(given) || !isWrapped(given, each)) continue;
    const inner = argumentsIn(given, each, depth);
    if (inner !== undefined) return inner;
  }
  return isList(given.args) ? fromPositions(given, given.args) : withoutClass(given);
}

function argumentsIn(given: JsonObject, { inside }: Wrapper, depth: number): JsonValue | undefined {
  const size = Object.keys(given).length;
  for (const name of inside) {
    const held = openValue(valueAt(given, name));
    if (isObject(held)) {
      if (!isEmpty(held)) {
        if (name === 'args' && !(size > 1 || depth > 0)) continue;
        return size > 1 || isWrapperName(name) ? plainArguments(held, depth + 1) : undefined;
      }
      const hasPositions = isList(given.args) && given.args.length > 0;
      const hasOthers = inside.some((other) => other !== name && isFilled(openValue(given[other])));
      if (!hasPositions && !hasOthers && (size > 1 || name === 'kwargs')) return held;
    } else if (isList(held) && held.length === 1 && name !== 'arguments') {
      const first = openValue(held[0]);
      if (isObject(first)) return plainArguments(first, depth + 1);
      if (name === 'args' && first !== undefined) return [first];
    } else if (typeof held === 'string' && name === 'inputs') return held;
  }
  return undefined;
}

/** Names that no tool gives to its only argument. */
const isWrapperName = (name: string): boolean =>
  /^(kwargs|inputs|arguments|tool_args|tool_input|input|params|request\.params)$/.test(name);

const isFilled = (value: JsonValue | undefined): boolean => isObject(value) && !isEmpty(value);

/** Positional arguments stay a list, where the names are unknown. */
function fromPositions(given: JsonObject, args: readonly JsonValue[]): JsonValue {
  const kwargs = openValue(given.kwargs);
  const { args: _, ...rest } = given;
  if (args.length > 0)
    return kwargs === undefined || !isFilled(kwargs)
      ? Object.keys(given).every((key) => key === 'args' || key === 'kwargs')
        ? args
        : given
      : given;
  return isEmpty(rest) ? {} : rest;
}

function withoutClass(value: JsonObject): JsonValue {
  if (value[CLASS] === undefined) return value;
  const { [CLASS]: _, ...fields } = value;
  return fields;
}

const TEXT_FIELDS = /* @__PURE__ */ new Set(
  /* @__PURE__ */ `type text annotations meta _meta block_type cache_control id ${CLASS}`.split(
    ' ',
  ),
);

function isTextPart(part: JsonValue): boolean {
  if (!isObject(part) || typeof part.text !== 'string') return false;
  const type = part.type ?? part.block_type ?? 'text';
  return type === 'text' && Object.keys(part).every((key) => TEXT_FIELDS.has(key));
}

/**
 * The result of a tool, out of messages, MCP's content, Bedrock's `[{json}]`, and the like. A field for
 * results has no wrappers of one member: `{result}` is what the tool returned.
 */
export function plainResult(value: JsonValue | undefined, depth = 0, isField = false): JsonValue {
  const given = openValue(value);
  if (given === undefined || given === null || depth > MAX_DEPTH) return given ?? null;
  if (isList(given)) return resultOfList(given, depth);
  if (!isObject(given)) return given;
  if (given.lc !== undefined && isObject(given.kwargs)) return plainResult(given.kwargs, depth + 1);
  if (roleWord(given.type) !== null && isObject(given.data))
    return plainResult(given.data, depth + 1);
  // A message of LangChain that answers a call.
  if (typeof given.tool_call_id === 'string' && given.response_metadata !== undefined) {
    if (given.content !== undefined) return plainResult(given.content, depth + 1);
  }
  // Gemini CLI, and commands of LangGraph that update the state.
  const part =
    valueAt(given, 'response.responseParts.0.functionResponse.response') ??
    valueAt(given, 'responseParts.0.functionResponse.response');
  if (part !== undefined) return plainResult(part, depth + 1);
  const update = valueAt(given, 'update.messages.-1');
  if (update !== undefined) return plainResult(update, depth + 1);
  if (isWrapped(given, RESULT_WRAPPER)) {
    const size = Object.keys(given).length;
    for (const name of RESULT_WRAPPER.inside) {
      const held = given[name];
      if (held === undefined || held === null || (size === 1 && (isField || name === 'value')))
        continue;
      return plainResult(held, depth + 1);
    }
  }
  return isObject(given.json) && Object.keys(given).length === 1
    ? given.json
    : withoutClass(asOutput(given));
}

function asOutput(given: JsonObject): JsonObject {
  const output = plainOutput(given);
  return isObject(output) ? output : given;
}

function resultOfList(list: readonly JsonValue[], depth: number): JsonValue {
  const [first, second] = list;
  if (list.length === 2 && typeof first === 'boolean' && isObject(second))
    return plainResult(second, depth + 1);
  if (list.length > 0 && list.every(isTextPart)) {
    return (
      openValue(list.map((part) => (isObject(part) ? text(part.text) : null) ?? '').join('\n')) ??
      null
    );
  }
  if (list.length === 1 && isObject(first)) {
    if (first.json !== undefined && Object.keys(first).length === 1)
      return plainResult(first.json, depth + 1);
    if (first.type === 'tool_result') return plainResult(first.content, depth + 1);
    const message = innerMessage(first);
    if (message !== null) return plainResult(message, depth + 1);
  }
  return plainOutput(list);
}

function innerMessage(value: JsonObject): JsonObject | null {
  const isTool = roleWord(value.role) === 'tool' || roleWord(value.type) === 'tool';
  return isTool ? value : null;
}

const CALL_IDS =
  /* @__PURE__ */ 'tool_call_id kwargs.tool_call_id output.tool_call_id output.kwargs.tool_call_id data.tool_call_id tool_call.id toolCallId callId call_id update.messages.-1.tool_call_id output.update.messages.-1.kwargs.tool_call_id'.split(
    ' ',
  );
const NAMES = /* @__PURE__ */ 'name kwargs.name output.name output.kwargs.name data.name'.split(
  ' ',
);

/** The call that the message of a tool answers, and the name of the tool, where they are stated. */
export function calledBy(value: JsonValue | undefined): { id: string | null; name: string | null } {
  const opened = openValue(value);
  const message = isList(opened) ? openValue(opened[0]) : opened;
  if (!isObject(message)) return { id: null, name: null };
  const id = text(firstOf(message, CALL_IDS));
  return { id, name: id === null ? null : text(firstOf(message, NAMES)) };
}

/** Whether a value describes the arguments of a tool rather than having some. */
export function isSchema(value: JsonValue | undefined): boolean {
  if (!isObject(value)) return false;
  if (value.type === 'object' && isObject(value.properties)) return true;
  const fields = Object.values(value);
  return (
    fields.length > 0 &&
    fields.every(
      (field) => isObject(field) && typeof field.type === 'string' && 'description' in field,
    )
  );
}
