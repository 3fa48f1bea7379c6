/** Errors that a provider reports in its response instead of by a status code. */

import { type Fields, fieldOf, hasFields, isText, textOf } from '../platform/values.ts';
import { quoteLabel, quoteText, snapshot } from '../serialize/snapshot.ts';

/**
 * The error of a response as JSON text `{type, code, message}`; null when there is none. OpenAI's
 * Responses API has `status: 'failed'` and `error`, OpenRouter `error` in the response or in a choice,
 * Anthropic `{type: 'error', error}`, and Ollama a text where there is nothing else. Without content the message is left out, because it quotes values.
 */
export function errorIn(result: Fields, isAlone: boolean, keepsContent: boolean): string | null {
  const { status, choices, object } = result;
  const ofChoice = fieldOf(fieldOf(choices, '0'), 'error');
  const error = result.error ?? ofChoice;
  const isFailed = object === 'response' && status === 'failed';
  if (!isError(error) && !(isAlone && isText(error)))
    return isFailed ? errorJson('failed', null, 'The response failed') : null;
  const { code, message, type } = isText(error) ? { message: error } : (error as Fields);
  return errorJson(
    textOf(type) ?? textOf(code) ?? 'ResponseError',
    code,
    keepsContent ? textOf(message) : null,
  );
}

/** Whether a value is the error of a response, which has a message or a code. */
export const isError = (error: unknown): boolean =>
  hasFields(error) && (isText(error.message) || error.code != null);

const errorJson = (type: string, code: unknown, message: string | null): string =>
  `{"type":${quoteLabel(type)}` +
  (isText(code) || typeof code === 'number' ? `,"code":${snapshot(code)}` : '') +
  `${message === null ? '' : `,"message":${quoteText(message)}`}}`;
