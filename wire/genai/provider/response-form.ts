/** A response in one form for all providers, and what the readers of its forms share. */

import { isList, text } from '../../json.ts';
import type { JsonObject, JsonValue } from '../../records.ts';
import { isObject } from '../../values.ts';
import { mergeMessages, readMessage } from './message.ts';
import {
  CallPart,
  type Failure,
  type Message,
  type MessagePart,
  type ParsedSpan,
  type Usage,
} from './model.ts';
import { usageOfBody } from './usage.ts';

/** The choices of a response body, and what it states about the call. */
export interface ProviderResponse {
  kind: 'llm' | 'embedding';
  choices: Message[];
  response_id: string | null;
  model: string | null;
  /** The provider behind a gateway. */
  provider: string | null;
  usage: Usage | null;
  /** The error that the body reports in place of an answer, or after a part of it. */
  failure: Failure | null;
  /** Attributes of the span: the cost that the provider reports, the state of a background response. */
  attributes: JsonObject;
  /** Whether the answer follows in another response. */
  isPending: boolean;
}

/**
 * Where a body was found. Other objects look like some responses, so that these are read only where a
 * response is expected: as the result of a function that was given messages, as the result of a declared
 * model call, or as the output on the span of one, which may also be a text that is JSON.
 */
export type Place = 'any result' | 'result for messages' | 'result of a call' | 'output of a call';

/** Reads one form of body; null when the body has another form. */
export type ReadForm = (body: JsonObject, place: Place) => ProviderResponse | null;

/** A response with the ids and the usage of a body. Usage is that of the whole call. */
export function answer(body: JsonObject, choices: Message[]): ProviderResponse {
  const usage = body.usage ?? body.usage_metadata ?? body.usageMetadata;
  const cost = isObject(usage) ? usage.cost : undefined;
  return {
    kind: 'llm',
    choices,
    response_id: idOf(body),
    model: text(body.model) ?? text(body.modelVersion) ?? text(body.model_version),
    provider: text(body.provider),
    usage: usageOfBody(usage),
    failure: null,
    // OpenRouter reports what the call cost.
    attributes: typeof cost === 'number' ? { 'gen_ai.usage.cost': cost } : {},
    isPending: false,
  };
}

/** LangChain makes up an id where it knows none. */
function idOf(body: JsonObject): string | null {
  const id = text(body.id) ?? text(body.responseId) ?? text(body.response_id);
  return id !== null && /^(lc_)?run-/.test(id) ? null : id;
}

export function oneChoice(messages: readonly Message[]): Message[] {
  const merged = mergeMessages(messages);
  return merged === null ? [] : [merged];
}

/** A choice from its message, with the finish reason and the sources that are beside it. */
export function choiceOf(
  message: JsonValue | undefined,
  finish: JsonValue | undefined,
  sources?: JsonValue | undefined,
): Message[] {
  const [choice] = oneChoice(readMessage(message ?? null, 'assistant'));
  if (choice === undefined) return [];
  if (isList(sources) && sources.length > 0) cite(choice, sources);
  choice.role ??= 'assistant';
  choice.finish_reason = text(finish) ?? choice.finish_reason;
  return [choice];
}

/** Adds sources to the first text that has none. */
function cite(choice: Message, citations: readonly JsonValue[]): void {
  const said: MessagePart[] =
    choice.content === null ? [] : [{ type: 'text', text: choice.content }];
  const parts = choice.parts ?? said;
  const at = parts.findIndex((part) => part.type === 'text' && !('citations' in part));
  const cited = parts[at];
  if (cited && !(cited instanceof CallPart)) choice.parts = parts.with(at, { ...cited, citations });
}

export function byIndex(a: JsonObject, b: JsonObject): number {
  return typeof a.index === 'number' && typeof b.index === 'number' ? a.index - b.index : 0;
}

/** What a response states about its span. */
export function statedBy(
  response: ProviderResponse | null,
): Pick<ParsedSpan, 'failure' | 'attributes'> {
  if (response === null) return {};
  const { failure, attributes } = response;
  return { attributes, ...(failure === null ? {} : { failure }) };
}
