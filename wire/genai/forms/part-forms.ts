/**
 * Parts of messages as frameworks name and nest them, in the form that `provider/parts.ts` reads. A new
 * form is a word or a field more in these tables.
 */
import { isList, text } from '../../json.ts';
import type { JsonObject, JsonValue } from '../../records.ts';
import { isObject } from '../../values.ts';
import { isPartType } from '../provider/parts.ts';
import { fieldsOf } from './aliases.ts';
import { openParts, openValue } from './open-value.ts';
import { CLASS } from './python-repr.ts';

type PartKind = 'text' | 'call' | 'result' | 'thought';

function wordsOf(kinds: { readonly [K in PartKind]: string }): ReadonlyMap<string, PartKind> {
  return new Map(
    Object.entries(kinds).flatMap(([kind, words]) =>
      words.split(' ').map((word): [string, PartKind] => [word, kind as PartKind]),
    ),
  );
}

/** Types of parts beside those that providers use. */
const TYPES = /* @__PURE__ */ wordsOf({
  text: 'TextBlock TextContent TextPart plain message_text refusal',
  call: 'ToolCallBlock FunctionCall ToolCall ChatCompletionMessageToolCall toolCall toolRequest tool_calls toolcall function custom_tool_call ToolCallPart server_tool_call',
  result:
    'tool-return retry-prompt ToolReturnPart function_result FunctionExecutionResult toolResponse tool_call_result custom_tool_call_output',
  thought: 'ThinkingBlock ThinkingPart text_reasoning reasoning_content redacted_thinking thought',
});

/** Parts whose only telling member is their kind, with the content inside. */
const HOLDERS: ReadonlyMap<string, PartKind> = /* @__PURE__ */ new Map([
  ['tool_call', 'call'],
  ['toolRequest', 'call'],
  ['tool_use', 'call'],
  ['toolResponse', 'result'],
  ['tool_result', 'result'],
  ['tool_call_result', 'result'],
]);

/** The members of parts, by any name. */
const readPart = /* @__PURE__ */ fieldsOf({
  id: 'call_id callId toolCallId tool_call_id toolUseId tool_use_id id ref origin.id',
  name: 'name toolName tool_name function.name tool_call_name recipient_name origin.tool_name',
  args: 'arguments args input function.arguments parameters tool_kwargs tool_call_arguments',
  result: 'response result output content outputs',
  said: 'text content refusal',
  thought:
    'summary thinking content text reasoning reasoning_text.text reasoning_content.text reasoningText thought',
});

type PartFields = ReturnType<typeof readPart>;

/** The word that says what a part is. */
function typeOf(part: JsonObject): string | null {
  return (
    text(part.type) ??
    text(part.part_kind) ??
    text(part.block_type) ??
    text(part.kind) ??
    text(part[CLASS])
  );
}

/** Whether a value is a part: of a provider, or in the form of a framework. */
export function isAnyPart(value: JsonValue | undefined): boolean {
  if (!isObject(value)) return false;
  const type = typeOf(value);
  if (type !== null) return isPartType(type) || TYPES.has(type);
  for (const key in value) if (HOLDERS.has(key) || UNTYPED.test(key)) return true;
  return false;
}

/** The members that state the kind of a part of Gemini or Bedrock, which have no type. */
const UNTYPED =
  /^(text|message_content|(function|tool)_?(Call|Use|Response|Result|call|use|response|result)|(inline|file)_?[Dd]ata|reasoning_?[Cc]ontent|image|document|media|reasoning)$/;

/** A part in a form that `provider/parts.ts` reads; a part in one of its forms is returned as it is. */
export function plainPart(value: JsonValue): JsonValue {
  if (!isObject(value)) return value;
  if (isObject(value.message_content)) return plainPart(value.message_content);
  const type = typeOf(value);
  const isTyped = type !== null && type === value.type && isPartType(type);
  if (isTyped && type !== 'tool_call') return withOpenText(value, type);
  const kind = type === null ? undefined : (TYPES.get(type) ?? kindOfPart(type));
  if (kind !== undefined && !isObject(value[type ?? ''])) return partOf(kind, value);
  for (const key in value) {
    const held = value[key];
    const inner = HOLDERS.get(key);
    if (inner !== undefined && isObject(held)) return partOf(inner, held);
  }
  if (kind !== undefined) return partOf(kind, value);
  if (isObject(value.metadata) && value.metadata.thought === true) return partOf('thought', value);
  if (text(value.reasoning) !== null && type === null) return partOf('thought', value);
  if (type !== null) return value;
  const { name, args } = readPart(value);
  return text(name) !== null && args !== undefined ? partOf('call', value) : value;
}

