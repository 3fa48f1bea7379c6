/**
 * What a result says while it goes on after the call returned: a bounded copy of its items, taken as
 * they pass, and the end of the span when it ends.
 */
import { LIMITS } from '../../wire/protocol.ts';
import { type Accumulator, createAccumulator } from '../llm/accumulator.ts';
import { seenReplies } from '../llm/seen-replies.ts';
import { mayHoldSecret } from '../redaction/prefilter.ts';
import { quoteText, snapshot } from '../serialize/snapshot.ts';
import { openStreams } from '../span/open-roots.ts';
import type { RecordingSpan } from '../span/recording-span.ts';
import { captureReply, endWithResult, failed, mayReply } from './outcome.ts';

const MAX_UNITS = LIMITS.maxJsonBytes / 4;

/** A stream that nobody reads any more ends its span too, or the span would be kept for ever. */
const abandoned = globalThis.FinalizationRegistry
  ? new FinalizationRegistry<StreamRecorder>((recorder) => recorder.abandon())
  : undefined;

/** Who reads a stream may hold a part of it alone; the whole must not count as abandoned then. */
export const holders = new WeakMap<object, object>();

export class StreamRecorder {
  declare readonly span: RecordingSpan;
  readonly #items: string[] = [];
  #total = 0;
  #size = 0;
  /** Bytes that passed, as the text that they are. */
  #text = '';
  #decoder: InstanceType<typeof TextDecoder> | undefined;
  #lastAt: number;
  readonly #accumulator: Accumulator;

  /** `subject` is what the caller holds while there is more to come. */
  constructor(span: RecordingSpan, subject: object) {
    this.span = span;
    this.#lastAt = span.now();
    this.#accumulator = createAccumulator(span.kind === 'llm');
    abandoned?.register(subject, this, this);
    openStreams.add(this);
  }

  /** Takes an item that passes; never throws. */
  add(item: unknown): void {
    const { span } = this;
    if (span.isEnded) return;
    try {
      this.#lastAt = span.now();
      if (mayReply(span) && this.#accumulator.take(item, this.#lastAt)) return;
      if (span.capturesContent) this.#keep(item);
    } catch {
      // The item matters more than its record.
    }
  }

  /** Nothing more comes; `returned` is the last word of a generator, or all of it at once. */
  end(returned?: unknown, at?: number): void {
    this.#close();
    if (this.span.isEnded) return;
    endWithResult(this.span, this.#write(returned), at);
  }

  fail(thrown: unknown): void {
    this.#close();
    if (this.span.isEnded) return;
    this.#write(undefined);
    failed(this.span, thrown);
  }

  readonly rethrow = (thrown: unknown): never => {
    this.fail(thrown);
    throw thrown;
  };

  /** Ends the span as of the last thing that happened. */
  abandon(): void {
    this.span.setAttribute('agensight.unfinished', true);
    this.end(undefined, this.#lastAt);
  }

  /** The subject is now in the hands of an operation that will end. */
  hold(): void {
    abandoned?.unregister(this);
  }

  #close(): void {
    this.hold();
    openStreams.delete(this);
  }

  #keep(item: unknown): void {
    this.#total += 1;
    if (this.#size >= MAX_UNITS) return;
    if (item instanceof Uint8Array) {
      this.#decoder ??= new TextDecoder();
      this.#text += this.#decoder.decode(item.subarray(0, MAX_UNITS), { stream: true });
      this.#size += item.length;
      return;
    }
    const json = snapshot(item) ?? 'null';
    this.#size += json.length + 1;
    if (this.#size < MAX_UNITS) this.#items.push(json);
  }

  /** Writes down what came, and returns what the span ends with. */
  #write(returned: unknown): unknown {
    const { span } = this;
    const { result, firstAt, isTold } = this.#accumulator;
    if (result) {
      if (isTold) seenReplies.add(result);
      captureReply(span, result);
      const first = span.reply?.completions[0];
      if (first && firstAt) first.firstTokenMillis = firstAt - span.startedAt;
      return result;
    }
    const items = this.#items;
    const total = this.#total;
    if (!span.capturesContent || (total === 0 && returned !== undefined)) return returned;
    if (this.#text !== '') {
      span.output = quoteText(this.#size < MAX_UNITS ? this.#text : `${this.#text}…[cut]`);
      return returned;
    }
    const mark = items.length === total ? [] : [`"…[cut: ${items.length} of ${total} items]"`];
    const list = splitSecret(items) ?? `[${[...items, ...mark].join()}]`;
    const last = returned === undefined ? null : snapshot(returned);
    span.output =
      last === null || last.length > MAX_UNITS ? list : `{"yielded":${list},"returned":${last}}`;
    return returned;
  }
}

/** Texts that hold a secret only together, as one text; undefined when that is not so. */
function splitSecret(items: readonly string[]): string | undefined {
  if (items.length < 2 || !items.every((item) => item.startsWith('"'))) return undefined;
  const whole = items.map((item) => JSON.parse(item) as string).join('');
  return mayHoldSecret(whole) ? quoteText(whole) : undefined;
}
