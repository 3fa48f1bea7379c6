/** Which parts of a message are images, audio or files, and where each provider states type and size. */

import { text } from '../../json.ts';
import type { JsonObject, JsonValue } from '../../records.ts';
import { isObject } from '../../values.ts';
import type { Media } from './media.ts';

const MEDIA =
  /^((input_)?(image|audio|file)|image_url|(image|audio|video|document)-url|computer_screenshot|document|video|media|binary|blob|uri|image_generation_call)$/;

/** Fields that hold the description of the media. OpenInference nests an image in an image. */
const HOLDERS = ['source', 'file', 'input_audio', 'image_url', 'image'] as const;

const TYPES = ['media_type', 'mime_type', 'mediaType', 'mimeType', 'format'] as const;
const BYTES = [
  'file_data',
  'data',
  'base64',
  'b64_json',
  'imageBytes',
  'bytesBase64Encoded',
  'content',
] as const;
/** Fields of an address, or of base64, which some write there, too. */
const ADDRESSES = ['url', 'uri', 'image_url', 'image', 'href'] as const;
const IDS = ['file_url', 'file_id', 'fileId'] as const;
const NAMES = ['title', 'filename', 'file_name', 'name'] as const;

export function isMediaType(type: string): boolean {
  return MEDIA.test(type);
}

/** Type and content of a part that is media by its type; null for every other part. */
export function mediaOf(part: JsonObject): Media | null {
  const type = text(part.type);
  if (type === null || !MEDIA.test(type)) return null;
  const places = placesIn(part, 2);
  const find = (keys: readonly string[]): JsonValue | undefined => {
    for (const place of places) {
      for (const key of keys) if (text(place[key]) !== null) return place[key];
    }
    return undefined;
  };
  const address = find(ADDRESSES);
  const isUri = typeof address === 'string' && address.slice(0, 32).includes(':');
  const made = type === 'image_generation_call' ? part.result : undefined;
  return {
    // A document that is an image has the kind of its media type.
    kind:
      text(part.modality) ??
      /image|screenshot|audio|video/.exec(type)?.[0].replace('screenshot', 'image') ??
      null,
    media_type: find(TYPES),
    data: made ?? find(BYTES) ?? (isUri ? undefined : address) ?? bytesIn(places),
    uri: isUri ? address : find(IDS),
    name: find(NAMES),
  };
}

/** The objects that describe the media, the innermost first. */
function placesIn(part: JsonObject, levels: number): JsonObject[] {
  const held = levels === 0 ? [] : HOLDERS.map((key) => part[key]).filter(isObject);
  return [...held.flatMap((inner) => placesIn(inner, levels - 1)), part];
}

/** Bytes in place of base64: a typed array, what JSON makes of one, or their number alone. */
function bytesIn(places: readonly JsonObject[]): JsonValue | undefined {
  for (const place of places) {
    if (ArrayBuffer.isView(place)) return place;
    for (const key of BYTES) if (isObject(place[key])) return place[key];
    if (typeof place.bytes === 'number') return { byteLength: place.bytes };
  }
  return undefined;
}
