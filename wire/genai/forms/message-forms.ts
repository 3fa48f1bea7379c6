/**
 * Messages out of what is around them (choices, generations, LangChain's dumps, flattened keys, objects
 * that Python printed), in the form that `provider/message.ts` reads.
 */
import { isList, text, textOf } from '../../json.ts';
import type { JsonObject, JsonValue } from '../../records.ts';
import { isObject } from '../../values.ts';
import { isPartType } from '../provider/parts.ts';
import { fieldsOf } from './aliases.ts';
import { listOf } from './indexed-keys.ts';
import { openValue } from './open-value.ts';
import { isAnyPart, partsIn, plainCall, plainPart } from './part-forms.ts';
import { CLASS } from './python-repr.ts';

const ROLES: ReadonlyMap<string, string> = /* @__PURE__ */ new Map(
  /* @__PURE__ */ Object.entries({
    user: 'human humanmessage humanmessagechunk',
    assistant: 'ai aimessage aimessagechunk model bot agent chatbot tool-call textmessage',
    system: 'systemmessage',
    tool: 'toolmessage function functionmessage tool-response tool_execution toolexecutionresult functionexecutionresultmessage',
  }).flatMap(([role, words]) => [
    [role, role],
    ...words.split(' ').map((word): [string, string] => [word, role]),
  ]) as [string, string][],
);

/** The role that a word, or an enum's member, names; null for any other word. */
export function roleWord(value: JsonValue | undefined): string | null {
  if (isObject(value)) return roleWord(value.value ?? value.role ?? value.label);
  if (typeof value !== 'string') return null;
  if (value === 'user' || value === 'assistant' || value === 'developer') return value;
  const word = value.toLowerCase();
  return ROLES.get(word.slice(word.lastIndexOf('.') + 1)) ?? null;
}

/** The members of messages, by any name. */
const readFields = /* @__PURE__ */ fieldsOf({
  content: 'content parts contents blocks text body ParsedContent',
  calls:
    'tool_calls toolCalls additional_kwargs.tool_calls toolCallRequests tool_call_requests function_call additional_kwargs.function_call functionCall',
  thought: 'reasoning_content reasoning thinking additional_kwargs.reasoning_content thought',
  answered:
    'tool_call_id toolCallId call_id tool_use_id additional_kwargs.tool_call_id properties.toolCallId id',
  responses: 'responses toolResponses',
  finish:
    'finish_reason finishReason stop_reason stopReason finish response_metadata.finish_reason response_metadata.stop_reason response_metadata.stopReason generation_info.finish_reason generationInfo.finish_reason metadata.finishReason meta.finish_reason properties.finishReason raw.choices.0.finish_reason',
});

const MAX_WRAPPERS = 6;

const PLAIN_ROLES = /* @__PURE__ */ new Set<JsonValue | undefined>([
  'user',
  'assistant',
  'system',
  'tool',
]);

/** Whether a message has nothing but a role, texts and results, which columns hold word for word. */
export function isPlain(value: JsonObject): boolean {
  const { content, parts } = value;
  if (!PLAIN_ROLES.has(value.role)) return false;
  for (const key in value) if (!PLAIN_FIELDS.has(key)) return false;
  if (typeof content === 'string') return parts === undefined && !isOpenable(content);
  return content === undefined && isList(parts) && parts.every(isPlainPart);
}

const PLAIN_FIELDS = /* @__PURE__ */ new Set(['role', 'content', 'parts', 'finish_reason']);

/** A text, or a call of a tool with all that the conventions say of it. */
function isPlainPart(part: JsonValue): boolean {
  if (!isObject(part)) return false;
  const { type, content } = part;
  if (type === 'text')
    return typeof content === 'string' && !content.startsWith('{') && hasOnly(part, TEXT_FIELDS);
  if (type === 'tool_call')
    return (
      typeof part.id === 'string' && typeof part.name === 'string' && hasOnly(part, CALL_FIELDS)
    );
  return (
    type === 'tool_call_response' &&
    typeof part.response === 'string' &&
    hasOnly(part, RESULT_FIELDS)
  );
}

const TEXT_FIELDS = /* @__PURE__ */ new Set(['type', 'content']);
const CALL_FIELDS = /* @__PURE__ */ new Set(['type', 'id', 'name', 'arguments']);
const RESULT_FIELDS = /* @__PURE__ */ new Set(['type', 'id', 'response']);

function hasOnly(value: JsonObject, fields: ReadonlySet<string>): boolean {
  for (const key in value) if (!fields.has(key)) return false;
  return true;
}

const isOpenable = (content: string): boolean => {
  const first = content.charCodeAt(0);
  return first === 0x5b || first === 0x7b;
};

