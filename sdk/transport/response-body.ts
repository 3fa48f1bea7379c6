/** The body of a response, from the chunks that arrived: what the provider returned. */

import { errorOf } from '../../wire/genai/provider/error.ts';
import { LIMITS } from '../../wire/protocol.ts';
import type { JsonObject } from '../../wire/records.ts';
import { createAccumulator } from '../llm/accumulator.ts';
import { createEventDecoder, type StreamDecoder } from '../llm/event-decoder.ts';
import { utf8Text } from '../platform/utf8.ts';
import { attempt, type Fields, hasFields, isList, isText } from '../platform/values.ts';
import { awsEventDecoder } from './aws-events.ts';
import { parseBounded, skim } from './bounded-json.ts';
import { decompress } from './decompress.ts';
import type { Headers } from './headers.ts';
import { fromWire } from './other-shapes.ts';
import { bytesOf, concat } from './request-body.ts';

/** What a response says. */
export interface Answer {
  /** The result in the form that the provider returns without streaming. */
  readonly result: Fields | undefined;
  /** The time of the first text of a stream, as `performance.now()`. */
  readonly firstAt: number | undefined;
  /** The protocol's last event arrived. */
  readonly isComplete: boolean;
  /** An error in the body. */
  readonly error: Fields | undefined;
}

/** Bytes that are kept of a response that is not a stream, and of a compressed one. */
const MAX_BYTES = 64 * 1024 * 1024;
/** Bytes of a stream that wait before they are decoded, so that its text is kept and not its bytes. */
const PORTION_BYTES = 64 * 1024;

/** Results of a batch that are read; each becomes a completion. */
const MAX_BATCH_ITEMS = 1_000;

const LAST_TYPE = /^(message_stop|response\.(completed|failed|incomplete))$/;

type Format = 'events' | 'frames' | 'json' | 'bytes';

export class ResponseBody {
  readonly #encoding: string;
  readonly #format: Format;
  readonly #mediaType: string;
  #chunks: { readonly bytes: Uint8Array; readonly at: number }[] = [];
  #size = 0;
  #waiting = 0;
  #reader: Reader | undefined;

  constructor(headers: Headers) {
    this.#encoding = headers.get('content-encoding')?.toLowerCase() ?? '';
    this.#mediaType = headers.get('content-type')?.toLowerCase() ?? '';
    this.#format = formatOf(this.#mediaType);
  }

  /** Whether the response is a stream. */
  get isStream(): boolean {
    return this.#format === 'events' || this.#format === 'frames';
  }

  get isEmpty(): boolean {
    return this.#size === 0;
  }

