/** A list of chat messages, `[{role, content}]`, as requests of most providers carry it. */
import { snapshot } from './capture.ts';
import { type CallHints, Completion, Prompt, ToolCall } from './llm-facts.ts';
import { fieldOf, isObject, textOf } from './objects.ts';

/** The messages, or undefined when the value is no message list. */
export function readMessages(value: unknown): Prompt[] | undefined {
  if (!Array.isArray(value) || value.length === 0) return undefined;
  const prompts: Prompt[] = [];
  for (const message of value) {
    if (!isObject(message)) return undefined;
    const role = message.role;
    if (typeof role !== 'string') return undefined;
    const prompt = new Prompt();
    prompt.role = role;
    const { content } = message;
    if (typeof content === 'string') prompt.content = content;
    else if (content !== undefined && content !== null) readContent(content, prompt);
    else if (!('content' in message || 'tool_calls' in message)) return undefined;
    prompt.toolCalls = readToolCalls(message);
    prompt.name = textOf(message.name);
    prompt.toolCallId = textOf(message.tool_call_id);
    prompts.push(prompt);
  }
  return prompts;
}

/** Whether nothing but role and content, both text, is in any of the messages. */
export function isTextOnly(messages: readonly object[]): boolean {
  for (const message of messages) {
    for (const key in message) {
      if (key !== 'role' && key !== 'content') return false;
      if (typeof (message as Record<string, unknown>)[key] !== 'string') return false;
    }
  }
  return true;
}

/** The answer of a model: its message, the choice around it, and the result around that. */
export function readCompletion(
  message: unknown,
  choice: unknown,
  result: unknown,
  hints: CallHints,
): Completion {
  const completion = new Completion();
  const content = fieldOf(message, 'content');
  completion.role = textOf(fieldOf(message, 'role')) ?? 'assistant';
  if (typeof content === 'string') completion.content = content;
  else if (content !== undefined && content !== null) readContent(content, completion);
  // A refusal stands where the answer would have stood.
  else completion.content = textOf(fieldOf(message, 'refusal'));
  completion.toolCalls = readToolCalls(message);
  completion.finishReason = textOf(fieldOf(choice, 'finish_reason'));
  completion.model = textOf(fieldOf(result, 'model')) ?? hints.model;
  completion.provider = textOf(fieldOf(result, 'provider'));
  completion.responseId = textOf(fieldOf(result, 'id'));
  return completion;
}

/** Content in several parts: its texts as plain text, and all of it when there is more than text. */
function readContent(
  content: unknown,
  into: { content: string | null; parts: string | null },
): void {
  if (!Array.isArray(content)) {
    into.parts = snapshot([content]);
    return;
  }
  const texts: string[] = [];
  for (const part of content) {
    const text = typeof part === 'string' ? part : fieldOf(part, 'text');
    if (typeof text === 'string') texts.push(text);
  }
  into.content = texts.length === 0 ? null : texts.join('\n');
  if (texts.length !== content.length) into.parts = snapshot(content);
}

/** The tool calls of a message: `tool_calls`, or the older `function_call`. */
function readToolCalls(message: unknown): ToolCall[] | null {
  const calls = fieldOf(message, 'tool_calls');
  if (Array.isArray(calls) && calls.length > 0) {
    return calls.map((call) => {
      // `custom` is OpenAI's free-text tool: its `input` is what `arguments` is elsewhere.
      const called = fieldOf(call, 'function') ?? fieldOf(call, 'custom') ?? call;
      const args = fieldOf(called, 'arguments') ?? fieldOf(called, 'input');
      return new ToolCall(fieldOf(call, 'id'), fieldOf(called, 'name'), args);
    });
  }
  const legacy = fieldOf(message, 'function_call');
  if (!isObject(legacy)) return null;
  return [new ToolCall(null, fieldOf(legacy, 'name'), fieldOf(legacy, 'arguments'))];
}
