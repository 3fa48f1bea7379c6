/** Messages in span events or log records: one event for each message, or one for all of a call. */

import { isList, parseJsonText, text } from '../../json.ts';
import { LIMITS } from '../../protocol.ts';
import type { JsonValue } from '../../records.ts';
import { isObject } from '../../values.ts';
import { readMessage } from '../provider/message.ts';
import type { Message } from '../provider/model.ts';
import { parseParts } from '../provider/parts.ts';
import { readMessages, readRequest } from '../provider/request.ts';
import { bedrockOutput } from '../provider/tool-output.ts';
import { choicesOf, INPUT, OUTPUT, promptsOf } from './content-keys.ts';
import type { Attributes, OtelEvent } from './span.ts';

const DETAILS = 'gen_ai.client.inference.operation.details';
const CHOICE = 'gen_ai.choice';

/** The earliest conventions: all prompts, or all choices, as JSON in one event. */
const CONTENT_PROMPT = 'gen_ai.content.prompt';
const CONTENT_COMPLETION = 'gen_ai.content.completion';

/** Azure's SDKs write the body of an event as JSON into this attribute. */
const EVENT_CONTENT = 'gen_ai.event.content';

/** Names of events that carry one message, and the role that the name implies. */
const ROLE_OF_EVENT = new Map([
  ['gen_ai.system.message', 'system'],
  ['gen_ai.user.message', 'user'],
  ['gen_ai.assistant.message', 'assistant'],
  ['gen_ai.tool.message', 'tool'],
]);

export const MESSAGE_EVENTS: ReadonlySet<string> = /* @__PURE__ */ (() =>
  new Set([DETAILS, CHOICE, CONTENT_PROMPT, CONTENT_COMPLETION, ...ROLE_OF_EVENT.keys()]))();

/** Whether an event, or a log record, of this name carries messages. */
export function isMessageEvent(name: string): boolean {
  return MESSAGE_EVENTS.has(name);
}

export interface EventMessages {
  prompts: Message[];
  /** By index: the event of one choice may arrive without those before it. */
  choices: Map<number, Message>;
  /** The index of the next choice that states none. */
  nextChoice: number;
}

/** The messages in the events of a call; null when there are none. */
export function messagesOfEvents(
  events: readonly Pick<OtelEvent, 'name' | 'attributes'>[],
): EventMessages | null {
  const found: EventMessages = { prompts: [], choices: new Map(), nextChoice: 0 };
  let any = false;
  for (const { name, attributes: sent } of events) {
    if (!isMessageEvent(name)) continue;
    any = true;
    const attributes = withContent(sent);
    const role = ROLE_OF_EVENT.get(name);
    if (role !== undefined) found.prompts.push(...readEvent(attributes, role));
    else if (name === CHOICE) readChoice(found, attributes);
    else if (name === CONTENT_PROMPT) {
      const prompts = parseJsonText(attributes['gen_ai.prompt']);
      found.prompts.push(...(readRequest(prompts) ?? readMessages(prompts, 'user')));
    } else if (name === CONTENT_COMPLETION) {
      for (const choice of choicesOf(attributes['gen_ai.completion'])) addChoice(found, choice);
    } else {
      found.prompts.push(...promptsOf(attributes));
      for (const choice of choicesOf(attributes[OUTPUT])) addChoice(found, choice);
    }
  }
  return any ? found : null;
}

function withContent(attributes: Attributes): Attributes {
  const content = parseJsonText(attributes[EVENT_CONTENT]);
  return isObject(content) ? { ...attributes, ...content } : attributes;
}

/** The choices in order of their indexes. */
export function listOfChoices({ choices }: EventMessages): Message[] {
  return [...choices].sort(([a], [b]) => a - b).map(([, choice]) => choice);
}

/** Arguments and output of a tool from the events of its span, where Strands writes them. */
export function toolOfEvents(events: readonly Pick<OtelEvent, 'name' | 'attributes'>[]): {
  arguments: JsonValue | undefined;
  output: JsonValue | undefined;
} {
  let args: JsonValue | undefined;
  let output: JsonValue | undefined;
  for (const { name, attributes } of events) {
    if (name === 'gen_ai.tool.message') args ??= parseJsonText(attributes.content);
    else if (name === CHOICE) output ??= bedrockOutput(parseJsonText(attributes.message));
    else if (name === DETAILS) {
      args ??= partOf(attributes[INPUT], 'arguments');
      output ??= bedrockOutput(partOf(attributes[OUTPUT], 'response'));
    }
  }
  return { arguments: args, output };
}

/** A field of the first part of the first message. */
function partOf(messages: JsonValue | undefined, field: string): JsonValue | undefined {
  const opened = parseJsonText(messages);
  const message = isList(opened) ? opened[0] : undefined;
  const part = isObject(message) && isList(message.parts) ? message.parts[0] : undefined;
  return isObject(part) ? part[field] : undefined;
}

/** Event attributes are flat: values other than text are JSON, and the id of the tool call is `id`. */
function readEvent(attributes: Attributes, role: string): Message[] {
  const { content, tool_calls, id } = attributes;
  return readMessage(
    {
      ...attributes,
      role: attributes.role ?? role,
      content: parseParts(content) ?? content ?? null,
      tool_calls: parseJsonText(tool_calls) ?? null,
      ...(role === 'tool' && id !== undefined ? { tool_call_id: id } : {}),
    },
    role,
  );
}

/** Choices arrive in any order; each states its index. */
function readChoice(found: EventMessages, attributes: Attributes): void {
  const { message: sent, index, finish_reason, tool_calls } = attributes;
  const message = parseJsonText(sent);
  const parts = parseParts(message);
  const read = isObject(message)
    ? // Earlier conventions have the calls beside the message instead of inside it.
      readMessage({ tool_calls: parseJsonText(tool_calls) ?? null, ...message }, 'assistant')
    : isList(message) && parts === undefined
      ? readMessages(message, 'assistant')
      : readEvent(
          { ...attributes, content: parts ?? message ?? attributes.content ?? null },
          'assistant',
        );
  const choice = read[0];
  if (choice === undefined) return;
  choice.finish_reason ??= text(finish_reason);
  addChoice(found, choice, isIndex(index) ? index : undefined);
}

function addChoice(found: EventMessages, choice: Message, index = found.nextChoice): void {
  found.choices.set(index, choice);
  found.nextChoice = Math.max(found.nextChoice, index + 1);
}

function isIndex(value: JsonValue | undefined): value is number {
  return Number.isInteger(value) && (value as number) >= 0 && (value as number) <= LIMITS.maxIndex;
}
