/** Bytes in the parts of a message: only their media type and size are recorded. */

import { type Fields, hasFields, isInstance, isText } from '../platform/values.ts';

/** Levels of nesting in which bytes are looked for, below a part. */
const MAX_LEVELS = 3;

/** Replaces bytes or base64 of a part by media type and size; returns any other part unchanged. */
export function withoutBytes(part: unknown, type: string): unknown {
  if (!hasFields(part) || /thinking|reasoning/.test(type)) return part;
  const blob = findBytes(part, MAX_LEVELS);
  if (!blob) return part;
  const kind = /image|audio|video/.exec(`${type} ${Object.keys(part)} ${blob.media_type}`);
  return { type: kind?.[0] ?? 'file', ...blob };
}

function findBytes(holder: Fields, depth: number): Fields | undefined {
  for (const [key, value] of Object.entries(holder)) {
    const given = holder.media_type ?? holder.mediaType ?? holder.mimeType ?? holder.format;
    if (isInstance(value, Uint8Array)) return { media_type: given, bytes: value.length };
    if (isText(value) && !/signature|encrypted/i.test(key)) {
      const url = /^data:([^;,]*)[^,]*,/.exec(value.slice(0, 256));
      if (url || key === 'data' || key === 'b64_json' || /^[\w+/=-]{256}/.test(value)) {
        const padding = value.slice(-2).replaceAll('=', '').length - 2;
        const length = value.length - (url?.[0].length ?? 0) + padding;
        return { media_type: url?.[1] || given, bytes: Math.floor(length * 0.75) };
      }
    } else if (hasFields(value) && depth > 0) {
      const found = findBytes(value, depth - 1);
      if (found) return { ...found, media_type: found.media_type ?? given };
    }
  }
  return undefined;
}
