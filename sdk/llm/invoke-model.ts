/**
 * Amazon Bedrock's InvokeModel: request and response are bodies in the format of the model's maker,
 * as bytes inside the command and its result.
 */

import { utf8Text } from '../platform/utf8.ts';
import {
  attempt,
  type Fields,
  fieldOf,
  hasFields,
  isInstance,
  isList,
  isText,
} from '../platform/values.ts';

/** Longer bodies are not read. */
const MAX_BODY_BYTES = 8 * 1024 * 1024;

/** The JSON object in a body: a text, or bytes; undefined for any other body. */
function jsonIn(body: unknown): Fields | undefined {
  try {
    const bytes = isInstance(body, Uint8Array) ? body : null;
    const length = bytes?.length ?? (isText(body) ? body.length : Number.POSITIVE_INFINITY);
    if (length > MAX_BODY_BYTES) return undefined;
    const parsed: unknown = JSON.parse(bytes ? utf8Text(bytes) : String(body));
    return hasFields(parsed) ? parsed : undefined;
  } catch {
    return undefined;
  }
}

/** The model's own response in the result of InvokeModel; undefined for any other result. */
export const invokedBody = (result: Fields): Fields | undefined =>
  isInstance(result.body, Uint8Array) ? jsonIn(result.body) : undefined;

/** The model's own event in an event of InvokeModelWithResponseStream: `{chunk: {bytes}}`. */
export const invokedChunk = (event: Fields): Fields | undefined => {
  const bytes = fieldOf(event.chunk, 'bytes');
  const body = bytes === undefined ? undefined : jsonIn(bytes);
  // The outputs of Mistral's models have no index.
  if (!body || !isList(body.outputs)) return body;
  return { ...body, outputs: body.outputs.map((output, index) => ({ ...output, index })) };
};

/** A command of the AWS SDK for JavaScript: the request is its `input`. */
export const isCommand = (value: unknown): value is { readonly input: Fields } =>
  attempt(() => hasFields(value) && hasFields(value.input) && hasFields(value.middlewareStack)) ===
  true;

/** The request in a command, with the body of InvokeModel read; any other value as it is. */
export function requestIn(value: unknown): unknown {
  if (!isCommand(value)) return value;
  const { body, ...input } = value.input;
  const read = jsonIn(body);
  return read ? { ...input, ...read } : value.input;
}
