/**
 * The formats in which providers stream: server-sent events, lines of JSON (Ollama), and the event
 * stream of AWS. Each decoder takes bytes as they arrive and passes on the JSON values in them.
 */
import { attempt, type Fields, hasFields, isText } from '../platform/values.ts';

/** Receives a JSON value, and the time when its last byte arrived. */
export type TakeValue = (value: unknown, at: number) => void;

export interface StreamDecoder {
  add(bytes: Uint8Array, at: number): void;
  /** No more bytes follow. */
  end(at: number): void;
}

/** Units of one line and bytes of one frame; a longer one is not of a model. */
const MAX_LINE = 64 * 1024 * 1024;

/** Splits text into lines; `take` receives each without its end. */
function lineDecoder(take: (line: string, at: number) => void): StreamDecoder {
  const decoder = new TextDecoder();
  let rest = '';
  return {
    add(bytes, at) {
      const text = rest + decoder.decode(bytes, { stream: true });
      const lines = text.split(text.includes('\r') ? /\r\n|\n|\r(?!$)/ : '\n');
      rest = lines.pop() ?? '';
      if (rest.length > MAX_LINE) rest = '';
      for (const line of lines) take(line, at);
    },
    end(at) {
      if (rest !== '') take(rest, at);
      rest = '';
    },
  };
}

/**
 * Server-sent events, by their `data`. `done` is called for `[DONE]`, with which OpenAI's streams end.
 * @see https://html.spec.whatwg.org/multipage/server-sent-events.html#event-stream-interpretation
 */
export function eventDecoder(take: TakeValue, done: () => void): StreamDecoder {
  let data = '';
  const line = (text: string, at: number): void => {
    if (text.startsWith('data:')) {
      if (data.length < MAX_LINE) data += (data && '\n') + text.slice(text[5] === ' ' ? 6 : 5);
      return;
    }
    if (text !== '' || data === '') return;
    const event = data;
    data = '';
    if (event.startsWith('[DONE]')) done();
    else takeJson(event, at, take);
  };
  const lines = lineDecoder(line);
  return {
    add: lines.add,
    end(at) {
      lines.end(at);
      line('', at);
    },
  };
}

/** One JSON value per line. */
export const jsonLinesDecoder = (take: TakeValue): StreamDecoder =>
  lineDecoder((line, at) => {
    if (line.trim() !== '') takeJson(line, at, take);
  });

/** An event that is no JSON says nothing about the reply. */
function takeJson(text: string, at: number, take: TakeValue): void {
  const value = attempt(() => ({ json: JSON.parse(text) as unknown }));
  if (value) take(value.json, at);
}

const PRELUDE_BYTES = 12;
const CHECKSUM_BYTES = 4;
const TEXT_HEADER = 7;

/**
 * The event stream of AWS: frames with headers and a payload. A frame of `InvokeModel` holds the
 * provider's own event in base64; one of `Converse` becomes `{[event type]: payload}`, as in the AWS SDK.
 * @see https://smithy.io/2.0/aws/amazon-eventstream.html
 */
export function awsEventDecoder(take: TakeValue): StreamDecoder {
  let rest = new Uint8Array();
  const frame = (bytes: Uint8Array, at: number): void => {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    const headerEnd = PRELUDE_BYTES + view.getUint32(4);
    const payload = new TextDecoder().decode(bytes.subarray(headerEnd, -CHECKSUM_BYTES));
    const type = eventTypeOf(bytes, view, headerEnd);
    takeJson(payload, at, (value) => {
      const { bytes: packed } = hasFields(value) ? value : ({} as Fields);
      if (isText(packed)) takeJson(new TextDecoder().decode(fromBase64(packed)), at, take);
      else take({ [type]: value }, at);
    });
  };
  return {
    add(bytes, at) {
      const joined = new Uint8Array(rest.length + bytes.length);
      joined.set(rest);
      joined.set(bytes, rest.length);
      let from = 0;
      while (joined.length - from >= PRELUDE_BYTES) {
        const size = new DataView(joined.buffer, from).getUint32(0);
        if (size <= PRELUDE_BYTES || size > MAX_LINE) {
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
  const read = (from: number, to: number): string =>
    new TextDecoder().decode(bytes.subarray(from, to));
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
