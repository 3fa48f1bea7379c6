/**
 * Bodies of `multipart/form-data`, in which files are sent: to transcribe speech, or to edit images. The
 * bytes of a file are not kept; its type, name and size are.
 */
import { utf8Text } from '../platform/utf8.ts';
import type { Fields } from '../platform/values.ts';

const MAX_PARTS = 256;
const MAX_TEXT_BYTES = 1024 * 1024;
const CRLF = [13, 10];
const HEADERS_END = [13, 10, 13, 10];

/**
 * The fields of a form: texts as they are, files as `{type, media_type, file_name, bytes}`. Fields of one
 * name, also as `name[]`, are a list. Undefined for bytes that are no such body.
 */
export function readForm(body: Uint8Array): Fields | undefined {
  if (body[0] !== DASH || body[1] !== DASH) return undefined;
  const first = indexOf(body, CRLF, 0);
  if (first < 3) return undefined;
  const boundary = [...CRLF, ...body.subarray(0, first)];
  const fields: Fields = {};
  let at = first + CRLF.length;
  for (let count = 0; count < MAX_PARTS; count++) {
    const headersEnd = indexOf(body, HEADERS_END, at);
    if (headersEnd < 0) break;
    const start = headersEnd + HEADERS_END.length;
    const end = indexOf(body, boundary, start);
    if (end < 0) break;
    addPart(fields, textOf(body.subarray(at, headersEnd)), body.subarray(start, end));
    at = end + boundary.length + CRLF.length;
  }
  return Object.keys(fields).length > 0 ? fields : undefined;
}

const DASH = 45;
const textOf = (bytes: Uint8Array): string => utf8Text(bytes);

function addPart(fields: Fields, headers: string, bytes: Uint8Array): void {
  const name = /\bname="([^"]*)"/i.exec(headers)?.[1]?.replace(/\[\]$/, '');
  if (!name) return;
  const value = partValue(headers, bytes);
  const known = fields[name];
  if (known === undefined) fields[name] = value;
  else fields[name] = Array.isArray(known) ? [...known, value] : [known, value];
}

function partValue(headers: string, bytes: Uint8Array): unknown {
  const fileName = /\bfilename="([^"]*)"/i.exec(headers)?.[1];
  if (fileName === undefined && bytes.length <= MAX_TEXT_BYTES) return textOf(bytes);
  const mediaType = /^content-type:\s*([^\r\n;]+)/im.exec(headers)?.[1];
  const kind = /^(image|audio|video)\//.exec(mediaType ?? '')?.[1];
  return {
    type: kind ?? (AUDIO.test(fileName ?? '') ? 'audio' : 'file'),
    media_type: mediaType,
    file_name: fileName,
    bytes: bytes.length,
  };
}

const AUDIO = /\.(flac|m4a|mp3|mpeg|mpga|oga|ogg|wav)$/i;

/** The place of a sequence of bytes, from a place on; -1 if it is not there. */
function indexOf(bytes: Uint8Array, wanted: readonly number[], from: number): number {
  const [first = 0] = wanted;
  const last = bytes.length - wanted.length;
  for (
    let at = bytes.indexOf(first, from);
    at >= 0 && at <= last;
    at = bytes.indexOf(first, at + 1)
  ) {
    if (wanted.every((byte, offset) => bytes[at + offset] === byte)) return at;
  }
  return -1;
}
