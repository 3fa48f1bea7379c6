/**
 * The content of a message, part by part, of any provider: GenAI conventions, OpenAI (chat and
 * responses), Anthropic, Gemini, Bedrock Converse, Vercel AI SDK, LangChain.
 */

import { isList, parseJsonText, parseJsonTextOrNull, text, textOf } from '../../json.ts';
import type { JsonObject, JsonValue } from '../../records.ts';
import { isObject } from '../../values.ts';
import { type Media, mediaPart } from './media.ts';
import { isMediaType, mediaOf } from './media-parts.ts';
import type { Part, ToolCall, ToolResult } from './model.ts';
import { bedrockOutput, plainOutput, textOfPart } from './tool-output.ts';

/** The content of one message, collected from its parts. */
export interface Content {
  texts: string[];
  /** All parts in order, without tool results, which become messages of their own. */
  parts: Part[];
  calls: ToolCall[];
  callIds: Set<string> | null;
  results: ToolResult[];
}

/** Most parts that are read from one message. */
const MAX_PARTS = 4_000;

export function emptyContent(): Content {
  return { texts: [], parts: [], calls: [], callIds: null, results: [] };
}

/** Adds a message's content: a text, one part, or a list of parts. */
export function addContent(into: Content, content: JsonValue | undefined): void {
  if (!isList(content)) addPart(into, content);
  else {
    for (const part of content.slice(0, MAX_PARTS)) addPart(into, part);
    if (content.length > MAX_PARTS) {
      addText(into, `…[cut: ${MAX_PARTS} of ${content.length} parts]`);
    }
  }
}

/** Adds a text. `source` is the part or the message that holds it, with the sources that it cites. */
export function addText(
  into: Content,
  value: JsonValue | undefined,
  source: JsonObject = {},
): void {
  const content = text(value);
  if (content === null) return;
  into.texts.push(content);
  into.parts.push({ type: 'text', text: content, ...sourcesOf(source) });
}

function sourcesOf({ annotations, citations }: JsonObject): JsonObject {
  return {
    ...(isList(annotations) && annotations.length > 0 ? { annotations } : {}),
    ...(isList(citations) && citations.length > 0 ? { citations } : {}),
  };
}

/** Adds a tool call once: some instrumentations list it both among the parts and beside them. */
export function addCall(
  into: Content,
  id: JsonValue | undefined,
  name: JsonValue | undefined,
  args: JsonValue | undefined,
): void {
  const call: ToolCall = { id: text(id), name: text(name), arguments: parseJsonTextOrNull(args) };
  if (call.id !== null) {
    into.callIds ??= new Set();
    if (into.callIds.has(call.id)) return;
    into.callIds.add(call.id);
  }
  into.parts.push({ type: 'tool_call', ...call });
  if (!isRunTogether(call.arguments)) into.calls.push(call);
}

/**
 * `{...}{...}`: an instrumentation joined the parallel calls of a stream into one. It stays in the
 * message unchanged, but is not a tool call.
 */
function isRunTogether(args: JsonValue): boolean {
  return typeof args === 'string' && args.startsWith('{') && args.includes('}{');
}

function addResult(
  into: Content,
  id: JsonValue | undefined,
  name: JsonValue | undefined,
  output: JsonValue | undefined,
  failed = false,
): void {
  into.results.push({ id: text(id), name: text(name), output: plainOutput(output), failed });
}

function addReasoning(into: Content, value: JsonValue | undefined): void {
  const reasoning = isList(value) ? value.map(textOfPart).join('\n') : text(value);
  if (reasoning) into.parts.push({ type: 'reasoning', text: reasoning });
}

function addMedia(into: Content, media: Media): void {
  into.parts.push(mediaPart(media));
}

type Reader = (into: Content, part: JsonObject) => void;

const readText: Reader = (into, part) => {
  if (part.thought === true) addReasoning(into, part.text);
  else addText(into, part.text ?? part.content, part);
};

const readReasoning: Reader = (into, part) =>
  addReasoning(into, part.summary ?? part.content ?? part.text ?? part.thinking);

const readAnthropicCall: Reader = (into, part) => addCall(into, part.id, part.name, part.input);

const readResponsesCall: Reader = (into, part) =>
  addCall(into, part.call_id ?? part.callId ?? part.id, part.name, part.arguments ?? part.args);

/** What a tool of the Responses API that the program runs was called with has a field of its own. */
const readComputerCall: Reader = (into, part) =>
  addCall(
    into,
    part.call_id ?? part.id,
    text(part.type)?.slice(0, -'_call'.length),
    part.action ?? part.operation,
  );

const readVercelCall: Reader = (into, part) =>
  addCall(into, part.toolCallId, part.toolName, part.input ?? part.args);

