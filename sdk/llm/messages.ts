/** Reads the messages of a request and the message of a reply. */

import { fieldOf, hasFields, isFunction, isList, isText, textOf } from '../platform/values.ts';
import { contentOf, markFailed, readContent } from './content.ts';
import { type CallHints, Completion, Prompt } from './model.ts';
import { isFailedResult, readCall } from './tool-calls.ts';

/** Role names of Gemini and LangChain. */
const ROLES: Record<string, string> = { model: 'assistant', human: 'user', ai: 'assistant' };

/** A message has one of these, even if it is empty. */
const CONTENT_KEYS = ['content', 'tool_calls', 'function_call', 'audio', 'refusal'] as const;

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
    const content = contentOf(message);
    if (content == null && !CONTENT_KEYS.some((key) => key in message)) return undefined;
    prompt.name = textOf(message.name);
    prompt.toolCallId = textOf(message.tool_call_id);
    if (isText(content)) {
      prompt.content = content;
      prompts.push(prompt);
    } else prompts.push(...withResults(content, prompt));
    readToolCalls(message, prompt);
    if (role === 'tool' && isFailedResult(message)) markFailed(prompt);
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
  readContent(contentOf(message), completion);
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
