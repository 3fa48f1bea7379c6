/** Which parts of a message are images, audio or files, and where each provider states type and size. */

import { text } from '../../json.ts';
import type { JsonObject, JsonValue } from '../../records.ts';
import { isObject } from '../../values.ts';
import type { Media } from './media.ts';

type Find = (part: JsonObject) => Media;

/** OpenAI, Anthropic, Vercel, LangChain, MCP and OpenInference all have `image`, each in its own form. */
const ofImage: Find = (part) => {
  const source = isObject(part.source) ? part.source : {};
  // OpenAI's `image_url` is an object in chat and a text in responses; OpenInference wraps it twice.
  const nested = [part.image_url, part.image, isObject(part.image) ? part.image.image : undefined];
  const url = nested.map((value) => (isObject(value) ? value.url : value));
  return {
    kind: part.type === 'document' ? null : 'image',
    media_type: source.media_type ?? typeOf(part),
    data: source.data ?? url.findLast((value) => typeof value === 'string') ?? bytesOf(part),
    uri: source.url ?? part.url,
    name: part.title ?? part.filename,
  };
};

const ofFile: Find = (part) => {
  const file = isObject(part.file) ? part.file : part;
  return {
    media_type: typeOf(file),
    data: bytesOf(file),
    uri: file.file_url ?? file.file_id ?? file.fileId ?? file.url,
    name: file.filename ?? file.name,
  };
};

const ofAudio: Find = (part) => {
  const audio = isObject(part.input_audio) ? part.input_audio : part;
  return {
    kind: 'audio',
    media_type: audio.format ?? typeOf(audio),
    data: bytesOf(audio),
    uri: audio.url,
  };
};

/** Parts of the conventions name their kind in `modality`. */
const ofModality: Find = (part) => {
  // A URI has a scheme. OpenLLMetry also writes the bytes of Vercel's images here.
  const isAddress = typeof part.uri === 'string' && part.uri.slice(0, 32).includes(':');
  return {
    kind: text(part.modality),
    media_type: typeOf(part),
    data: isAddress ? undefined : (part.uri ?? bytesOf(part)),
    uri: isAddress ? part.uri : undefined,
  };
};

/** `image-url` and similar types of Pydantic AI. */
const ofAddress: Find = (part) => ({
  kind: text(part.type)?.split('-', 1)[0] ?? null,
  media_type: typeOf(part),
  uri: part.url,
});

const FINDERS = new Map<string, Find>([
  ['blob', ofModality],
  ['uri', ofModality],
  ['image', ofImage],
  ['image_url', ofImage],
  ['input_image', ofImage],
  ['computer_screenshot', ofImage],
  ['document', ofImage],
  ['file', ofFile],
  ['input_file', ofFile],
  ['media', ofFile],
  ['binary', ofFile],
  ['audio', ofAudio],
  ['input_audio', ofAudio],
  ['video', (part) => ({ ...ofFile(part), kind: 'video' })],
  ['image-url', ofAddress],
  ['audio-url', ofAddress],
  ['video-url', ofAddress],
  ['document-url', ofAddress],
  ['image_generation_call', (part) => ({ kind: 'image', data: part.result })],
]);

/** Type and content of a part that is media by its type; null for every other part. */
export function mediaOf(part: JsonObject): Media | null {
  return typeof part.type === 'string' ? (FINDERS.get(part.type)?.(part) ?? null) : null;
}

export function isMediaType(type: string): boolean {
  return FINDERS.has(type);
}

function typeOf(part: JsonObject): JsonValue | undefined {
  return part.mime_type ?? part.mediaType ?? part.mimeType ?? part.media_type;
}

function bytesOf(part: JsonObject): JsonValue | undefined {
  return part.file_data ?? part.data ?? part.base64 ?? part.content;
}
