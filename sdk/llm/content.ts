/**
 * Reads the content parts of a message of any provider: OpenAI (chat and responses), Anthropic,
 * Gemini, Bedrock Converse, Vercel AI SDK, LangChain.
 */

import { isObject } from '../../wire/values.ts';
import {
  type Fields,
  fieldOf,
  hasFields,
  isInstance,
  isList,
  isText,
  textOf,
} from '../platform/values.ts';
import { snapshot } from '../serialize/snapshot.ts';
import { Prompt, ToolCall } from './model.ts';

const CALL = /^(tool_use|tool[-_]call|function_call|custom_tool_call)$/;
const RESULT = /^(tool[-_]result|(function|custom_tool)_call_output)$/;

/** Reads texts into `content`, tool calls into `toolCalls`, and content with other parts into `parts`. */
export function readContent(content: unknown, into: Prompt, results?: Prompt[]): void {
  if (isText(content)) {
    into.content = content;
    return;
  }
  const texts: string[] = [];
  const kept: unknown[] = [];
  let hasMore = false;
  for (const part of isList(content) ? content : [content]) {
    if (part == null) continue;
    const fields: Fields = hasFields(part) ? part : { text: part };
    const type = String(fields.type ?? '');
    const result = fields.functionResponse ?? fields.toolResult ?? (RESULT.test(type) && part);
    const call = fields.functionCall ?? fields.toolUse ?? (CALL.test(type) && part);
    if (result && results) results.push(readResult(result));
    else if (call) {
      into.toolCalls ??= [];
      into.toolCalls.push(readCall(call));
    } else {
      const { text, refusal, thought } = fields;
      const said = isText(text) && !thought ? text : refusal;
      if (isText(said) && !/reasoning/.test(type)) texts.push(said);
      else hasMore = true;
      kept.push(hasMore ? withoutBytes(part, type) : part);
    }
  }
  if (texts.length > 0) into.content = texts.join('\n');
  if (hasMore) into.parts = snapshot(kept);
}

/** A tool call of any provider. */
export function readCall(call: unknown): ToolCall {
  const given = call as Fields;
  // `custom` is OpenAI's free-text tool; it has `input` in place of `arguments`.
  const called = (given.function ??
    given.custom ??
    given.functionCall ??
    given.toolUse ??
    given) as Fields;
  const args = called.partial_json ?? called.arguments ?? called.input ?? called.args;
  return new ToolCall(
    given.call_id ?? given.toolCallId ?? called.toolUseId ?? called.id ?? given.id,
    called.name ?? given.toolName,
    args,
  );
}

/** A tool result as a message of role `tool`. */
function readResult(result: unknown): Prompt {
  const given = result as Fields;
  const prompt = new Prompt();
  prompt.role = 'tool';
  prompt.name = textOf(given.name ?? given.toolName);
  prompt.toolCallId = textOf(
    given.tool_use_id ?? given.toolUseId ?? given.call_id ?? given.toolCallId ?? given.id,
  );
  const output = given.response ?? given.output ?? given.content ?? given.result;
  const value = fieldOf(output, 'value') ?? output;
  if (isObject(value)) prompt.content = snapshot(value);
  else readContent(value, prompt);
  return prompt;
}

/** Replaces bytes or base64 of a part by media type and size; returns any other part unchanged. */
function withoutBytes(part: unknown, type: string): unknown {
  if (!hasFields(part) || /thinking|reasoning/.test(type)) return part;
  const blob = findBytes(part, 3);
  if (!blob) return part;
  const kind = /image|audio|video/.exec(`${type} ${Object.keys(part)} ${blob.media_type}`);
  return { type: kind?.[0] ?? 'file', ...blob };
}

function findBytes(holder: Fields, depth: number): Fields | undefined {
  for (const [key, value] of Object.entries(holder)) {
    const given = holder.media_type ?? holder.mediaType ?? holder.mimeType ?? holder.format;
    if (isInstance(value, Uint8Array)) return { media_type: given, bytes: value.length };
    if (isText(value) && !/signature/i.test(key)) {
      const url = /^data:([^;,]*)[^,]*,/.exec(value.slice(0, 256));
      if (url || key === 'data' || /^[\w+/=-]{256}/.test(value)) {
        const padding = value.slice(-2).replaceAll('=', '').length - 2;
        const length = value.length - (url?.[0].length ?? 0) + padding;
        return { media_type: url?.[1] || given, bytes: Math.floor(length * 0.75) };
      }
    } else if (hasFields(value) && depth > 0) {
      const found = findBytes(value, depth - 1);
      if (found) return { ...found, media_type: found.media_type ?? given };
    }
  }
  return undefined;
}
