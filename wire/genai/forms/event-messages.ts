/** Messages in span events or log records: one event for each message, or one for all of a call. */

import { isList, text } from '../../json.ts';
import { LIMITS } from '../../protocol.ts';
import type { JsonValue } from '../../records.ts';
import { isObject } from '../../values.ts';
import { mergeMessages } from '../provider/message.ts';
import type { Message } from '../provider/model.ts';
import { readMessages } from '../provider/request.ts';
import { readConversation, readInstructions } from './conversation.ts';
import { plainMessage } from './message-forms.ts';
import { openParts, openValue } from './open-value.ts';
import type { Attributes, OtelEvent } from './otel-span.ts';
import { partsIn, plainPart } from './part-forms.ts';
import { plainArguments, plainResult } from './tool-values.ts';

/** The record of a whole call. */
export const CALL_DETAILS = 'gen_ai.client.inference.operation.details';
const CHOICE = 'gen_ai.choice';

/** The earliest conventions: all prompts, or all choices, as JSON in one event. */
const CONTENT_PROMPT = 'gen_ai.content.prompt';
const CONTENT_COMPLETION = 'gen_ai.content.completion';

const SYSTEM = 'gen_ai.system_instructions';
const INPUT = 'gen_ai.input.messages';
const OUTPUT = 'gen_ai.output.messages';

/** Azure's SDKs write the body of an event as JSON into this attribute. */
const EVENT_CONTENT = 'gen_ai.event.content';

/** Names of events that carry one message, and the role that the name implies. */
const ROLE_OF_EVENT = new Map([
  ['gen_ai.system.message', 'system'],
  ['gen_ai.user.message', 'user'],
  ['gen_ai.assistant.message', 'assistant'],
  ['gen_ai.tool.message', 'tool'],
  ['gen_ai.agent.message', 'user'],
]);

export const MESSAGE_EVENTS: ReadonlySet<string> = /* @__PURE__ */ (() =>
  new Set([CALL_DETAILS, CHOICE, CONTENT_PROMPT, CONTENT_COMPLETION, ...ROLE_OF_EVENT.keys()]))();

/** Whether an event, or a log record, of this name carries messages. */
export function isMessageEvent(name: string): boolean {
  return MESSAGE_EVENTS.has(name);
}

/** Names of events that mark the first piece of an answer. */
const FIRST_PIECES: ReadonlySet<string> = /* @__PURE__ */ new Set([
  'First Token Stream Event',
  'gen_ai.content.completion.chunk',
  'llm.content.completion.chunk',
  'first_token_received',
  'ai.stream.firstChunk',
  'gen_ai.choice.chunk',
]);

/** When the first piece of an answer arrived, if an event says so. */
export function firstPieceAt(events: readonly OtelEvent[]): string | null {
  return events.find(({ name }) => FIRST_PIECES.has(name))?.time ?? null;
}

export interface EventMessages {
  prompts: Message[];
  /** By index: the event of one choice may arrive without those before it. */
  choices: Map<number, Message>;
  /** The index of the next choice that states none. */
  nextChoice: number;
  /** Whether choices state their index. */
  isIndexed: boolean;
}

/** The messages in the events of a call; null when there are none. */
export function messagesOfEvents(
  events: readonly Pick<OtelEvent, 'name' | 'attributes'>[],
): EventMessages | null {
  const found: EventMessages = { prompts: [], choices: new Map(), nextChoice: 0, isIndexed: false };
  let any = false;
  for (const { name, attributes: sent } of events) {
    if (!isMessageEvent(name)) continue;
    any = true;
    const attributes = withContent(sent);
    const role = ROLE_OF_EVENT.get(name);
    if (role !== undefined) found.prompts.push(...readEvent(attributes, role));
    else if (name === CHOICE) readChoice(found, attributes);
    else if (name === CONTENT_PROMPT) {
      found.prompts.push(...promptsIn(attributes['gen_ai.prompt'] ?? null));
    } else if (name === CONTENT_COMPLETION) addChoices(found, attributes['gen_ai.completion']);
    else {
      const prompts = promptsIn(attributes[INPUT] ?? null);
      const system = prompts[0]?.role === 'system' ? null : readInstructions(attributes[SYSTEM]);
      found.prompts.push(...(system ?? []), ...prompts);
      addChoices(found, attributes[OUTPUT]);
    }
  }
  if (!any) return null;
  joinChunks(found);
  return found;
}

/** Chunks of a stream, of which only the last has ended, are one choice. */
function joinChunks(found: EventMessages): void {
  const { choices, isIndexed } = found;
  if (isIndexed || choices.size < 2) return;
  const chunks = listOfChoices(found);
  const ended = chunks.findIndex(({ finish_reason }) => finish_reason !== null);
  if (ended !== chunks.length - 1) return;
  const whole = mergeMessages(chunks);
  if (whole === null) return;
  choices.clear();
  choices.set(0, whole);
}

