/**
 * The LLM facts of a call, read from the shape of its arguments and its result. Each shape of result
 * has its file, `shape-*.ts`; a new one is added to the list here.
 */

import { type Fields, fieldOf, isList, isObject, isText, textOf } from '../platform/values.ts';
import { snapshot, snapshotArguments } from '../serialize/snapshot.ts';
import { isTextOnly, readMessages } from './messages.ts';
import type { CallHints, Prompt, ReadReply, Reply } from './model.ts';
import { readAnthropic } from './shape-anthropic.ts';
import { readBedrock } from './shape-bedrock.ts';
import { readGemini } from './shape-gemini.ts';
import { readLangChain } from './shape-langchain.ts';
import { readOpenAiChat } from './shape-openai-chat.ts';
import { readOpenAiEmbeddings } from './shape-openai-embeddings.ts';
import { readOpenAiResponse } from './shape-openai-responses.ts';
import { readPlain } from './shape-plain.ts';
import { readVercel } from './shape-vercel.ts';

const SHAPES: readonly ReadReply[] = [
  readOpenAiChat,
  readOpenAiResponse,
  readAnthropic,
  readGemini,
  readBedrock,
  readVercel,
  readLangChain,
  readOpenAiEmbeddings,
  readPlain,
];

/** Where a request keeps its messages, and what stands before them. */
const LISTS = ['messages', 'input', 'contents', 'prompt'] as const;
const INSTRUCTIONS = ['system', 'instructions', 'systemInstruction'] as const;

/** The arguments of a call that carries messages, split so that no byte is kept twice. */
export interface LlmRequest {
  readonly prompts: Prompt[];
  readonly model: string | null;
  /** The messages are sure to be such, because each has a role. */
  readonly isChat: boolean;
  /** JSON text of the arguments without the messages; null when there was nothing else. */
  readonly rest: string | null;
  /** The arguments as they were, for a span that turned out to be no LLM call. */
  inputJson(): string | null;
}

/**
 * `whole` is the JSON text of the arguments as they were; null when prompts and rest say all of it.
 * `count` is how many arguments there were, none of them a message list by itself when 0.
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
 * The messages among the arguments: the first argument, or a field of it; of a declared LLM call also
 * a bare text. Undefined when there are none.
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
    if (!keepsContent) for (const prompt of prompts) prompt.forgetContent();
    // A declared LLM call has no need of its arguments as they were.
    const whole = !keepsContent || isDeclared || canRebuild ? null : snapshotArguments(args);
    return requestOf(prompts, isChat, model, keepsContent ? rest() : null, whole, count);
  };
  const others = (): string | null => snapshotArguments(args.slice(1));
  const isBare = isText(first) && isDeclared && first !== '';
  if (isBare || isList(first)) {
    const prompts = readMessages(first, isBare);
    return prompts && keep(prompts, !isBare, others, args.length, !isBare && isTextOnly(first));
  }
  if (!isObject(first)) return undefined;
  // A command of the AWS SDK has the request as its input.
  const wrapped = fieldOf(first, 'input');
  const request: Fields = isObject(wrapped) && 'messages' in wrapped ? wrapped : first;
  const key = LISTS.find((name) => request[name] != null);
  if (!key) return undefined;
  const list = request[key];
  const isChat = key === 'messages';
  const prompts = readMessages(list, !isChat);
  if (!prompts) return undefined;
  const { [key]: _, ...left } = request;
  const config = isObject(left.config) ? left.config : {};
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

/** The reply, by the first shape that knows it; undefined when none does. */
export function readReply(
  result: unknown,
  hints: CallHints,
  keepsContent: boolean,
): Reply | undefined {
  // To read the text of a stream of the Vercel AI SDK is to consume it.
  if (isObject(result) && 'textStream' in result) return undefined;
  const given = isText(result) && hints.isDeclared ? { content: result } : result;
  if (!isObject(given)) return undefined;
  for (const read of SHAPES) {
    const reply = read(given, hints);
    if (!reply) continue;
    if (!keepsContent) {
      for (const completion of reply.completions) completion.forgetContent();
      for (const tool of reply.tools ?? []) tool.forgetContent();
    }
    return reply;
  }
  return undefined;
}
