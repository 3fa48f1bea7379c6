/**
 * Reads the result of a call as the reply of a model. Each provider's result is recognised by its
 * shape; a new shape is one function in the list `SHAPES`.
 */

import { createMarks, type Marks } from '../platform/marks.ts';
import { shared } from '../platform/shared.ts';
import { type Fields, fieldOf, hasFields, isList, isText } from '../platform/values.ts';
import { invokedBody } from './invoke-model.ts';
import { readCompletion } from './messages.ts';
import type { CallHints, Reply } from './model.ts';
import { readBatchResults } from './read-batch-results.ts';
import { OTHER_SHAPES } from './read-other-replies.ts';
import { type ReadShape, replyOf } from './reply.ts';
import { errorIn, isError } from './reply-error.ts';
import { readToolUsed } from './tool-calls.ts';

/** Results that were read as a reply, so that nested spans do not record the same reply twice. */
export const seenReplies: Marks<true> = shared('seen', createMarks<true>);

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
  const { object, output, status, incomplete_details, usage, id } = result;
  if (object !== 'response' || !isList(output)) return undefined;
  if (output.length === 0 && /^(queued|in_progress)$/.test(String(status))) {
    // A background response has no completion yet: `responses.retrieve` returns it later.
    return { ...replyOf([], usage), attributes: pending(id, status) };
  }
  const content = output.flatMap((item) => (item?.type === 'message' ? item.content : item));
  const reason = fieldOf(incomplete_details, 'reason') ?? status;
  const completion = readCompletion({ content }, reason, result, hints);
  // Asked for again: the usage was counted with the call that made the response.
  const isCounted = hints.isLookup === true && result.background !== true;
  return replyOf([completion], isCounted ? undefined : usage);
};

const pending = (id: unknown, status: unknown): Fields => ({
  'gen_ai.response.id': id,
  'openai.response.status': status,
});

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

/** `{error}` in place of an answer, with a status code of success. */
const readErrorAlone: ReadShape = (result, hints) => {
  const { error } = result;
  const isSure = hints.isDeclared && isText(error) && error !== '';
  if (!isSure && !(isError(error) && (hints.isDeclared || hints.hasMessages))) return undefined;
  return replyOf([], undefined);
};

const SHAPES: readonly ReadShape[] = [
  readOpenAiChat,
  readOpenAiResponse,
  readAnthropic,
  readGemini,
  readBedrock,
  readVercel,
  readLangChain,
  ...OTHER_SHAPES,
  readPlain,
  readErrorAlone,
];

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
  const body = invokedBody(given) ?? given;
  const batch = readBatchResults(body, (one) => readReply(one, hints, keepsContent));
  if (batch) return batch;
  for (const read of SHAPES) {
    const reply = read(body, hints);
    if (!reply) continue;
    if (!keepsContent) removeContent(reply);
    return { ...reply, error: errorIn(body, reply.completions.length === 0, keepsContent) };
  }
  return undefined;
}

function removeContent({ completions, tools }: Reply): void {
  for (const completion of completions) completion.removeContent();
  for (const tool of tools ?? []) tool.removeContent();
}