/** Whether `provider/message.ts` reads a message as it is: that of a provider, or of the conventions. */
function isNative(value: JsonObject): boolean {
  const { role, content, parts, tool_calls } = value;
  if (!PLAIN_ROLES.has(role)) return false;
  for (const key in value) if (!NATIVE_FIELDS.has(key)) return false;
  if (isList(tool_calls) && !tool_calls.every(isNativeCall)) return false;
  if (parts !== undefined)
    return content === undefined && isList(parts) && parts.every(isNativePart);
  if (isList(content)) return content.every(isNativePart);
  if (typeof content === 'string')
    return !isOpenable(content) && content !== '""' && content !== 'null';
  return content === null && isList(tool_calls);
}

const NATIVE_FIELDS = /* @__PURE__ */ new Set(
  /* @__PURE__ */ 'role content parts finish_reason name tool_call_id tool_calls refusal annotations'.split(
    ' ',
  ),
);

function isNativeCall(call: JsonValue): boolean {
  if (!isObject(call) || typeof call.id !== 'string') return false;
  const called = call.function;
  return (
    isObject(called) && typeof called.name === 'string' && typeof called.arguments === 'string'
  );
}

const NATIVE_PARTS = /* @__PURE__ */ new Set<JsonValue | undefined>(
  /* @__PURE__ */ 'tool_result input_text output_text image_url input_image image thinking function_call function_call_output'.split(
    ' ',
  ),
);

function isNativePart(part: JsonValue): boolean {
  if (!isObject(part)) return false;
  if (part.type === 'tool_use') return typeof part.name === 'string';
  if (NATIVE_PARTS.has(part.type)) return true;
  if (part.type === 'tool_call_response') return !isList(part.response);
  const said = part.text ?? part.content;
  if (part.type === 'text') return typeof said === 'string' && !said.startsWith('{"');
  return part.type === 'tool_call' && isPlainPart(part);
}

/** One message in a form that `provider/message.ts` reads. */
export function plainMessage(value: JsonValue): JsonValue {
  const given = typeof value === 'string' ? openMessage(value) : value;
  if (!isObject(given) || isNative(given)) return given;
  const { message, role: stated, finish } = unwrap(given);
  if (message.role === undefined && stated === null && isPartType(message.type))
    return plainPart(message);
  if (message.role === 'thinking')
    return {
      role: 'assistant',
      reasoning_content: message.content ?? null,
      finish_reason: text(message.finish_reason),
    };
  // OpenLLMetry for Python writes a plain prompt under the role itself.
  if (typeof message.user === 'string' && message.content === undefined)
    return { role: 'user', content: message.user };
  const role = stated ?? roleOf(message);
  const fields = readFields(message);
  const calls = callsOf(message, fields.calls);
  const many = role === 'tool' && isList(fields.responses) ? fields.responses : null;
  const content = many === null ? contentOf(fields.content, role) : many.map(responsePart);
  const plain: { [field: string]: JsonValue } = {
    content: role === 'tool' ? textOr(content) : content,
    finish_reason: finish ?? text(fields.finish),
    name: nameOf(message),
  };
  if (role !== null) plain.role = role;
  if (calls !== null) plain.tool_calls = calls;
  if (role === 'tool') plain.tool_call_id = idOf(fields.answered);
  else if (fields.thought !== undefined) plain.reasoning_content = thoughtText(fields.thought);
  for (const field of KEPT) {
    const kept = message[field];
    if (kept !== null && kept !== undefined) plain[field] = kept;
  }
  if (message.status === 'error') plain.status = 'error';
  return plain;
}

/** Members that are read as they are. */
const KEPT = ['refusal', 'audio', 'images', 'annotations', 'reasoning_details'] as const;

/** A message that is JSON, or that Python printed; any other text is what was said. */
function openMessage(value: string): JsonValue {
  const opened = openValue(value);
  return isObject(opened) && isMessageLike(opened) ? opened : value;
}

function textOr(content: JsonValue): JsonValue {
  return isObject(content) && !isAnyPart(content) ? textOf(content) : content;
}

const idOf = (id: JsonValue | undefined): JsonValue =>
  typeof id === 'number' ? String(id) : (id ?? null);

function nameOf(message: JsonObject): JsonValue {
  const name = message.name ?? message.author_name;
  return typeof name === 'string' ? name : null;
}

function thoughtText(thought: JsonValue): JsonValue {
  const opened = openValue(thought) ?? null;
  const said = isObject(opened) ? (opened.text ?? opened.reasoning ?? null) : opened;
  return isList(said)
    ? said
        .map((piece) => (isObject(piece) ? (text(piece.text) ?? '') : (textOf(piece) ?? '')))
        .join('')
    : said;
}

