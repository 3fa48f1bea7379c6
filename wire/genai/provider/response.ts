/** The choices in a response body of any provider. */

import { isList, parseJsonText, text } from '../../json.ts';
import type { JsonObject, JsonValue } from '../../records.ts';
import { isObject } from '../../values.ts';
import { isMessage, mergeMessages, readMessage } from './message.ts';
import type { Message, Usage } from './model.ts';
import { isPartType } from './parts.ts';
import { readMessages } from './request.ts';
import { usageOfBody } from './usage.ts';

/** The choices of a response body, and what it states about the call. */
export interface ProviderResponse {
  choices: Message[];
  response_id: string | null;
  model: string | null;
  usage: Usage | null;
}

/** Reads a response body; null when the value is not one of a known form. */
export function readResponse(value: JsonValue | undefined): ProviderResponse | null {
  const body = parseJsonText(value);
  if (isList(body)) {
    // The Agents SDK writes a list of responses, or of the items of one response.
    if (body.length === 1 && isObject(body[0]) && isList(body[0].choices))
      return readResponse(body[0]);
    const readable = body.length > 0 && body.every(isPiece);
    return readable ? answer({}, oneChoice(readMessages(body, 'assistant'))) : null;
  }
  if (!isObject(body)) return null;
  for (const read of [readChoices, readResponses, readGemini, readLangChain, readParts]) {
    const found = read(body);
    if (found !== null) return found;
  }
  return null;
}

function answer(body: JsonObject, choices: Message[]): ProviderResponse {
  return {
    choices,
    response_id: text(body.id) ?? text(body.responseId) ?? text(body.response_id),
    model: text(body.model) ?? text(body.modelVersion) ?? text(body.model_version),
    usage: usageOfBody(body.usage ?? body.usage_metadata ?? body.usageMetadata),
  };
}

function oneChoice(messages: readonly Message[]): Message[] {
  const merged = mergeMessages(messages);
  return merged === null ? [] : [merged];
}

/** A choice from its message, with the finish reason that is beside it. */
function choiceOf(message: JsonValue | undefined, finish: JsonValue | undefined): Message[] {
  const [choice] = oneChoice(readMessage(message ?? null, 'assistant'));
  if (choice === undefined) return [];
  return [{ ...choice, finish_reason: text(finish) ?? choice.finish_reason }];
}

/** OpenAI chat and text completions. */
function readChoices(body: JsonObject): ProviderResponse | null {
  if (!isList(body.choices)) return null;
  const choices = body.choices.filter(isObject).sort(byIndex);
  return answer(
    body,
    choices.flatMap((choice) =>
      choiceOf(choice.message ?? choice.delta ?? choice.text, choice.finish_reason),
    ),
  );
}

/** OpenAI responses, in which every output item is a piece of one choice, and Bedrock Converse. */
function readResponses(body: JsonObject): ProviderResponse | null {
  if (isObject(body.output) && isMessage(body.output.message)) {
    return answer(body, choiceOf(body.output.message, body.stopReason));
  }
  if (!isList(body.output) || !body.output.every(isObject)) return null;
  const [choice] = oneChoice(readMessages(body.output, 'assistant'));
  if (choice === undefined) return answer(body, []);
  const details = isObject(body.incomplete_details) ? body.incomplete_details : {};
  return answer(body, [
    { ...choice, role: 'assistant', finish_reason: text(details.reason) ?? text(body.status) },
  ]);
}

function readGemini(body: JsonObject): ProviderResponse | null {
  if (!isList(body.candidates)) return null;
  const candidates = body.candidates.filter(isObject).sort(byIndex);
  return answer(
    body,
    candidates.flatMap(({ content, finishReason, finish_reason }) =>
      choiceOf(content, finishReason ?? finish_reason),
    ),
  );
}

/** `{generations: [[{text, message, generationInfo}]]}` */
function readLangChain(body: JsonObject): ProviderResponse | null {
  if (!isList(body.generations)) return null;
  const [first] = body.generations;
  const generations = (isList(first) ? first : body.generations).filter(isObject);
  const choices = generations.flatMap(({ message, text: plainText, generationInfo }) =>
    choiceOf(message ?? plainText, isObject(generationInfo) ? generationInfo.finish_reason : null),
  );
  const message = generations.map((generation) => generation.message).find(isObject);
  const kwargs = isObject(message?.kwargs) ? message.kwargs : (message ?? {});
  const metadata = isObject(kwargs.response_metadata) ? kwargs.response_metadata : {};
  return answer(
    {
      id: kwargs.id ?? null,
      model: metadata.model_name ?? metadata.model ?? null,
      usage: metadata.usage ?? kwargs.usage_metadata ?? null,
    },
    choices,
  );
}

/** Anthropic's message, any single message, and Vercel's or Mastra's `{text, toolCalls}`. */
function readParts(body: JsonObject): ProviderResponse | null {
  if (isMessage(body)) {
    // Anthropic's message is the whole response; the id of OpenAI's is that of one item in it.
    const isAnswer = body.type === 'message' && typeof body.model === 'string';
    return answer(isAnswer ? body : {}, choiceOf(body, body.stop_reason));
  }
  // Langfuse, for a stream that ended in tool calls: a message without a role.
  if (isList(body.tool_calls) && body.tool_calls.length > 0)
    return answer({}, choiceOf(body, null));
  if (isList(body.messages) && body.messages.length > 0 && body.messages.every(isMessage)) {
    const last = body.messages.at(-1);
    return answer(body, choiceOf(last, null));
  }
  if (typeof body.text === 'string' && isList(body.toolCalls)) {
    const message = { role: 'assistant', content: body.text, toolCalls: body.toolCalls };
    return answer(body, choiceOf(message, body.finishReason));
  }
  return null;
}

function isPiece(item: JsonValue): boolean {
  return isMessage(item) || (isObject(item) && isPartType(item.type));
}

function byIndex(a: JsonObject, b: JsonObject): number {
  return typeof a.index === 'number' && typeof b.index === 'number' ? a.index - b.index : 0;
}
