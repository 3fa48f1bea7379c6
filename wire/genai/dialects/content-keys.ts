/** The keys of content in the GenAI conventions, on spans and on events. */

import { isList, parseJsonText, parseJsonTextOrNull } from '../../json.ts';
import type { JsonValue } from '../../records.ts';
import { mergeMessages } from '../provider/message.ts';
import type { Message } from '../provider/model.ts';
import { readMessages, readSystem } from '../provider/request.ts';
import type { Attributes } from './span.ts';

export const SYSTEM = 'gen_ai.system_instructions';
export const INPUT = 'gen_ai.input.messages';
export const OUTPUT = 'gen_ai.output.messages';

/** The prompts. The system prompt is an attribute of its own, the first message, or both. */
export function promptsOf(a: Attributes): Message[] {
  const messages = readMessages(parseList(a[INPUT]));
  const system = a[SYSTEM];
  if (system === undefined || messages[0]?.role === 'system') return messages;
  return [...readSystem(parseJsonText(system)), ...messages];
}

export function choicesOf(value: JsonValue | undefined): Message[] {
  const opened = parseList(value);
  const list = isList(opened) ? opened : opened === undefined ? [] : [opened];
  // One message is one choice, also when its parts read as several messages.
  return list.flatMap((message) => mergeMessages(readMessages([message], 'assistant')) ?? []);
}

/** A list; SDKs whose attributes cannot be objects send a list of JSON texts. */
function parseList(value: JsonValue | undefined): JsonValue | undefined {
  const opened = parseJsonText(value);
  return isList(opened) && typeof opened[0] === 'string' ? opened.map(parseJsonTextOrNull) : opened;
}
