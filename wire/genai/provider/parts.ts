/**
 * The content of a message, part by part, of any provider: GenAI conventions, OpenAI (chat and
 * responses), Anthropic, Gemini, Bedrock Converse, Vercel AI SDK, LangChain.
 */

import { isList, parseJsonText, text, textOf } from '../../json.ts';
import type { JsonObject, JsonValue } from '../../records.ts';
import { isObject } from '../../values.ts';
import { type Media, mediaPart, withoutLongBytes } from './media.ts';
import { isMediaType, mediaOf } from './media-parts.ts';
import { CallPart, type MessagePart, type Part, type ToolCall, type ToolResult } from './model.ts';
import {
  isCall,
  isFailed,
  isServerCall,
  isServerResult,
  readCall,
  readServerCall,
  serverPart,
  settle,
  settleCall,
} from './tool-calls.ts';
import { bedrockOutput, plainOutput, textOfPart } from './tool-output.ts';

/** The content of one message, collected from its parts. */
export interface Content {
  texts: string[];
  /** All parts in order, without tool results, which become messages of their own. */
  parts: MessagePart[];
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
export function addText(into: Content, value: JsonValue | undefined, source?: JsonObject): void {
  const content = text(value);
  if (content === null) return;
  into.texts.push(content);
  const part: { [key: string]: JsonValue } = { type: 'text', text: content };
  if (isFilled(source?.annotations)) part.annotations = source.annotations;
  if (isFilled(source?.citations)) part.citations = source.citations;
  into.parts.push(part);
}

const isFilled = (value: JsonValue | undefined): value is readonly JsonValue[] =>
  isList(value) && value.length > 0;

/** Adds a tool call once: some instrumentations list it both among the parts and beside them. */
export function addCall(into: Content, call: ToolCall): void {
  const { id } = call;
  if (id !== null) {
    into.callIds ??= new Set();
    if (into.callIds.has(id)) return;
    into.callIds.add(id);
  }
  into.parts.push(new CallPart(call));
  if (!isRunTogether(call)) into.calls.push(call);
}

/**
 * `{...}{...}`: an instrumentation joined the parallel calls of a stream into one. It stays in the
 * message unchanged, but is not a tool call.
 */
function isRunTogether(call: ToolCall): boolean {
  const { text: given } = call;
  if (given !== undefined && !given.includes('}{')) return false;
  const args = call.arguments;
  return typeof args === 'string' && args.startsWith('{') && args.includes('}{');
}

export function addReasoning(into: Content, value: JsonValue | undefined): void {
  const isPieces = isList(value) && value.every((part) => isObject(part) && part.type === 'text');
  const reasoning = isList(value) ? value.map(textOfPart).join(isPieces ? '' : '\n') : text(value);
  if (reasoning) into.parts.push({ type: 'reasoning', text: reasoning });
}

export function addMedia(into: Content, media: Media): void {
  into.parts.push(mediaPart(media));
}

const TEXT = /^(input_|output_)?text$/;
const REASONING = /^(reasoning|thinking)$/;
const RESULT = /^(tool[-_]result|tool_call_response|\w+_call_(output|result))$/;

/** Adds the result of a call that the program ran. */
function addResult(into: Content, part: JsonObject, type: string): void {
  const id =
    part.tool_use_id ?? part.toolUseId ?? part.toolCallId ?? part.call_id ?? part.callId ?? part.id;
  const output =
    type === 'toolResult'
      ? bedrockOutput(part.content)
      : (part.response ?? part.output ?? part.result ?? part.content);
  into.results.push({
    id: text(id),
    name: text(part.name) ?? text(part.toolName),
    output: plainOutput(output),
    failed: isFailed(part),
  });
}

/** Calls of Gemini and Bedrock; without arguments they mean an empty object. */
function addNestedCall(into: Content, call: JsonObject): void {
  const read = readCall(call);
  addCall(into, { ...read, arguments: read.arguments ?? {} });
}

type Reader = (into: Content, value: JsonObject) => void;

const addBlob: Reader = (into, blob) =>
  addMedia(into, { media_type: blob.mimeType ?? blob.mime_type, data: blob.data });
const addFile: Reader = (into, file) =>
  addMedia(into, {
    media_type: file.mimeType ?? file.mime_type,
    uri: file.fileUri ?? file.file_uri,
  });
/** Bedrock: `{image: {format, source: {bytes}}}` */
const addSource =
  (kind: string | null): Reader =>
  (into, { format, source, name }) => {
    const { bytes, s3Location } = isObject(source) ? source : {};
    const uri = isObject(s3Location) ? s3Location.uri : undefined;
    addMedia(into, { kind, media_type: format, data: bytes, uri, name });
  };
const addRanCode: Reader = (into, code) => {
  into.parts.push({ type: 'executable_code', ...code });
  into.calls.push({
    id: text(code.id),
    name: 'code_execution',
    arguments: code,
    run: { output: null, failed: false },
  });
};
const addCodeResult: Reader = (into, { outcome, output, ...rest }) => {
  into.parts.push({
    type: 'code_execution_result',
    outcome: outcome ?? null,
    output: output ?? null,
    ...rest,
  });
  const call = into.calls.findLast(({ run }) => run !== undefined);
  if (call) settle(call, output, text(outcome)?.endsWith('_OK') === false);
};
const addThoughts: Reader = (into, { reasoningText, ...own }) =>
  addReasoning(into, isObject(reasoningText) ? reasoningText.text : own.text);
const addCited: Reader = (into, { content, citations }) =>
  addText(into, isList(content) ? content.map(textOfPart).join('') : null, {
    citations: citations ?? null,
  });

/** Parts of Gemini and Bedrock have no type: their only key states what they are, also in snake case. */
const UNTYPED = /* @__PURE__ */ new Map<string, Reader>([
  ['functionCall', addNestedCall],
  ['toolUse', addNestedCall],
  ['functionResponse', (into, result) => addResult(into, result, '')],
  ['toolResult', (into, result) => addResult(into, result, 'toolResult')],
  ['inlineData', addBlob],
  ['fileData', addFile],
  ['image', addSource('image')],
  ['video', addSource('video')],
  ['audio', addSource('audio')],
  ['document', addSource(null)],
  ['executableCode', addRanCode],
  ['codeExecutionResult', addCodeResult],
  ['reasoningContent', addThoughts],
  ['citationsContent', addCited],
]);

const readerOf = (key: string): Reader | undefined =>
  UNTYPED.get(key) ?? UNTYPED.get(key.replace(/_./g, (pair) => pair.slice(1).toUpperCase()));

/**
 * Whether a type is one of parts or items that are read here, or of a tool that the provider runs itself
 * (`web_search_call`), which is kept unchanged.
 */
export function isPartType(type: JsonValue | undefined): type is string {
  if (typeof type !== 'string') return false;
  return (
    type === 'refusal' ||
    TEXT.test(type) ||
    REASONING.test(type) ||
    RESULT.test(type) ||
    isCall(type) ||
    isServerCall(type) ||
    isMediaType(type)
  );
}

export function addPart(into: Content, part: JsonValue | undefined): void {
  if (!isObject(part)) {
    addText(into, textOf(part));
    return;
  }
  const type = typeof part.type === 'string' ? part.type : '';
  if (type === '') addUntyped(into, part);
  else if (TEXT.test(type)) addSaid(into, part);
  else if (type === 'refusal') addText(into, part.refusal ?? part.content);
  else if (REASONING.test(type)) addThought(into, part);
  else if (isServerCall(type, part)) addServerCall(into, part, type);
  else if (isCall(type, part)) addCall(into, readCall(part));
  else if (RESULT.test(type)) addResult(into, part, type);
  else if (isServerResult(type)) {
    settleCall(part, into.calls);
    into.parts.push(partOf(part));
  } else {
    const media = mediaOf(part);
    if (media !== null) addMedia(into, media);
    else addUntyped(into, part);
  }
}

function addServerCall(into: Content, part: JsonObject, type: string): void {
  const media = mediaOf(part);
  into.calls.push(readServerCall(part, type));
  into.parts.push(media === null ? partOf(serverPart(part)) : mediaPart(media));
}

function addSaid(into: Content, part: JsonObject): void {
  if (part.thought === true) addReasoning(into, part.text);
  else addText(into, part.text ?? part.content, part);
}

function addThought(into: Content, part: JsonObject): void {
  const { summary, content, text: said, thinking } = part;
  const isEmpty = isList(summary) && summary.length === 0;
  addReasoning(into, (isEmpty ? undefined : summary) ?? content ?? said ?? thinking);
}

function addUntyped(into: Content, part: JsonObject): void {
  for (const key in part) {
    const value = part[key];
    const read = isObject(value) ? readerOf(key) : undefined;
    if (read === undefined || !isObject(value)) continue;
    const isThoughtless = key !== 'reasoningContent' || value.redactedContent === undefined;
    if (isThoughtless) {
      read(into, value);
      return;
    }
  }
  if (part.type === undefined && typeof part.text === 'string') addSaid(into, part);
  // A part of an unknown type is kept unchanged.
  else into.parts.push({ type: 'unknown', ...partOf(part) });
}

const partOf = (part: JsonObject): Part => withoutLongBytes(part) as Part;

/** A JSON text that holds a list of parts; undefined for every other text. */
export function parseParts(value: JsonValue | undefined): readonly JsonValue[] | undefined {
  const opened = typeof value === 'string' && value.startsWith('[') ? parseJsonText(value) : value;
  return isList(opened) && opened.length > 0 && opened.every(isPart) ? opened : undefined;
}

/** A part has a type, or the only key of a part of Gemini or Bedrock. */
function isPart(part: JsonValue): boolean {
  if (!isObject(part)) return false;
  if (typeof part.type === 'string') return true;
  const [key, ...more] = Object.keys(part);
  return more.length === 0 && key !== undefined && (key === 'text' || readerOf(key) !== undefined);
}
