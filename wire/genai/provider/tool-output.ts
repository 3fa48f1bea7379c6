/** The output of a tool, as the messages of any provider wrap it. */
import { isList, text, textOf } from '../../json.ts';
import type { JsonValue } from '../../records.ts';
import { isObject } from '../../values.ts';
import { isAddress, mediaPart } from './media.ts';
import { mediaOf } from './media-parts.ts';

/** The output of a tool, without the wrappers of messages. */
export function plainOutput(output: JsonValue | undefined): JsonValue {
  if (isList(output)) {
    if (output.length > 0 && output.every(isTextPart)) return output.map(textOfPart).join('\n');
    return output.map(withoutBytes);
  }
  if (!isObject(output)) return output ?? null;
  // Vercel: {type: 'json' | 'text' | 'error-text' | ..., value}; the Agents SDK: {type: 'text', text}
  if (typeof output.type === 'string' && Object.keys(output).length === 2) {
    if (output.value !== undefined) return plainOutput(output.value);
    if (isTextPart(output)) return textOfPart(output);
  }
  return withoutBytes(output);
}

/**
 * An image in the output of a tool becomes a part without bytes, as in a message. Any other value with
 * such a type is the tool's own output, and is kept unchanged.
 */
function withoutBytes(item: JsonValue): JsonValue {
  const media = isObject(item) ? mediaOf(item) : null;
  if (media === null || !isObject(item)) return item;
  const bytes = text(media.data) ?? text(media.uri);
  const isBase64 = text(media.media_type) !== null && media.data === bytes && !isAddress(bytes);
  const isMedia = bytes !== null && bytes !== item.content;
  return isMedia && (isBase64 || bytes.startsWith('data:')) ? mediaPart(media) : item;
}

/** Bedrock: `[{json}]` or `[{text}]`. */
export function bedrockOutput(content: JsonValue | undefined): JsonValue {
  const [only, ...more] = isList(content) ? content : [];
  if (more.length === 0 && isObject(only) && only.json !== undefined) return only.json;
  return isList(content) ? content.map(textOfPart).join('\n') : (content ?? null);
}

function isTextPart(part: JsonValue): boolean {
  return isObject(part) && part.type === 'text' && typeof part.text === 'string';
}

/** The text of a part; empty for a part without one. */
export function textOfPart(part: JsonValue): string {
  return isObject(part) ? (text(part.text) ?? '') : (textOf(part) ?? '');
}