function kindOfPart(type: string): PartKind | undefined {
  if (type === 'text') return 'text';
  if (type === 'thinking' || type === 'reasoning') return 'thought';
  return type === 'tool_call' || type === 'tool-call' ? 'call' : undefined;
}

/** Some write a whole part, or the list of thoughts, as JSON into the text of one. */
function withOpenText(part: JsonObject, type: string): JsonValue {
  const said = part.text ?? part.content;
  if (type === 'reasoning') {
    return typeof said === 'string' && said.startsWith('[{') ? partOf('thought', part) : part;
  }
  if (type === 'tool_use' && text(part.name) === null && part.id == null) return null;
  if (type === 'tool_call_response') return { ...part, response: joinedTexts(part.response) };
  if (type !== 'text') return part;
  if (isObject(said)) return plainPart(said);
  if (typeof said !== 'string' || !said.startsWith('{"')) return part;
  const opened = openParts(said);
  return isObject(opened) && isPartType(opened.type) && opened.type !== 'text' ? opened : part;
}

/** Bedrock's texts without a type, as one text. */
function joinedTexts(value: JsonValue | undefined): JsonValue {
  if (!isList(value) || value.length === 0) return value ?? null;
  const texts = value.map((part) =>
    isObject(part) && Object.keys(part).length === 1 ? text(part.text) : null,
  );
  return texts.every((said) => said !== null) ? texts.join('\n') : value;
}

function partOf(kind: PartKind, part: JsonObject): JsonValue {
  if (kind === 'call') return plainCall(part);
  const fields = readPart(part);
  if (kind === 'text') return { type: 'text', text: fields.said ?? null };
  if (kind === 'thought') return { type: 'reasoning', content: thoughtOf(fields) };
  return {
    type: 'tool_call_response',
    id: idOf(fields),
    name: fields.name ?? null,
    response: fields.result ?? null,
    is_error: (part.is_error ?? part.isError ?? part.status === 'error') === true,
  };
}

function thoughtOf(fields: PartFields): JsonValue {
  const thought = openParts(fields.thought);
  if (isObject(thought)) return thought.text ?? null;
  if (isList(thought) && thought.every(isObject)) {
    return thought.map((piece) => text(piece.text) ?? '').join('\n');
  }
  return isList(thought) && thought.every((piece) => typeof piece === 'string')
    ? thought.join('\n')
    : (thought ?? null);
}

function idOf({ id }: PartFields): JsonValue {
  return typeof id === 'number' ? String(id) : (id ?? null);
}

/** A call as a part, from an entry of any list of calls. */
export function plainCall(value: JsonValue): JsonObject {
  const opened = openValue(value);
  const entry = isObject(opened) ? opened : {};
  const call = isObject(entry.tool_call) ? entry.tool_call : entry;
  const called = openValue(call.function);
  const named: JsonObject = isObject(called) ? { ...call, function: called } : call;
  const fields = readPart(named);
  return {
    type: 'tool_call',
    id: idOf(fields),
    name: fields.name ?? null,
    arguments: openValue(fields.args) ?? null,
  };
}

/** The parts of a list, or of its JSON text; undefined for any other text, which is what somebody said. */
export function partsIn(content: string): readonly JsonValue[] | undefined {
  const first = content.charCodeAt(0);
  if (first !== 0x5b && first !== 0x7b) return undefined;
  const opened = openValue(content);
  const list = isList(opened) ? opened : [opened ?? null];
  return list.length > 0 && list.every(isTold) ? list : undefined;
}

/** Whether a value is a part that states its kind by more than a text. */
function isTold(value: JsonValue): boolean {
  return isObject(value) && isAnyPart(value) && (typeOf(value) !== null || onlyKey(value));
}

function onlyKey(value: JsonObject): boolean {
  return Object.keys(value).length === 1;
}
