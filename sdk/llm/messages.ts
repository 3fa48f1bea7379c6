/** A list of messages, as requests carry it, and the message of an answer. */

import { fieldOf, isFunction, isList, isObject, isText, textOf } from '../platform/values.ts';
import { readCall, readContent } from './content.ts';
import { type CallHints, Completion, Prompt, ToolCall } from './model.ts';

/** Roles by another name: Gemini's and LangChain's. */
const ROLES: Record<string, string> = { model: 'assistant', human: 'user', ai: 'assistant' };

/**
 * The messages, or undefined when the value is no message list. A value that can be nothing else
 * (`isSure`) may also be a text, a part, or a list of items without a role.
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

/** Whether nothing but role and content, both text, is in any of the messages. */
export function isTextOnly(messages: unknown): boolean {
  for (const message of messages as object[]) {
    for (const key in message) {
      if (key !== 'role' && key !== 'content') return false;
      if (typeof (message as Record<string, unknown>)[key] !== 'string') return false;
    }
  }
  return true;
}

/** An answer: its message, its finish reason, and the result that names model and id. */
export function readCompletion(
  message: unknown,
  finishReason: unknown,
  result: unknown,
  hints: CallHints,
): Completion {
  const completion = new Completion();
  completion.role = roleOf(message) ?? 'assistant';
  // A refusal stands where the answer would have stood.
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
  if (!isObject(message)) return undefined;
  let name = message.role;
  if (name == null) {
    const told = message.getType ?? message._getType;
    name = isFunction(told) ? told.call(message) : undefined;
  }
  return isText(name) ? (ROLES[name] ?? name) : undefined;
}

/** The message, and the tool results in it as messages of their own. */
function withResults(content: unknown, prompt: Prompt): Prompt[] {
  const results: Prompt[] = [];
  readContent(content, prompt, results);
  const { content: text, parts, toolCalls } = prompt;
  const isEmpty = text === null && parts === null && !toolCalls;
  return results.length > 0 && isEmpty ? results : [...results, prompt];
}

/** The tool calls beside a content: `tool_calls`, or the older `function_call`. */
function readToolCalls(message: unknown, into: Prompt): void {
  const calls = fieldOf(message, 'tool_calls') ?? fieldOf(message, 'toolCalls');
  const legacy = fieldOf(message, 'function_call');
  // LangChain lists them here and among the parts.
  if (isList(calls) && calls.length > 0) into.toolCalls = calls.map(readCall);
  else if (isObject(legacy)) into.toolCalls = [readCall(legacy)];
}

/** `'get_weather'`, `{name, arguments}`, or a list of either. */
export function readToolUsed(used: unknown): ToolCall[] | null {
  const tools = (isList(used) ? used : [used]).flatMap((tool) => {
    if (isText(tool) && tool !== '') return [new ToolCall(null, tool, null)];
    return textOf(fieldOf(tool, 'name')) ? [readCall(tool)] : [];
  });
  return tools.length === 0 ? null : tools;
}
