/**
 * Reads the result of a call as the reply of a model. Each provider's result is recognised by its
 * shape; a new shape is one function in the list `SHAPES`.
 */

import { shared } from '../platform/shared.ts';
import { type Fields, fieldOf, hasFields, isList, isText } from '../platform/values.ts';
import { readCompletion, readToolUsed } from './messages.ts';
import type { CallHints, Completion, Reply, ToolCall } from './model.ts';
import { readUsage } from './usage.ts';

/** Results that were read as a reply, so that nested spans do not record the same reply twice. */
export const seenReplies: WeakSet<object> = shared('replies', () => new WeakSet());

/** Reads one shape of result; undefined when the result has another shape. */
type ReadShape = (result: Fields, hints: CallHints) => Reply | undefined;

/** An OpenAI chat completion: `{id, model, choices: [{message, finish_reason}], usage}`. */
const readOpenAiChat: ReadShape = (result, hints) => {
  const { choices, usage } = result;
  if (!isList(choices) || choices.length === 0) return undefined;
  const completions = [];
  for (const choice of choices.filter(Boolean)) {
    // An accumulated stream has a `delta`; a legacy completion has only `text`.
    const { text } = choice ?? {};
    const message = choice?.message ?? choice?.delta ?? (text == null ? null : { content: text });
    if (!hasFields(message)) return undefined;
    completions.push(readCompletion(message, choice.finish_reason, result, hints));
  }
  return replyOf(completions, usage);
};

/** An OpenAI response: `{object: 'response', output: [items], status, usage}`. */
const readOpenAiResponse: ReadShape = (result, hints) => {
  const { object, output, status, incomplete_details, usage } = result;
  if (object !== 'response' || !isList(output)) return undefined;
  const content = output.flatMap((item) => (item?.type === 'message' ? item.content : item));
  const reason = fieldOf(incomplete_details, 'reason') ?? status;
  return replyOf([readCompletion({ content }, reason, result, hints)], usage);
};

/** An Anthropic message: `{type: 'message', id, model, content: [blocks], stop_reason, usage}`. */
const readAnthropic: ReadShape = (result, hints) => {
  const { type, content, stop_reason, usage } = result;
  if (type !== 'message' || !isList(content)) return undefined;
  return replyOf([readCompletion(result, stop_reason, result, hints)], usage);
};

/** Google GenAI: `{candidates: [{content: {parts}, finishReason}], usageMetadata, modelVersion}`. */
const readGemini: ReadShape = (result, hints) => {
  const { candidates, modelVersion, responseId, usageMetadata } = result;
  if (!isList(candidates) || candidates.length === 0) return undefined;
  const named = { model: modelVersion, id: responseId };
  const completions = candidates.map((candidate) =>
    readCompletion(candidate?.content, candidate?.finishReason, named, hints),
  );
  return replyOf(completions, usageMetadata);
};

/** Bedrock Converse: `{output: {message}, stopReason, usage}`. */
const readBedrock: ReadShape = (result, hints) => {
  const message = fieldOf(result.output, 'message');
  if (!message) return undefined;
  return replyOf([readCompletion(message, result.stopReason, null, hints)], result.usage);
};

/** The Vercel AI SDK: `{text, toolCalls, finishReason, usage, totalUsage, response}`. */
const readVercel: ReadShape = (result, hints) => {
  if (!('finishReason' in result && 'usage' in result)) return undefined;
  const { text, object, toolCalls, finishReason, totalUsage, usage, response } = result;
  const content = text ?? object;
  const named = { model: fieldOf(response, 'modelId'), id: fieldOf(response, 'id') };
  const message = {
    content: typeof content === 'object' ? JSON.stringify(content) : content,
    toolCalls,
  };
  return replyOf([readCompletion(message, finishReason, named, hints)], totalUsage ?? usage);
};

/** A LangChain `AIMessage`: `{content, tool_calls, usage_metadata, response_metadata}`. */
const readLangChain: ReadShape = (result, hints) => {
  const { response_metadata: metadata, usage_metadata, id } = result;
  if (!hasFields(metadata) || !('content' in result)) return undefined;
  const named = { model: metadata.model_name ?? metadata.model, id };
  const reason = metadata.finish_reason ?? metadata.stop_reason ?? metadata.finishReason;
  return replyOf([readCompletion(result, reason, named, hints)], usage_metadata);
};

/**
 * Embeddings of OpenAI, `{object: 'list', data: [{embedding}], model, usage}`, and of Google,
 * `{embeddings: [{values, statistics: {tokenCount}}]}`. The vectors are not recorded.
 */
const readEmbeddings: ReadShape = (result, hints) => {
  const { data, embeddings, usage } = result;
  const list = data ?? embeddings;
  const first = isList(list) ? list[0] : undefined;
  if (!fieldOf(first, 'embedding') && !fieldOf(first, 'values')) return undefined;
  const completion = readCompletion({}, null, result, hints);
  completion.role = null;
  const reply = replyOf([completion], usage ?? sumOfTokens(list as unknown[]));
  return { ...reply, kind: 'embedding' };
};

function sumOfTokens(list: readonly unknown[]): Fields | undefined {
  const counts = list.map((item) => fieldOf(fieldOf(item, 'statistics'), 'tokenCount'));
  const known = counts.filter((count): count is number => typeof count === 'number');
  if (known.length === 0) return undefined;
  return { prompt_tokens: known.reduce((sum, count) => sum + count, 0) };
}

/**
 * The plain reply of the documentation: `{content, usage?, tool_used?, model?}`.
 *
 * Many functions return an object with `content`, so it counts as a model call only when the span is
 * declared as one or when an argument is a list of messages.
 */
const readPlain: ReadShape = (result, hints) => {
  if (!hints.isDeclared && !hints.hasMessages) return undefined;
  const { content, role, finish_reason, usage, tool_used } = result;
  if (!isText(content) && content !== null) return undefined;
  // A message of another role is an input that the function returned, not a reply.
  if (role !== undefined && role !== 'assistant') return undefined;
  const completions = [readCompletion(result, finish_reason, result, hints)];
  return replyOf(completions, usage, readToolUsed(tool_used));
};

const SHAPES: readonly ReadShape[] = [
  readOpenAiChat,
  readOpenAiResponse,
  readAnthropic,
  readGemini,
  readBedrock,
  readVercel,
  readLangChain,
  readEmbeddings,
  readPlain,
];

/** Usage is that of the whole call, and is recorded with the first completion. */
function replyOf(
  completions: Completion[],
  usage: unknown,
  tools: ToolCall[] | null = null,
): Reply {
  (completions[0] as Completion).usage = readUsage(usage);
  return { completions, tools, kind: 'llm' };
}

/** The reply, read by the first shape that matches; undefined when none does. */
export function readReply(
  result: unknown,
  hints: CallHints,
  keepsContent: boolean,
): Reply | undefined {
  // Reading the text of a stream of the Vercel AI SDK would consume it.
  if (hasFields(result) && 'textStream' in result) return undefined;
  const given = isText(result) && hints.isDeclared ? { content: result } : result;
  if (!hasFields(given)) return undefined;
  for (const read of SHAPES) {
    const reply = read(given, hints);
    if (!reply) continue;
    if (!keepsContent) {
      for (const completion of reply.completions) completion.removeContent();
      for (const tool of reply.tools ?? []) tool.removeContent();
    }
    return reply;
  }
  return undefined;
}
