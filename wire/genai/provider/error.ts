/** Errors that a provider reports in its response instead of by a status code. */

import { text } from '../../json.ts';
import type { JsonObject, JsonValue } from '../../records.ts';
import { isObject } from '../../values.ts';
import type { Failure } from './model.ts';

/**
 * The error in a response, or in an event of a stream; undefined when it reports none. OpenAI's Responses
 * API has `status: 'failed'` and `error`, OpenRouter `error` in the response or in a choice, Anthropic
 * `{type: 'error', error}`, and Ollama a text, which counts only if `takesText`.
 */
export function errorOf(value: JsonObject, takesText: boolean): JsonObject | undefined {
  const response = isObject(value.response) ? value.response : value;
  const { choices } = response;
  const choice = Array.isArray(choices) ? (choices[0] as JsonValue) : undefined;
  const error = response.error ?? (isObject(choice) ? choice.error : undefined);
  if (isError(error)) return error;
  if (takesText && typeof error === 'string' && error !== '') return { message: error };
  if (response.object === 'response' && response.status === 'failed') {
    return { type: 'failed', message: 'The response failed' };
  }
  return value.type === 'error' && typeof value.message === 'string' ? value : undefined;
}

/** The error of a response. A text is one if the response has nothing else. */
export function failureOf(response: JsonObject, isAlone: boolean): Failure | null {
  const error = errorOf(response, isAlone);
  if (!error) return null;
  const { code, message, type } = error;
  const isCode = typeof code === 'string' || typeof code === 'number';
  return {
    type: text(type) ?? text(code) ?? 'ResponseError',
    ...(isCode ? { code } : {}),
    message: text(message),
  };
}

/** Whether a value is the error of a response, which has a message, a code or a type. */
export function isError(error: JsonValue | undefined): error is JsonObject {
  if (!isObject(error)) return false;
  return typeof error.message === 'string' || typeof error.type === 'string' || error.code != null;
}