function promptsIn(value: JsonValue): Message[] {
  return readConversation(value, { role: 'user', takesText: true }) ?? [];
}

function addChoices(found: EventMessages, value: JsonValue | undefined): void {
  const opened = openValue(value);
  if (opened === undefined || opened === null || opened === '') return;
  // One message is one choice, also when its parts read as several messages.
  for (const item of isList(opened) ? opened : [opened]) {
    const choice = mergeMessages(readMessages([plainMessage(item)], 'assistant'));
    if (choice !== null) addChoice(found, choice);
  }
}

function withContent(attributes: Attributes): Attributes {
  const content = openValue(attributes[EVENT_CONTENT]);
  return isObject(content) ? { ...attributes, ...content } : attributes;
}

/** The choices in order of their indexes. */
export function listOfChoices({ choices }: EventMessages): Message[] {
  return [...choices].sort(([a], [b]) => a - b).map(([, choice]) => choice);
}

/** Arguments and output of a tool from the events of its span, where Strands writes them. */
export function toolOfEvents(events: readonly Pick<OtelEvent, 'name' | 'attributes'>[]): {
  arguments: JsonValue;
  output: JsonValue;
} {
  let args: JsonValue = null;
  let output: JsonValue = null;
  for (const { name, attributes } of events) {
    if (name === 'gen_ai.tool.message') args ??= plainArguments(attributes.content);
    else if (name === CHOICE) output ??= plainResult(attributes.message);
    else if (name === CALL_DETAILS) {
      args ??= plainArguments(partOf(attributes[INPUT], 'arguments'));
      output ??= plainResult(partOf(attributes[OUTPUT], 'response'));
    }
  }
  return { arguments: args, output };
}

/** A field of the first part of the first message. */
function partOf(messages: JsonValue | undefined, field: string): JsonValue | undefined {
  const opened = openValue(messages);
  const message = isList(opened) ? opened[0] : undefined;
  const part = isObject(message) && isList(message.parts) ? message.parts[0] : undefined;
  return isObject(part) ? part[field] : undefined;
}

/** Event attributes are flat: values other than text are JSON, and the id of the tool call is `id`. */
function readEvent(attributes: Attributes, role: string): Message[] {
  const { content, tool_calls, id } = attributes;
  const stated = text(attributes.role);
  // Semantic Kernel writes the whole message as JSON into the content.
  const whole = openParts(content);
  if (isObject(whole) && typeof whole.role === 'string')
    return readMessages([plainMessage(whole)], role);
  const said =
    typeof content === 'string' ? (partsIn(content)?.map(plainPart) ?? content) : content;
  // The more specific word has precedence: some name all events alike, others state one role for all.
  const isSpecific = role === 'system' || role === 'tool';
  return readMessages(
    [
      plainMessage({
        ...attributes,
        role: isSpecific ? role : (stated ?? role),
        content: said ?? null,
        tool_calls: openValue(tool_calls) ?? null,
        ...(role === 'tool' && id !== undefined ? { tool_call_id: id } : {}),
      }),
    ],
    role,
  );
}

/** Choices arrive in any order; each states its index. */
function readChoice(found: EventMessages, attributes: Attributes): void {
  const { message: sent, index, finish_reason, tool_calls, content } = attributes;
  const message = openValue(sent);
  if (
    message === undefined &&
    content === undefined &&
    tool_calls === undefined &&
    attributes['tool.result'] !== undefined
  )
    return;
  const parts = typeof sent === 'string' ? partsIn(sent)?.map(plainPart) : undefined;
  const read =
    isObject(message) && parts === undefined
      ? // Earlier conventions have the calls beside the message instead of inside it.
        readMessages(
          [plainMessage({ tool_calls: openValue(tool_calls) ?? null, ...message })],
          'assistant',
        )
      : isList(message) && parts === undefined
        ? (readConversation(message, { role: 'assistant', takesText: true }) ?? [])
        : readEvent({ ...attributes, content: parts ?? message ?? content ?? null }, 'assistant');
  const choice = mergeMessages(read);
  if (choice === null) return;
  choice.finish_reason ??= text(finish_reason);
  if (isIndex(index)) found.isIndexed = true;
  addChoice(found, choice, isIndex(index) ? index : undefined);
}

function addChoice(found: EventMessages, choice: Message, index = found.nextChoice): void {
  found.choices.set(index, choice);
  found.nextChoice = Math.max(found.nextChoice, index + 1);
}

function isIndex(value: JsonValue | undefined): value is number {
  return Number.isInteger(value) && (value as number) >= 0 && (value as number) <= LIMITS.maxIndex;
}
