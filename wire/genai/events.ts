/** D9: messages in span events, one event for each message or one event for all. */
import { readMessages, readSystem } from './conversation.ts';
import { readMessage } from './message.ts';
import { isList, isObject, open } from './open-json.ts';
import { openParts } from './parts.ts';
import type { Message } from './reading.ts';
import type { Attributes, OtelEvent } from './span.ts';

const DETAILS = 'gen_ai.client.inference.operation.details';
const CHOICE = 'gen_ai.choice';

/** The event that carries a message, and the role that its name states. */
const ROLE_OF_EVENT = new Map([
  ['gen_ai.system.message', 'system'],
  ['gen_ai.user.message', 'user'],
  ['gen_ai.assistant.message', 'assistant'],
  ['gen_ai.tool.message', 'tool'],
]);

const MESSAGE_EVENTS: ReadonlySet<string> = new Set([DETAILS, CHOICE, ...ROLE_OF_EVENT.keys()]);

export interface EventMessages {
  prompts: Message[];
  choices: Message[];
  consumed: ReadonlySet<string>;
}

/** The messages in a span's events; null when there are none. */
export function messagesOfEvents(events: readonly OtelEvent[]): EventMessages | null {
  const found = { prompts: [] as Message[], choices: [] as Message[] };
  let any = false;
  for (const { name, attributes } of events) {
    if (!MESSAGE_EVENTS.has(name)) continue;
    any = true;
    const role = ROLE_OF_EVENT.get(name);
    if (role !== undefined) found.prompts.push(...readEvent(attributes, role));
    else if (name === CHOICE) addChoice(found.choices, attributes);
    else {
      found.prompts.push(
        ...readSystem(open(attributes['gen_ai.system_instructions'])),
        ...readMessages(open(attributes['gen_ai.input.messages'])),
      );
      found.choices.push(...readMessages(open(attributes['gen_ai.output.messages'])));
    }
  }
  return any ? { ...found, consumed: MESSAGE_EVENTS } : null;
}

/** Event attributes are flat: everything but text is JSON, and the tool's call id is just `id`. */
function readEvent(attributes: Attributes, role: string): Message[] {
  const { content, tool_calls, id } = attributes;
  return readMessage(
    {
      ...attributes,
      role: attributes.role ?? role,
      content: openParts(content) ?? content ?? null,
      tool_calls: open(tool_calls) ?? null,
      ...(role === 'tool' && id !== undefined ? { tool_call_id: id } : {}),
    },
    role,
  );
}

/** Choices arrive in any order; their index says where they stand. */
function addChoice(choices: Message[], attributes: Attributes): void {
  const message = open(attributes.message);
  const read = isObject(message)
    ? readMessage(message, 'assistant')
    : isList(message)
      ? readMessages(message, 'assistant')
      : readEvent({ ...attributes, content: message ?? attributes.content ?? null }, 'assistant');
  const choice = read[0];
  if (choice === undefined) return;
  if (typeof attributes.finish_reason === 'string')
    choice.finish_reason ??= attributes.finish_reason;
  const { index } = attributes;
  const before = choices.length;
  if (typeof index === 'number' && index >= 0 && index < before) choices.splice(index, 0, choice);
  else choices.push(choice);
}
