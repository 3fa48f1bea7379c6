/** The response on the span of a model call: a provider's body, or what a framework makes of one. */

import { isList, parseJsonText } from '../../json.ts';
import type { JsonValue } from '../../records.ts';
import { isObject } from '../../values.ts';
import { isMessage } from './message.ts';
import { isMessageOrPart, readMessages } from './request.ts';
import { readBody } from './response.ts';
import {
  answer,
  choiceOf,
  oneChoice,
  type ProviderResponse,
  type ReadForm,
} from './response-form.ts';

/** Reads the output of a model call; null when it is not of a known form. */
export function readResponse(value: JsonValue | undefined): ProviderResponse | null {
  const body = parseJsonText(value);
  if (isObject(body)) return readBody(body, 'output of a call', SPAN_FORMS);
  if (!isList(body)) return null;
  // The Agents SDK writes a list of responses, or of the items of one response.
  if (body.length === 1 && isObject(body[0]) && isList(body[0].choices))
    return readResponse(body[0]);
  const readable = body.length > 0 && body.every(isMessageOrPart);
  return readable ? answer({}, oneChoice(readMessages(body, 'assistant'))) : null;
}

/** LangChain's results: `{generations: [[{text, message, generationInfo}]]}`, in Python `generation_info`. */
const readGenerations: ReadForm = (body) => {
  if (!isList(body.generations)) return null;
  const [first] = body.generations;
  const generations = (isList(first) ? first : body.generations).filter(isObject);
  const choices = generations.flatMap((generation) => {
    const { message, text: plainText, finish_reason } = generation;
    const info = generation.generationInfo ?? generation.generation_info;
    const finish = isObject(info) ? info.finish_reason : finish_reason;
    return choiceOf(message ?? plainText, finish);
  });
  const message = generations.map((generation) => generation.message).find(isObject);
  const kwargs = isObject(message?.kwargs) ? message.kwargs : (message ?? {});
  const metadata = isObject(kwargs.response_metadata) ? kwargs.response_metadata : {};
  return answer(
    {
      id: kwargs.id ?? body.id ?? null,
      model: metadata.model_name ?? metadata.model ?? null,
      usage: metadata.usage ?? kwargs.usage_metadata ?? null,
    },
    choices,
  );
};

/** Any single message, and a list of messages of which the last is the answer. */
const readMessageAlone: ReadForm = (body) => {
  if (isMessage(body)) return answer({}, choiceOf(body, body.stop_reason));
  // Langfuse, for a stream that ended in tool calls: a message without a role.
  if (isList(body.tool_calls) && body.tool_calls.length > 0)
    return answer({}, choiceOf(body, null));
  if (isList(body.messages) && body.messages.length > 0 && body.messages.every(isMessage)) {
    return answer(body, choiceOf(body.messages.at(-1), null));
  }
  return null;
};

const SPAN_FORMS: readonly ReadForm[] = [readGenerations, readMessageAlone];
