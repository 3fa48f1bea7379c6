/** Reads the arguments of a call as the request to a model, recognised by its shape. */

import { type Fields, fieldOf, hasFields, isList, isText, textOf } from '../platform/values.ts';
import { snapshot, snapshotArguments } from '../serialize/snapshot.ts';
import { isCommand, requestIn } from './invoke-model.ts';
import { isTextOnly, readMessages } from './messages.ts';
import type { Prompt } from './model.ts';

/** The fields of a request that hold messages, and those that hold a system prompt. */
const LISTS = ['messages', 'input', 'contents', 'prompt'] as const;
const INSTRUCTIONS = ['system', 'instructions', 'systemInstruction'] as const;

/** Further fields, of requests to models of Amazon Bedrock. */
const INVOKED_LISTS = [...LISTS, 'inputText', 'message', 'texts'] as const;

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
  model: unknown,
  rest: string | null,
  whole: string | null,
  count: number,
): LlmRequest => ({
  prompts,
  isChat,
  model: textOf(model),
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
    prompts: Prompt[],
    isChat: boolean,
    rest: () => string | null,
    count: number,
    canRebuild: boolean,
    model: unknown = null,
  ): LlmRequest => {
    if (!keepsContent) for (const prompt of prompts) prompt.removeContent();
    // A declared model call never needs all arguments again.
    const whole = !keepsContent || isDeclared || canRebuild ? null : snapshotArguments(args);
    return requestOf(prompts, isChat, model, keepsContent ? rest() : null, whole, count);
  };
  const others = (): string | null => snapshotArguments(args.slice(1));
  const isBare = isText(first) && isDeclared && first !== '';
  if (isBare || isList(first)) {
    const prompts = readMessages(first, isBare);
    return prompts && keep(prompts, !isBare, others, args.length, !isBare && isTextOnly(first));
  }
  if (!hasFields(first)) return undefined;
  const request = (isCommand(first) ? requestIn(first) : requestBelow(first)) as Fields;
  const key = (isCommand(first) ? INVOKED_LISTS : LISTS).find((name) => request[name] != null);
  if (!key) return undefined;
  const list = request[key];
  const isChat = key === 'messages';
  const prompts = readMessages(list, !isChat);
  if (!prompts) return undefined;
  const { [key]: _, ...left } = request;
  const config = hasFields(left.config) ? left.config : {};
  let canRebuild = isChat && request === first && isTextOnly(list);
  for (const name of INSTRUCTIONS) {
    const instructions = left[name] ?? config[name];
    if (instructions == null) continue;
    const system =
      readMessages(fieldOf(instructions, 'parts') ?? [instructions].flat(), true) ?? [];
    for (const prompt of system) prompt.role = 'system';
    prompts.unshift(...system);
    canRebuild = false;
    if (name in left) delete left[name];
    else left.config = { ...config, [name]: undefined };
  }
  const { model } = request;
  const rest = (): string | null => (Object.keys(left).length === 0 ? null : snapshot(left));
  return keep(
    prompts,
    isChat,
    rest,
    0,
    canRebuild,
    fieldOf(model, 'modelId') ?? model ?? request.modelId,
  );
}

/** A request that another object holds as its `input`. */
function requestBelow(given: Fields): Fields {
  const { input } = given;
  return hasFields(input) && 'messages' in input ? input : given;
}

/** The arguments as they are recorded: of a command of the AWS SDK, its request alone. */
export const recordableArguments = (args: readonly unknown[]): readonly unknown[] =>
  args.some(isCommand) ? args.map(requestIn) : args;
