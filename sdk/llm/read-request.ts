/** Reads the arguments of a call as the request to a model, recognised by its shape. */

import { isMessage } from '../../wire/genai/provider/message.ts';
import type { Message } from '../../wire/genai/provider/model.ts';
import { messageKeyOf, readMessages, readRequestBody } from '../../wire/genai/provider/request.ts';
import type { JsonObject, JsonValue } from '../../wire/records.ts';
import { type Fields, hasFields, isFunction, isList, isText } from '../platform/values.ts';
import { snapshot, snapshotArguments } from '../serialize/snapshot.ts';
import { isCommand, requestIn } from './invoke-model.ts';
import { type Prompt, recordMessage } from './model.ts';

/** Fields that hold messages only in the request of a declared model call. */
const COMMON_FIELDS = /^(inputText|message)$/;

/** A message has one of these, even if it is empty. */
const CONTENT_KEYS = ['content', 'parts', 'tool_calls', 'function_call', 'audio', 'refusal'];

/** A request with messages, split so that no content is stored twice. */
export interface LlmRequest {
  readonly prompts: Prompt[];
  readonly model: string | null;
  /** Whether the list is certain to hold messages, because each has a role. */
  readonly isChat: boolean;
  /** JSON text of the other arguments and fields; null when there are none. */
  readonly rest: string | null;
  /** JSON text of all arguments, for a span that turns out not to be a model call. */
  inputJson(): string | null;
}

/**
 * `whole` is the JSON text of all arguments; null when it can be rebuilt from the prompts and the rest.
 * `count` is the number of arguments; 0 when the messages are a field of the first one.
 */
const requestOf = (
  prompts: Prompt[],
  isChat: boolean,
  model: string | null,
  rest: string | null,
  whole: string | null,
  count: number,
): LlmRequest => ({
  prompts,
  isChat,
  model,
  rest,
  inputJson() {
    if (whole !== null) return whole;
    const messages = snapshot(prompts.map(({ role, content }) => ({ role, content })));
    if (count === 1) return messages;
    const others = rest ?? (count === 0 ? '{}' : 'null');
    if (count === 0) {
      return `{"messages":${messages}${others === '{}' ? '}' : `,${others.slice(1)}`}`;
    }
    return `[${messages},${count === 2 ? `${others}]` : others.slice(1)}`;
  },
});

/**
 * The messages in the arguments: the first argument or a field of it. In a declared model call, a
 * string is a message, too. Undefined when there are none.
 */
export function readRequest(
  args: readonly unknown[],
  isDeclared: boolean,
  keepsContent: boolean,
): LlmRequest | undefined {
  const [first] = args;
  const keep = (
    messages: readonly Message[],
    isChat: boolean,
    rest: () => string | null,
    count: number,
    canRebuild: boolean,
    model: string | null = null,
  ): LlmRequest => {
    const prompts = messages.map((message) => recordMessage(message, keepsContent));
    // A declared model call never needs all arguments again.
    const whole = !keepsContent || isDeclared || canRebuild ? null : snapshotArguments(args);
    return requestOf(prompts, isChat, model, keepsContent ? rest() : null, whole, count);
  };
  const others = (): string | null => snapshotArguments(args.slice(1));
  const isBare = isText(first) && isDeclared && first !== '';
  if (isBare || isList(first)) {
    const list = isBare ? first : messagesIn(first);
    if (list === undefined) return undefined;
    const messages = readMessages(list as JsonValue, 'user');
    return keep(messages, !isBare, others, args.length, !isBare && isTextOnly(first));
  }
  if (!hasFields(first)) return undefined;
  const request = (isCommand(first) ? requestIn(first) : requestBelow(first)) as JsonObject;
  const key = messageKeyOf(request);
  const isKnown = isDeclared || isCommand(first) || !COMMON_FIELDS.test(key ?? '');
  if (key === undefined || !isKnown) return undefined;
  const isChat = key === 'messages';
  const list = messagesIn(request[key]);
  if (isChat && list === undefined) return undefined;
  const read = readRequestBody(
    list === undefined || list === request[key]
      ? request
      : (Object.create(request, { [key]: { value: list } }) as JsonObject),
  );
  if (!read || read.prompts.length === 0) return undefined;
  const canRebuild =
    isChat && request === first && read.keys.length === 1 && isTextOnly(request[key]);
  const rest = (): string | null => {
    const left = restOf(request, read.keys);
    return Object.keys(left).length === 0 ? null : snapshot(left);
  };
  return keep(read.prompts, isChat, rest, 0, canRebuild, read.model);
}

/** The fields whose content is not in the prompts. */
function restOf(request: Fields, keys: readonly string[]): Fields {
  const left: Fields = {};
  for (const key of Object.keys(request)) if (!keys.includes(key)) left[key] = request[key];
  const below = keys.find((key) => key.startsWith('config.'));
  if (below) left.config = { ...(left.config as Fields), [below.slice(7)]: undefined };
  return left;
}

/** A request that another object holds as its `input`. */
function requestBelow(given: Fields): Fields {
  const { input } = given;
  return hasFields(input) && 'messages' in input ? input : given;
}

/** The list itself if each item is a message, those of LangChain with their role; undefined otherwise. */
function messagesIn(list: unknown): unknown {
  if (!isList(list) || list.length === 0) return undefined;
  let isCopied = false;
  for (const message of list) {
    if (!hasFields(message)) return undefined;
    if (message.role == null && isFunction(typeOf(message))) isCopied = true;
    else if (!isMessage(message as JsonObject)) return undefined;
    if (!CONTENT_KEYS.some((key) => key in message)) return undefined;
  }
  return isCopied ? list.map(withRole) : list;
}

const typeOf = (message: Fields): unknown => message.getType ?? message._getType;

function withRole(message: Fields): Fields {
  const getType = typeOf(message);
  if (message.role != null || !isFunction(getType)) return message;
  return Object.create(message, { role: { value: getType.call(message) } }) as Fields;
}

/** Whether all messages have only `role` and `content`, which are recorded as they are. */
function isTextOnly(messages: unknown): boolean {
  for (const message of messages as Fields[]) {
    for (const key in message) {
      if (key !== 'role' && key !== 'content') return false;
      if (!isText(message[key]) || message[key] === '') return false;
    }
    if (!/^(system|user|assistant|developer)$/.test(message.role as string)) return false;
  }
  return true;
}

/** The arguments as they are recorded: of a command of the AWS SDK, its request alone. */
export const recordableArguments = (args: readonly unknown[]): readonly unknown[] =>
  args.some(isCommand) ? args.map(requestIn) : args;
