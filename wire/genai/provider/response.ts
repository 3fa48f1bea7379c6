/** The choices in a response body of any provider. A new form is one function in a list. */

import { isList, text } from '../../json.ts';
import type { JsonObject, JsonValue } from '../../records.ts';
import { isObject } from '../../values.ts';
import { failureOf, isError } from './error.ts';
import type { Message } from './model.ts';
import { OTHER_FORMS } from './other-responses.ts';
import { isMessageOrPart, readMessages } from './request.ts';
import {
  answer,
  byIndex,
  choiceOf,
  oneChoice,
  type Place,
  type ProviderResponse,
  type ReadForm,
} from './response-form.ts';
import { readToolUsed } from './tool-calls.ts';

/** OpenAI chat and text completions, and what a stream of them adds up to. */
const readChoices: ReadForm = (body) => {
  const { choices, search_results, citations } = body;
  if (!isList(choices) || !choices.some(isChoice)) return null;
  // Perplexity, xAI
  const sources = search_results ?? citations;
  const read = (choice: JsonObject): Message[] => {
    const said = choice.message ?? choice.delta ?? choice.text;
    return choiceOf(said, choice.finish_reason ?? choice.finishReason, sources);
  };
  const [only] = choices;
  const isOne = choices.length === 1 && isObject(only);
  return answer(body, isOne ? read(only) : choices.filter(isObject).sort(byIndex).flatMap(read));
};

const isChoice = (choice: JsonValue): boolean =>
  isObject(choice) && (isObject(choice.message ?? choice.delta) || choice.text != null);

/** OpenAI responses, in which every output item is a piece of one choice. */
const readResponses: ReadForm = (body, place) => {
  const { output, status, incomplete_details, object } = body;
  const isSure = object === 'response';
  if (
    !isList(output) ||
    !(isSure || (place === 'output of a call' && output.every(isMessageOrPart)))
  )
    return null;
  const [choice] = oneChoice(readMessages(output.filter(isObject), 'assistant'));
  const isPending = isSure && choice === undefined && /^(queued|in_progress)$/.test(String(status));
  if (isPending) {
    const attributes = {
      'gen_ai.response.id': body.id ?? null,
      'openai.response.status': status ?? null,
    };
    return { ...answer(body, []), attributes, isPending };
  }
  if (choice === undefined) return answer(body, []);
  const reason = isObject(incomplete_details) ? text(incomplete_details.reason) : null;
  return answer(body, [{ ...choice, role: 'assistant', finish_reason: reason ?? text(status) }]);
};

/** Anthropic's message is the whole response. */
const readAnthropic: ReadForm = (body) => {
  if (body.type !== 'message' || !isList(body.content) || body.object !== undefined) return null;
  // The id of OpenAI's message is that of one item in a response.
  const isAnswer = (body.model ?? body.stop_reason ?? body.usage) !== undefined;
  return answer(isAnswer ? body : {}, choiceOf(body, body.stop_reason));
};

/** Google GenAI: `{candidates: [{content: {parts}, finishReason}], usageMetadata, modelVersion}`. */
const readGemini: ReadForm = (body) => {
  if (!isList(body.candidates)) return null;
  const candidates = body.candidates.filter(isObject).filter(isCandidate).sort(byIndex);
  if (candidates.length === 0) return null;
  const choices = candidates.flatMap((candidate) => {
    const { content, finishReason, finish_reason } = candidate;
    const grounding = candidate.groundingMetadata ?? candidate.grounding_metadata;
    const { groundingChunks, grounding_chunks } = isObject(grounding) ? grounding : {};
    return choiceOf(content, finishReason ?? finish_reason, groundingChunks ?? grounding_chunks);
  });
  return answer(body, choices);
};

const isCandidate = ({ content, finishReason, finish_reason }: JsonObject): boolean =>
  isObject(content) || (finishReason ?? finish_reason) != null;