  add(chunk: unknown): void {
    const bytes = bytesOf(chunk);
    this.#size += bytes.length;
    if (this.#format === 'bytes') return;
    if (!this.#canDecode && this.#size > MAX_BYTES) {
      this.#chunks = [];
      return;
    }
    // A copy, because undici passes parts of a larger buffer.
    this.#chunks.push({ bytes: new Uint8Array(bytes), at: performance.now() });
    this.#waiting += bytes.length;
    if (this.#canDecode && this.#waiting > PORTION_BYTES) this.#decode();
  }

  /** Whether the protocol's last event arrived, although the connection may stay open. */
  get isComplete(): boolean {
    if (!this.isStream) return false;
    return this.#canDecode ? this.#decode().isComplete : this.read()?.isComplete === true;
  }

  /** Reads what arrived; undefined when it cannot be read. */
  read(): Answer | undefined {
    return attempt(() => {
      if (this.#format === 'bytes') return whole(this.#described);
      if (this.#canDecode) return this.#decode().end(performance.now());
      if (this.#size > MAX_BYTES) return undefined;
      const bytes = concat(this.#chunks.map((chunk) => chunk.bytes));
      const at = this.#chunks[0]?.at ?? 0;
      const plain = decompress(bytes, this.#encoding, MAX_BYTES);
      const format = this.#format;
      if (format === 'json') return readWhole(plain, at);
      const reader = new Reader(format);
      reader.add(plain, at);
      return reader.end(at);
    });
  }

  /** Bytes are not kept. */
  get #described(): Fields {
    const [mediaType] = this.#mediaType.split(';');
    return { type: 'media', media_type: mediaType, bytes: this.#size };
  }

  /** Whether chunks can be decoded as they arrive. */
  get #canDecode(): boolean {
    return this.isStream && (this.#encoding === '' || this.#encoding === 'identity');
  }

  #decode(): Reader {
    this.#reader ??= new Reader(this.#format === 'frames' ? 'frames' : 'events');
    for (const { bytes, at } of this.#chunks) this.#reader.add(bytes, at);
    this.#chunks = [];
    this.#waiting = 0;
    return this.#reader;
  }
}

/** A line of the results of a batch: `{custom_id, result}` of Anthropic, `{custom_id, response}` of OpenAI. */
const isBatchItem = ({ custom_id, result, response }: Fields): boolean =>
  isText(custom_id) && (hasFields(result) || hasFields(response));

function formatOf(type: string): Format {
  if (type.includes('event-stream')) return type.includes('amazon') ? 'frames' : 'events';
  if (type.includes('amazon.eventstream')) return 'frames';
  if (/^(audio|image|video)\/|^application\/(octet-stream|pdf)/.test(type)) return 'bytes';
  return /ndjson|jsonl|stream\+json/.test(type) ? 'events' : 'json';
}

/** Reads a stream to the result that the provider returns without streaming. */
class Reader {
  readonly #accumulator = createAccumulator(false);
  readonly #decoder: StreamDecoder;
  #error: Fields | undefined;
  readonly #batch: Fields[] = [];
  isComplete = false;

  constructor(format: 'events' | 'frames') {
    const take = (value: unknown, at: number): void => this.take(value, at);
    const done = (): void => {
      this.isComplete = true;
    };
    this.#decoder = format === 'frames' ? awsEventDecoder(take) : createEventDecoder(take, done);
  }

  add(bytes: Uint8Array, at: number): void {
    this.#decoder.add(bytes, at);
  }

  take(value: unknown, at: number): void {
    if (!hasFields(value)) return;
    if (isBatchItem(value)) {
      if (this.#batch.length < MAX_BATCH_ITEMS) this.#batch.push(value);
      return;
    }
    this.#error ??= errorOf(value as JsonObject, true);
    this.isComplete ||= value.done === true || LAST_TYPE.test(String(value.type));
    const item = fromWire(value);
    if (item) this.#accumulator.add(item, at);
  }

  end(at: number): Answer {
    this.#decoder.end(at);
    if (this.#batch.length > 0) return whole({ batch_results: this.#batch });
    const { result, firstAt } = this.#accumulator;
    return { result, firstAt, isComplete: this.isComplete, error: this.#error };
  }
}

/** Of a result that is too large to be parsed, such as thousands of vectors: its model and its usage. */
function tooLarge(bytes: Uint8Array): Answer {
  const isVectors = utf8Text(bytes.subarray(0, 1_024)).includes('"embedding');
  const data = isVectors ? { object: 'list', data: [{ embedding: [] }] } : {};
  return whole({ ...data, ...skim(bytes) });
}

function readWhole(bytes: Uint8Array, at: number): Answer {
  // Some servers do not name the type of their streams.
  const start = utf8Text(bytes.subarray(0, 64));
  if (/^\s*(data|event|id)?:/.test(start)) return readEvents(bytes, at);
  const parsed = attempt(() => ({ bounded: parseBounded(bytes) }));
  // Lines of JSON, or plain text: a transcription, subtitles.
  if (!parsed) return /^\s*[{[]/.test(start) ? readEvents(bytes, at) : readText(bytes);
  if (!parsed.bounded) return tooLarge(bytes);
  const { value } = parsed.bounded;
  if (!isList(value)) {
    const result = hasFields(value) ? (fromWire(value) ?? value) : undefined;
    return {
      ...whole(result),
      error: hasFields(value) ? errorOf(value as JsonObject, true) : undefined,
    };
  }
  // Gemini streams a list, unless events are requested.
  const reader = new Reader('events');
  for (const item of value) reader.take(item, at);
  return { ...reader.end(at), isComplete: true };
}

function readEvents(bytes: Uint8Array, at: number): Answer {
  const reader = new Reader('events');
  reader.add(bytes, at);
  return reader.end(at);
}

const readText = (bytes: Uint8Array): Answer =>
  whole({ text: utf8Text(bytes.subarray(0, LIMITS.maxTextBytes)) });

const whole = (result: Fields | undefined): Answer => ({
  result,
  firstAt: undefined,
  isComplete: true,
  error: undefined,
});
