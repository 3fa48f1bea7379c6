/** Decodes the event stream of AWS, in which Bedrock streams. */

import type { StreamDecoder, TakeValue } from '../llm/event-decoder.ts';
import { utf8Text } from '../platform/utf8.ts';
import { attempt, type Fields, hasFields, isText } from '../platform/values.ts';

/** Bytes of one frame; a longer one is not of a model. */
const MAX_FRAME = 64 * 1024 * 1024;
const PRELUDE_BYTES = 12;
const CHECKSUM_BYTES = 4;
const TEXT_HEADER = 7;

/**
 * Frames with headers and a payload. A frame of `InvokeModel` holds the
 * provider's own event in base64; one of `Converse` becomes `{[event type]: payload}`, as in the AWS SDK.
 * @see https://smithy.io/2.0/aws/amazon-eventstream.html
 */
export function awsEventDecoder(take: TakeValue): StreamDecoder {
  let rest = new Uint8Array();
  const frame = (bytes: Uint8Array, at: number): void => {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    const headerEnd = PRELUDE_BYTES + view.getUint32(4);
    const payload = utf8Text(bytes.subarray(headerEnd, -CHECKSUM_BYTES));
    const type = eventTypeOf(bytes, view, headerEnd);
    const value: unknown = JSON.parse(payload);
    const { bytes: packed } = hasFields(value) ? value : ({} as Fields);
    if (isText(packed)) take(JSON.parse(utf8Text(fromBase64(packed))), at);
    else take({ [type]: value }, at);
  };
  return {
    add(bytes, at) {
      const joined = new Uint8Array(rest.length + bytes.length);
      joined.set(rest);
      joined.set(bytes, rest.length);
      let from = 0;
      while (joined.length - from >= PRELUDE_BYTES) {
        const size = new DataView(joined.buffer, from).getUint32(0);
        if (size <= PRELUDE_BYTES || size > MAX_FRAME) {
          from = joined.length;
          break;
        }
        if (joined.length - from < size) break;
        const one = joined.subarray(from, from + size);
        attempt(() => frame(one, at));
        from += size;
      }
      rest = joined.slice(from);
    },
    end: () => undefined,
  };
}

/** The header `:event-type`; all headers of Bedrock are texts. */
function eventTypeOf(bytes: Uint8Array, view: DataView, end: number): string {
  const read = (from: number, to: number): string => utf8Text(bytes.subarray(from, to));
  for (let at = PRELUDE_BYTES; at < end; ) {
    const nameEnd = at + 1 + view.getUint8(at);
    if (view.getUint8(nameEnd) !== TEXT_HEADER) break;
    const valueEnd = nameEnd + 3 + view.getUint16(nameEnd + 1);
    if (read(at + 1, nameEnd) === ':event-type') return read(nameEnd + 3, valueEnd);
    at = valueEnd;
  }
  return 'event';
}

const fromBase64 = (text: string): Uint8Array =>
  Uint8Array.from(atob(text), (unit) => unit.charCodeAt(0));