/** Bedrock Converse: `{output: {message}, stopReason, usage}`. */
const readConverse: ReadForm = (body) => {
  const message = isObject(body.output) ? body.output.message : undefined;
  return isObject(message) ? answer(body, choiceOf(message, body.stopReason)) : null;
};

/** The Vercel AI SDK: `{text, toolCalls, finishReason, usage, totalUsage, response}`. */
const readVercel: ReadForm = (body, place) => {
  const {
    text: said,
    object,
    toolCalls,
    finishReason,
    reasoningText,
    totalUsage,
    usage,
    response,
  } = body;
  const isSure = 'finishReason' in body && 'usage' in body;
  const isCall = place === 'output of a call' && typeof said === 'string' && isList(toolCalls);
  if (!isSure && !isCall) return null;
  const content = said ?? object ?? null;
  const message = {
    role: 'assistant',
    content: isObject(content) || isList(content) ? JSON.stringify(content) : content,
    reasoningText: reasoningText ?? null,
    toolCalls: toolCalls ?? null,
  };
  const { id, modelId } = isObject(response) ? response : {};
  const named = { ...(id ? { id } : {}), ...(modelId ? { model: modelId } : {}) };
  return answer({ ...named, usage: totalUsage ?? usage ?? null }, choiceOf(message, finishReason));
};

/** A LangChain message: `{content, tool_calls, usage_metadata, response_metadata}`. */
const readLangChainMessage: ReadForm = (body) => {
  const { response_metadata: metadata, usage_metadata } = body;
  if (!isObject(metadata) || !('content' in body)) return null;
  return answer(
    {
      id: metadata.id ?? body.id ?? null,
      model: metadata.model_name ?? metadata.model ?? null,
      usage: usage_metadata ?? metadata.usage ?? metadata.tokenUsage ?? null,
    },
    choiceOf(body, metadata.finish_reason ?? metadata.stop_reason ?? metadata.finishReason),
  );
};

/** The forms that no other object has. */
const FORMS: readonly ReadForm[] = [
  readChoices,
  readResponses,
  readAnthropic,
  readGemini,
  readConverse,
  readVercel,
  readLangChainMessage,
  ...OTHER_FORMS,
];

/** Fields of the plain reply; a text that is JSON has others. */
const PLAIN_KEYS = /^(content|role|usage|tool_used|model|id|finish_reason|reasoning|tool_calls)$/;

/** The plain reply of the documentation: `{content, usage?, tool_used?, model?}`. */
const readPlain: ReadForm = (body, place) => {
  const { content, role, finish_reason, tool_used } = body;
  if (place === 'any result' || !(typeof content === 'string' || content === null)) return null;
  if (place === 'output of a call' && !Object.keys(body).every((key) => PLAIN_KEYS.test(key)))
    return null;
  // A message of another role is an input that the function returned, not a reply.
  if (role !== undefined && role !== 'assistant') return null;
  const choices = choiceOf(body, finish_reason);
  choices[0]?.calls.push(...readToolUsed(tool_used));
  return answer(body, choices);
};

function firstOf(
  forms: readonly ReadForm[],
  body: JsonObject,
  place: Place,
): ProviderResponse | null {
  for (const read of forms) {
    const found = read(body, place);
    if (found !== null) return found;
  }
  return null;
}

/** Reads a response body of a place; null when it is not one of a known form. */
export function readBody(
  body: JsonObject,
  place: Place,
  more: readonly ReadForm[] = [],
): ProviderResponse | null {
  const found = firstOf(FORMS, body, place) ?? readPlain(body, place) ?? firstOf(more, body, place);
  if (found !== null) {
    found.failure = failureOf(body, found.choices.length === 0);
    return found;
  }
  // A model may answer with JSON that has an error, so a text is one only as what a call returned.
  const isSure = typeof body.error === 'string' && place === 'result of a call';
  if (place === 'any result' || !(isSure || isError(body.error))) return null;
  return { ...answer({}, []), failure: failureOf(body, true) };
}
