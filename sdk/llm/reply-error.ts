/** Errors that a provider reports in its response instead of by a status code. */

import { type Fields, fieldOf, hasFields, isText, textOf } from '../platform/values.ts';
import { quoteLabel, quoteText, snapshot } from '../serialize/snapshot.ts';

/**
 * The error in a response, or in an event of a stream; undefined when it reports none. OpenAI's Responses
 * API has `status: 'failed'` and `error`, OpenRouter `error` in the response or in a choice, Anthropic
 * `{type: 'error', error}`, and Ollama a text, which counts only if `takesText`.
 */
export function errorOf(value: Fields, takesText: boolean): Fields | undefined {
  const response = hasFields(value.response) ? value.response : value;
  const error = response.error ?? fieldOf(fieldOf(response.choices, '0'), 'error');
  if (isError(error)) return error;
  if (takesText && isText(error) && error !== '') return { message: error };
  if (response.object === 'response' && response.status === 'failed') {
    return { type: 'failed', message: 'The response failed' };
  }
  return value.type === 'error' && isText(value.message) ? value : undefined;
}

/**
 * The error of a response as JSON text `{type, code, message}`; null when there is none. A text is an
 * error if the response has nothing else. Without content the message is left out, because it quotes
 * values.
 */
export function errorIn(result: Fields, isAlone: boolean, keepsContent: boolean): string | null {
  const error = errorOf(result, isAlone);
  if (!error) return null;
  const { code, message, type } = error;
  return errorJson(
    textOf(type) ?? textOf(code) ?? 'ResponseError',
    code,
    keepsContent ? textOf(message) : null,
  );
}

/** Whether a value is the error of a response, which has a message, a code or a type. */
export const isError = (error: unknown): error is Fields =>
  hasFields(error) && (isText(error.message) || isText(error.type) || error.code != null);

const errorJson = (type: string, code: unknown, message: string | null): string =>
  `{"type":${quoteLabel(type)}` +
  (isText(code) || typeof code === 'number' ? `,"code":${snapshot(code)}` : '') +
  `${message === null ? '' : `,"message":${quoteText(message)}`}}`;
