/** Reads a body as server-sent events or as lines of JSON, the two text formats in which models stream. */
import { utf8Decoder } from '../platform/utf8.ts';
import { attempt } from '../platform/values.ts';

/** Decodes the bytes of a stream, cut anywhere. */
export interface StreamDecoder {
  /** The next bytes, and the time when they arrived. */
  add(bytes: Uint8Array, at: number): void;
  /** No more bytes follow. */
  end(at: number): void;
}

/** Receives a JSON value, and the time when its last byte arrived. */
export type TakeValue = (value: unknown, at: number) => void;

/** UTF-16 units of one line; a longer one is not of a model. */
const MAX_LINE_UNITS = 64 * 1024 * 1024;

/**
 * Passes on the JSON of each `data` field and of each line. `done` is called for `[DONE]`, with which
 * OpenAI's streams end. A value is passed on with the line that completes it, because the empty line
 * that ends an event may arrive late or never.
 * @see https://html.spec.whatwg.org/multipage/server-sent-events.html#event-stream-interpretation
 */
export function createEventDecoder(take: TakeValue, done?: () => void): StreamDecoder {
  const decoder = utf8Decoder();
  /** The line that is not complete. */
  let rest = '';
  let isTooLong = false;
  /** An event that is continued on the next line. */
  let data = '';
  const read = (line: string, at: number): void => {
    const isData = line.startsWith('data:');
    if (!isData) data = '';
    if (!isData && !/^\s*[[{]/.test(line)) return;
    data += isData ? `\n${line.slice('data:'.length)}` : line;
    if (data.length > MAX_LINE_UNITS) data = '';
    if (isData && data.trimStart().startsWith('[DONE]')) {
      data = '';
      done?.();
      return;
    }
    const parsed = attempt(() => ({ value: JSON.parse(data) as unknown }));
    if (parsed) data = '';
    if (parsed) take(parsed.value, at);
  };
  return {
    add(bytes, at) {
      const text = rest + decoder.decode(bytes, { stream: true });
      const lines = text.split(text.includes('\r') ? /\r\n|\n|\r(?!$)/ : '\n');
      rest = lines.pop() ?? '';
      for (const line of lines) {
        if (!isTooLong) read(line, at);
        isTooLong = false;
      }
      if (rest.length <= MAX_LINE_UNITS) return;
      isTooLong = true;
      rest = '';
    },
    end(at) {
      if (rest !== '' && !isTooLong) read(rest, at);
      rest = '';
    },
  };
}