interface Unwrapped {
  message: JsonObject;
  role: string | null;
  finish: string | null;
}

function unwrap(given: JsonObject): Unwrapped {
  let message = given;
  let role: string | null = null;
  let finish: string | null = null;
  for (let level = 0; level < MAX_WRAPPERS; level++) {
    const path = isList(message.id) ? message.id.at(-1) : message[CLASS];
    if (path !== undefined) role ??= roleWord(path);
    const inner = innerOf(message);
    if (inner === null) break;
    finish ??= text(readFields(message).finish);
    role ??= roleWord(message.role);
    message = inner;
  }
  return { message, role: role ?? roleWord(message.role), finish };
}

/** What a choice, a generation or a dump holds; null for a message itself. */
function innerOf(value: JsonObject): JsonObject | null {
  if (value.lc !== undefined || isList(value.id)) return objectOf(value.kwargs);
  if (typeof value.type === 'string' && isObject(value.data) && roleWord(value.type) !== null) {
    return { type: value.type, ...value.data };
  }
  if (isObject(value.message)) return value.message;
  if (value.role !== undefined)
    return isObject(value.content) && isGemini(value.content) ? value.content : null;
  const held =
    value.message ??
    value.generation ??
    value.prompt ??
    value.completion ??
    (value.content === undefined ? value.delta : undefined);
  const opened = typeof held === 'string' && Object.keys(value).length > 4 ? held : openValue(held);
  if (isObject(opened)) return opened;
  return isObject(value.content) && isGemini(value.content) ? value.content : null;
}

const isGemini = (content: JsonObject): boolean =>
  isList(content.parts) || content.role !== undefined;

function objectOf(value: JsonValue | undefined): JsonObject | null {
  const opened = openValue(value);
  return isObject(opened) ? opened : null;
}

/** The role that a message states, whatever it calls it; a word that we do not know is kept. */
function roleOf(message: JsonObject): string | null {
  return (
    roleWord(message.type) ??
    roleWord(message.message_type) ??
    text(message.role) ??
    roleWord(message.messageType) ??
    roleWord(message.source)
  );
}

function contentOf(content: JsonValue | undefined, role: string | null): JsonValue {
  if (typeof content === 'string') {
    return partsIn(content)?.map(plainPart) ?? (isNothing(content, role) ? null : content);
  }
  const list = isObject(content) && content[0] !== undefined ? listOf(content) : content;
  if (isList(list)) return list.map(plainPart).filter((part) => part !== null);
  return isObject(list) && isAnyPart(list) ? [plainPart(list)] : (list ?? null);
}

/** Empty content as JSON, beside tool calls. */
function isNothing(content: string, role: string | null): boolean {
  return role !== 'user' && (content === 'null' || content === '""' || content === '[]');
}

/** Spring AI: `{id, name, responseData}` */
function responsePart(response: JsonValue): JsonValue {
  const { id, name, responseData, ...rest } = isObject(response) ? response : {};
  return {
    type: 'tool_call_response',
    id: id ?? null,
    name: name ?? null,
    response:
      openValue(responseData ?? rest.response ?? rest.result ?? rest.output ?? null) ?? null,
  };
}

/** The first list of calls that is not empty. */
function callsOf(message: JsonObject, best: JsonValue | undefined): readonly JsonValue[] | null {
  if (best === undefined) return null;
  const { additional_kwargs } = message;
  const extra = isObject(additional_kwargs) ? additional_kwargs.tool_calls : undefined;
  for (const held of [best, extra]) {
    const opened = openValue(held);
    const list = isObject(opened) && opened[0] === undefined ? [opened] : listOf(opened);
    if (list.length > 0) return list.every(isNativeCall) ? list : list.map(plainCall);
  }
  return null;
}

/** Whether an object is a message, or holds one. */
export function isMessageLike(value: JsonValue | undefined): boolean {
  if (!isObject(value)) return false;
  return (
    typeof value.role === 'string' ||
    roleWord(value.role) !== null ||
    roleWord(value.type) !== null ||
    value.type === 'message' ||
    value.message !== undefined ||
    value.generation_info !== undefined ||
    isObject(value.prompt) ||
    isObject(value.completion) ||
    (isObject(value.kwargs) && isList(value.id)) ||
    isPartType(value.type) ||
    isList(value.parts) ||
    roleWord(value[CLASS]) !== null ||
    value.tool_calls !== undefined ||
    value.toolCalls !== undefined ||
    value.function_call !== undefined ||
    (typeof value.user === 'string' && value.content === undefined)
  );
}
