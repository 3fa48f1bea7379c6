/** Reads the messages of a request and the message of a reply. */

import { fieldOf, hasFields, isFunction, isList, isText, textOf } from '../platform/values.ts';
import { readCall, readContent } from './content.ts';
import { type CallHints, Completion, Prompt, ToolCall } from './model.ts';

/** Role names of Gemini and LangChain. */
const ROLES: Record<string, string> = { model: 'assistant', human: 'user', ai: 'assistant' };

/**
 * The messages, or undefined when the value is not a message list. When `isSure`, the value is also
 * accepted as a text, a content part, or a list of items without a role.
 */
export function readMessages(value: unknown, isSure: boolean): Prompt[] | undefined {
  const prompts: Prompt[] = [];
  for (const message of isList(value) ? value : isSure ? [value] : []) {
    const prompt = new Prompt();
    const role = roleOf(message);
    if (role === undefined) {
      if (!isSure) return undefined;
      prompt.role = /call$|reasoning/.test(String(fieldOf(message, 'type'))) ? 'assistant' : 'user';
      prompts.push(...withResults(message, prompt));
      continue;
    }
    prompt.role = role;
    const content = message.content ?? message.parts;
    if (content == null && !('content' in message || 'tool_calls' in message)) return undefined;
    prompt.name = textOf(message.name);
    prompt.toolCallId = textOf(message.tool_call_id);
    if (isText(content)) {
      prompt.content = content;
      prompts.push(prompt);
    } else prompts.push(...withResults(content, prompt));
    readToolCalls(message, prompt);
  }
  return prompts.length === 0 ? undefined : prompts;
}

/** Whether all messages have only `role` and `content`, both of them strings. */
export function isTextOnly(messages: unknown): boolean {
  for (const message of messages as object[]) {
    for (const key in message) {
      if (key !== 'role' && key !== 'content') return false;
      if (typeof (message as Record<string, unknown>)[key] !== 'string') return false;
    }
  }
  return true;
}

/** A completion from its message, its finish reason, and the result that has model and id. */
export function readCompletion(
  message: unknown,
  finishReason: unknown,
  result: unknown,
  hints: CallHints,
): Completion {
  const completion = new Completion();
  completion.role = roleOf(message) ?? 'assistant';
  // A refusal is the content when there is no other.
  const content = fieldOf(message, 'content') ?? fieldOf(message, 'parts');
  readContent(content ?? fieldOf(message, 'refusal'), completion);
  readToolCalls(message, completion);
  completion.finishReason = textOf(finishReason);
  completion.model = textOf(fieldOf(result, 'model')) ?? hints.model;
  completion.provider = textOf(fieldOf(result, 'provider'));
  completion.responseId = textOf(fieldOf(result, 'id'));
  return completion;
}

function roleOf(message: unknown): string | undefined {
  if (!hasFields(message)) return undefined;
  let name = message.role;
  if (name == null) {
    const getType = message.getType ?? message._getType;
    name = isFunction(getType) ? getType.call(message) : undefined;
  }
  return isText(name) ? (ROLES[name] ?? name) : undefined;
}

/** The message, preceded by the tool results in it as separate messages. */
function withResults(content: unknown, prompt: Prompt): Prompt[] {
  const results: Prompt[] = [];
  readContent(content, prompt, results);
  const { content: text, parts, toolCalls } = prompt;
  const isEmpty = text === null && parts === null && !toolCalls;
  return results.length > 0 && isEmpty ? results : [...results, prompt];
}

/** The tool calls of a message: `tool_calls`, or the older `function_call`. */
function readToolCalls(message: unknown, into: Prompt): void {
  const calls = fieldOf(message, 'tool_calls') ?? fieldOf(message, 'toolCalls');
  const legacy = fieldOf(message, 'function_call');
  // LangChain lists tool calls here and in the content parts.
  if (isList(calls) && calls.length > 0) into.toolCalls = calls.map(readCall);
  else if (hasFields(legacy)) into.toolCalls = [readCall(legacy)];
}

/** `'get_weather'`, `{name, arguments}`, or a list of either. */
export function readToolUsed(used: unknown): ToolCall[] | null {
  const tools = (isList(used) ? used : [used]).flatMap((tool) => {
    if (isText(tool) && tool !== '') return [new ToolCall(null, tool, null)];
    return textOf(fieldOf(tool, 'name')) ? [readCall(tool)] : [];
  });
  return tools.length === 0 ? null : tools;
}
