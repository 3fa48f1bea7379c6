/** Images, audio and files in messages: their type and size, never their bytes. */

import { text } from '../../json.ts';
import type { JsonObject, JsonValue } from '../../records.ts';
import { isObject } from '../../values.ts';
import type { Part } from './model.ts';

export interface Media {
  /** The kind that the type states: `image`, `audio`, ... */
  kind?: string | null;
  media_type?: JsonValue | undefined;
  /** Base64 text, a data URL, a URI, or bytes that JSON serialized as an object. */
  data?: JsonValue | undefined;
  uri?: JsonValue | undefined;
  name?: JsonValue | undefined;
}

/** A part with media type and size in bytes, or with the URI of the bytes. */
export function mediaPart({ kind, media_type, data, uri, name }: Media): Part {
  const address = text(uri) ?? (isAddress(data) ? data : null);
  const url = address?.startsWith('data:') ? readDataUrl(address) : null;
  const type = url?.media_type ?? typeOfReference(address) ?? text(media_type);
  const part: { [key: string]: JsonValue } = { type: text(kind) ?? kindOf(type) };
  if (type !== null) part.media_type = type;
  const label = text(name);
  if (label !== null) part.name = label;
  if (url !== null) part.bytes = url.bytes;
  else if (address !== null) part.uri = address;
  else if (typeof data === 'string') part.bytes = base64Bytes(data, 0);
  else if (isObject(data)) part.bytes = bytesOf(data);
  return part;
}

/** The number of bytes in a typed array, or in what JSON makes of one. */
function bytesOf(data: JsonObject): number {
  return typeof data.byteLength === 'number' ? data.byteLength : Object.keys(data).length;
}

/** Levels of nesting in which bytes are looked for. */
const MAX_LEVELS = 3;

/** A part of unknown form that holds bytes becomes its media type and size; others are unchanged. */
export function withoutLongBytes(part: JsonValue): JsonValue {
  const found = isObject(part) ? findBytes(part, MAX_LEVELS) : null;
  if (found === null || !isObject(part)) return part;
  const kind = /image|audio|video/.exec(`${part.type} ${Object.keys(part)} ${found.media_type}`);
  return mediaPart({ kind: kind?.[0] ?? 'file', ...found });
}

function findBytes(holder: JsonObject, levels: number): Media | null {
  const media_type = holder.media_type ?? holder.mediaType ?? holder.mimeType ?? holder.format;
  for (const key in holder) {
    const value = holder[key];
    if (typeof value === 'string') {
      if (value.length < 256 || /signature|encrypted/i.test(key)) continue;
      if (value.startsWith('data:') || /^[\w+/=-]{256}/.test(value))
        return { media_type, data: value };
    } else if (isObject(value)) {
      if (ArrayBuffer.isView(value)) return { media_type, data: value };
      const found = levels > 0 ? findBytes(value, levels - 1) : null;
      if (found !== null) return { ...found, media_type: found.media_type ?? media_type };
    }
  }
  return null;
}

export function isAddress(data: JsonValue | undefined): data is string {
  return (
    typeof data === 'string' &&
    (data.startsWith('data:') ||
      data.startsWith('http:') ||
      data.startsWith('https:') ||
      data.startsWith(REFERENCE))
  );
}

/** Langfuse uploads the bytes separately: `@@@langfuseMedia:type=image/png|id=...|source=...@@@`. */
const REFERENCE = '@@@langfuseMedia:type=';

function typeOfReference(address: string | null): string | null {
  return address?.startsWith(REFERENCE)
    ? text(address.slice(REFERENCE.length).split('|', 1)[0])
    : null;
}

/** `data:image/png;base64,....` */
function readDataUrl(url: string): { media_type: string | null; bytes: number } {
  const comma = url.indexOf(',');
  if (comma < 0) return { media_type: null, bytes: 0 };
  const [media_type = '', ...options] = url.slice('data:'.length, comma).split(';');
  const bytes = options.includes('base64') ? base64Bytes(url, comma + 1) : url.length - comma - 1;
  return { media_type: media_type === '' ? null : media_type, bytes };
}

/** The number of bytes in the base64 text after a position. */
export function base64Bytes(text: string, from: number): number {
  let length = text.length - from;
  while (length > 0 && text[from + length - 1] === '=') length -= 1;
  return Math.floor((length * 3) / 4);
}

function kindOf(mediaType: string | null): string {
  const kind = mediaType?.split('/', 1)[0];
  return kind === 'image' || kind === 'audio' || kind === 'video' ? kind : 'file';
}
