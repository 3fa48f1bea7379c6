/**
 * Reads the content parts of a message of any provider: OpenAI (chat and responses), Anthropic,
 * Gemini, Bedrock Converse, Vercel AI SDK, LangChain, and servers with OpenAI's API.
 */

import { isObject } from '../../wire/values.ts';
import { type Fields, fieldOf, hasFields, isList, isText, textOf } from '../platform/values.ts';
import { snapshot } from '../serialize/snapshot.ts';
import { withoutBytes } from './media.ts';
import { Prompt, type ToolCall } from './model.ts';
import { callIn, isFailedResult, readCall, readServerTool, resultIn } from './tool-calls.ts';

/**
 * The content of a message, with what some servers put beside it: reasoning, a spoken answer, sources.
 * A refusal is the content when there is no other.
 */
export function contentOf(message: unknown): unknown {
  if (!hasFields(message)) return undefined;
  const content = message.content ?? message.parts;
  const reasoning = reasoningBeside(message);
  const { annotations, refusal, audio, more_parts } = message;
  const said = content ?? textOf(fieldOf(audio, 'transcript')) ?? refusal;
  const hasSources = isList(annotations) && annotations.length > 0;
  if (reasoning === null && !hasSources && !isList(more_parts)) return said;
  const parts: unknown[] = isList(said) ? [...said] : isText(said) ? [textPart(said)] : [];
  if (hasSources) {
    const at = parts.findIndex((part) => isText(fieldOf(part, 'text')));
    if (at < 0) parts.push({ type: 'sources', annotations });
    else parts[at] = { ...(parts[at] as Fields), annotations };
  }
  if (reasoning !== null) parts.unshift({ type: 'reasoning', text: reasoning });
  return isList(more_parts) ? [...parts, ...more_parts] : parts;
}

const textPart = (text: string): Fields => ({ type: 'text', text });

/** DeepSeek, vLLM: `reasoning_content`; OpenRouter, Groq: `reasoning`, `reasoning_details`. */
function reasoningBeside(message: Fields): string | null {
  const { reasoning_content, reasoning, reasoning_details, additional_kwargs } = message;
  const text =
    textOf(reasoning_content) ??
    textOf(reasoning) ??
    textOf(fieldOf(additional_kwargs, 'reasoning_content'));
  if (text !== null || !isList(reasoning_details)) return text;
  return textOf(reasoning_details.map((detail) => thoughtOf(detail) ?? '').join(''));
}

const thoughtOf = (detail: unknown): string | null =>
  textOf(fieldOf(detail, 'text')) ?? textOf(fieldOf(detail, 'summary'));

/** Texts of a list of parts, as Mistral nests them: `{type: 'thinking', thinking: [{text}]}`. */
export const nestedText = (parts: readonly unknown[]): string =>
  parts.map((part) => textOf(fieldOf(part, 'text')) ?? '').join('');

/** Reads texts into `content`, tool calls into `toolCalls`, and content with other parts into `parts`. */
export function readContent(content: unknown, into: Prompt, results?: Prompt[]): void {
  if (isText(content)) {
    into.content = content;
    return;
  }
  const texts: string[] = [];
  const kept: unknown[] = [];
  const serverCalls: ToolCall[] = [];
  let hasMore = false;
  for (const part of isList(content) ? content : [content]) {
    if (part == null) continue;
    const fields: Fields = hasFields(part) ? part : { text: part };
    const type = String(fields.type ?? '');
    const result = results && resultIn(fields, type);
    const call = callIn(fields, type);
    if (result) {
      results.push(readResult(result));
      continue;
    }
    if (call) {
      into.toolCalls ??= [];
      into.toolCalls.push(readCall(call));
      continue;
    }
    const server = readServerTool(fields, type, serverCalls);
    if (server !== undefined) {
      hasMore = true;
      kept.push(compact(server));
      continue;
    }
    const said = saidIn(fields, type);
    if (said !== undefined) texts.push(said);
    if (said === undefined || hasSources(fields)) hasMore = true;
    kept.push(compact(said === undefined ? plainPart(part, fields, type) : part));
  }
  if (texts.length > 0) into.content = texts.join('\n');
  if (hasMore) into.parts = snapshot(kept);
  if (serverCalls.length > 0) into.serverCalls = serverCalls;
}

/** The text that a part says; undefined for reasoning and parts of other kinds. */
function saidIn(fields: Fields, type: string): string | undefined {
  const { text, refusal, thought, transcript, citationsContent } = fields;
  if (/reasoning|thinking/.test(type)) return undefined;
  // Bedrock: {citationsContent: {content: [{text}], citations}}
  const cited = fieldOf(citationsContent, 'content');
  if (isList(cited)) return nestedText(cited);
  const said = isText(text) && !thought ? text : (refusal ?? (type ? transcript : undefined));
  return isText(said) ? said : undefined;
}

const hasSources = ({ annotations, citations, citationsContent }: Fields): boolean =>
  [annotations, citations].some((list) => isList(list) && list.length > 0) ||
  citationsContent != null;

function plainPart(part: unknown, { thinking }: Fields, type: string): unknown {
  return isList(thinking)
    ? { type: 'reasoning', text: nestedText(thinking) }
    : withoutBytes(part, type);
}

/** A part without empty fields, which a stream does not have. */
function compact(part: unknown): unknown {
  if (!hasFields(part) || isList(part)) return part;
  const fields = Object.entries(part).filter(
    ([, value]) => value != null && !(isList(value) && value.length === 0),
  );
  return Object.fromEntries(fields);
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
  if (isObject(value)) prompt.content = snapshot(withoutBytes(value, String(value.type ?? '')));
  else readContent(value, prompt);
  if (isFailedResult(given)) markFailed(prompt);
  return prompt;
}

/** Marks a tool message as the message of a tool that failed. */
export function markFailed(prompt: Prompt): void {
  const { toolCallId: id, content } = prompt;
  prompt.isFailed = true;
  prompt.parts = snapshot([{ type: 'tool_result', id, output: content, is_error: true }]);
}