const READERS = new Map<string, Reader>([
  ['text', readText],
  ['input_text', readText],
  ['output_text', readText],
  ['refusal', (into, part) => addText(into, part.refusal)],
  // Where both are present, `id` is OpenAI's id of the item, which nothing refers to.
  [
    'tool_call',
    (into, part) => addCall(into, part.call_id ?? part.id, part.name, part.arguments ?? part.args),
  ],
  ['tool_use', readAnthropicCall],
  ['tool-call', readVercelCall],
  ['function_call', readResponsesCall],
  ['custom_tool_call', (into, part) => addCall(into, part.call_id, part.name, part.input)],
  ['computer_call', readComputerCall],
  ['shell_call', readComputerCall],
  ['local_shell_call', readComputerCall],
  ['apply_patch_call', readComputerCall],
  [
    'tool_call_response',
    (into, part) =>
      addResult(into, part.call_id ?? part.id, part.name, part.response ?? part.result),
  ],
  [
    'tool_result',
    (into, part) =>
      addResult(into, part.tool_use_id, part.name, part.content, part.is_error === true),
  ],
  [
    'tool-result',
    (into, part) =>
      addResult(
        into,
        part.toolCallId,
        part.toolName,
        part.output ?? part.result,
        isErrorOutput(part),
      ),
  ],
  // The Agents SDK's name for `function_call_output`.
  [
    'function_call_result',
    (into, part) => addResult(into, part.callId ?? part.call_id, part.name, part.output),
  ],
  ['function_call_output', (into, part) => addResult(into, part.call_id, part.name, part.output)],
  [
    'custom_tool_call_output',
    (into, part) => addResult(into, part.call_id, part.name, part.output),
  ],
  ['computer_call_output', (into, part) => addResult(into, part.call_id, null, part.output)],
  ['local_shell_call_output', (into, part) => addResult(into, part.id, null, part.output)],
  ['shell_call_output', (into, part) => addResult(into, part.call_id, null, part.output)],
  ['apply_patch_call_output', (into, part) => addResult(into, part.call_id, null, part.output)],
  ['reasoning', readReasoning],
  ['thinking', readReasoning],
]);

/** Parts of Gemini and Bedrock have no type: their only key states what they are. */
const UNTYPED: readonly (readonly [
  key: string,
  read: (into: Content, value: JsonObject) => void,
])[] = [
  ['functionCall', (into, call) => addCall(into, call.id, call.name, call.args)],
  ['function_call', (into, call) => addCall(into, call.id, call.name, call.args ?? call.arguments)],
  ['toolUse', (into, call) => addCall(into, call.toolUseId, call.name, call.input)],
  ['functionResponse', (into, result) => addResult(into, result.id, result.name, result.response)],
  ['function_response', (into, result) => addResult(into, result.id, result.name, result.response)],
  [
    'toolResult',
    (into, result) =>
      addResult(
        into,
        result.toolUseId,
        null,
        bedrockOutput(result.content),
        result.status === 'error',
      ),
  ],
  ['inlineData', (into, blob) => addMedia(into, { media_type: blob.mimeType, data: blob.data })],
  ['inline_data', (into, blob) => addMedia(into, { media_type: blob.mime_type, data: blob.data })],
  ['fileData', (into, file) => addMedia(into, { media_type: file.mimeType, uri: file.fileUri })],
  ['file_data', (into, file) => addMedia(into, { media_type: file.mime_type, uri: file.file_uri })],
];

/**
 * Whether a type is one of parts or items that are read here, or of a tool that the provider runs itself
 * (`web_search_call`), which is kept unchanged.
 */
export function isPartType(type: JsonValue | undefined): type is string {
  if (typeof type !== 'string') return false;
  return READERS.has(type) || isMediaType(type) || type.endsWith('_call');
}

export function addPart(into: Content, part: JsonValue | undefined): void {
  if (!isObject(part)) {
    addText(into, textOf(part));
    return;
  }
  const read = typeof part.type === 'string' ? READERS.get(part.type) : undefined;
  if (read !== undefined) {
    read(into, part);
    return;
  }
  const media = mediaOf(part);
  if (media !== null) {
    addMedia(into, media);
    return;
  }
  for (const [key, readUntyped] of UNTYPED) {
    const value = part[key];
    if (isObject(value)) {
      readUntyped(into, value);
      return;
    }
  }
  if (part.type === undefined && typeof part.text === 'string') readText(into, part);
  // A part of an unknown type is kept unchanged.
  else into.parts.push({ type: 'unknown', ...part });
}

function isErrorOutput(part: JsonObject): boolean {
  if (part.isError === true) return true;
  return isObject(part.output) && typeof part.output.type === 'string'
    ? part.output.type.startsWith('error')
    : false;
}

/** A JSON text that holds a list of parts; undefined for every other text. */
export function parseParts(value: JsonValue | undefined): readonly JsonValue[] | undefined {
  const opened = typeof value === 'string' && value.startsWith('[') ? parseJsonText(value) : value;
  return isList(opened) && opened.length > 0 && opened.every(isPart) ? opened : undefined;
}

/** A part has a type, or the only key of a part of Gemini or Bedrock. */
function isPart(part: JsonValue): boolean {
  if (!isObject(part)) return false;
  if (typeof part.type === 'string') return true;
  const keys = Object.keys(part);
  return keys.length === 1 && (keys[0] === 'text' || UNTYPED.some(([key]) => key === keys[0]));
}
