/**
 * Records a stream: keeps a bounded copy of its items as the caller reads them, and ends the span when
 * the stream ends.
 */

import { LIMITS } from '../../wire/protocol.ts';
import { mayHoldSecret } from '../../wire/redaction/prefilter.ts';
import type { Masking } from '../../wire/redaction/redact-text.ts';
import { type Accumulator, createAccumulator } from '../llm/accumulator.ts';
import { seenReplies } from '../llm/read-reply.ts';
import { utf8Decoder } from '../platform/utf8.ts';
import { attempt, hasFields, isInstance } from '../platform/values.ts';
import { quoteText, snapshot } from '../serialize/snapshot.ts';
import { type OpenStream, openStreams } from '../span/open-roots.ts';
import type { RecordingSpan } from '../span/recording-span.ts';
import { captureReply, endWithError, endWithResult, mayReply } from './outcome.ts';

const MAX_UNITS = LIMITS.maxJsonBytes / 4;

/** Ends the span of a stream that is garbage-collected before its end. */
const abandoned = globalThis.FinalizationRegistry
  ? new FinalizationRegistry<StreamRecorder>((recorder) => recorder.abandon())
  : undefined;

/** Maps a part of a stream, such as its iterator, to the stream, which stays alive with it. */
export const holders = new WeakMap<object, object>();

/** Records the items of one stream. */
export class StreamRecorder implements OpenStream {
  declare readonly span: RecordingSpan;
  readonly #items: string[] = [];
  #total = 0;
  #size = 0;
  #isDetached = false;
  /** Items that are bytes, decoded to text. */
  #text = '';
  #decoder: InstanceType<typeof TextDecoder> | undefined;
  #lastAt: number;
  readonly #accumulator: Accumulator;

  /** `subject` is the object that the caller holds until the stream ends. */
  constructor(span: RecordingSpan, subject: object) {
    this.span = span;
    this.#lastAt = span.now();
    this.#accumulator = createAccumulator(span.kind === 'llm');
    abandoned?.register(subject, this, this);
    openStreams.add(this);
  }

  /** Records an item. Never throws. */
  add(item: unknown): void {
    const { span } = this;
    if (span.isEnded || this.#isDetached) return;
    try {
      this.#lastAt = span.now();
      if (mayReply(span) && this.#accumulator.add(item, this.#lastAt)) return;
      if (span.capturesContent) this.#keep(item);
    } catch {
      // An item that cannot be recorded is still delivered.
    }
  }

  /** Records a step of an iterator; a value that is no step is ignored. Never throws. */
  step(step: unknown): void {
    try {
      if (!hasFields(step) || !('done' in step || 'value' in step)) return;
      if (step.done) this.end(step.value);
      else this.add(step.value);
    } catch {
      // A step that cannot be read is still delivered.
    }
  }

  /** The stream ended; `returned` is the return value of a generator, or the whole body. */
  end(returned?: unknown, at?: number): void {
    const { span } = this;
    if (this.#isDetached) return;
    this.detach();
    if (!span.isEnded) endWithResult(span, attempt(() => this.#write(returned)) ?? returned, at);
  }

  /** The stream failed. Never throws. */
  readonly fail = (thrown: unknown): void => {
    if (this.#isDetached) return;
    this.detach();
    if (this.span.isEnded) return;
    attempt(() => this.#write(undefined));
    endWithError(this.span, thrown);
  };

  readonly rethrow = (thrown: unknown): never => {
    this.fail(thrown);
    throw thrown;
  };

  /** Ends the span at the time of the last item. */
  abandon(): void {
    if (this.#isDetached) return;
    this.span.setAttribute('agensight.unfinished', true);
    this.end(undefined, this.#lastAt);
  }

  belongsTo(instance: object): boolean {
    return this.span.owner.instance === instance;
  }

  /** An operation that will end has the subject, so its garbage collection is no longer observed. */
  hold(): void {
    abandoned?.unregister(this);
  }

  /** Leaves the end of the span to another result of the same call. */
  detach(): void {
    this.#isDetached = true;
    this.hold();
    openStreams.delete(this);
  }

  #keep(item: unknown): void {
    this.#total += 1;
    if (this.#size >= MAX_UNITS) return;
    if (isInstance(item, Uint8Array)) {
      this.#decoder ??= utf8Decoder();
      this.#text += this.#decoder.decode(item.subarray(0, MAX_UNITS), { stream: true });
      this.#size += item.length;
      return;
    }
    const json = snapshot(item) ?? 'null';
    this.#size += json.length + 1;
    if (this.#size < MAX_UNITS) this.#items.push(json);
  }

  /** Writes the recorded items to the span, and returns its result. */
  #write(returned: unknown): unknown {
    const { span } = this;
    const { result, firstAt, isRecorded } = this.#accumulator;
    if (result) {
      if (isRecorded) seenReplies.set(result, true);
      captureReply(span, result);
      const first = span.reply?.completions[0];
      if (first && firstAt) first.firstTokenMillis = firstAt - span.startedAt;
      return result;
    }
    const items = this.#items;
    const total = this.#total;
    if (!span.capturesContent || (total === 0 && returned !== undefined)) return returned;
    if (this.#text !== '') {
      if (span.outputMapper) return this.#text;
      span.output = quoteText(this.#size < MAX_UNITS ? this.#text : `${this.#text}…[cut]`);
      return returned;
    }
    const mark = items.length === total ? [] : [`"…[cut: ${items.length} of ${total} items]"`];
    const list =
      splitSecret(items, span.owner.settings.masking) ?? `[${[...items, ...mark].join()}]`;
    const last = returned === undefined ? null : snapshot(returned);
    const json =
      last === null || last.length > MAX_UNITS ? list : `{"yielded":${list},"returned":${last}}`;
    // A mapper gets the recorded items, and its result is the output.
    if (span.outputMapper) return JSON.parse(json);
    span.output = json;
    return returned;
  }
}

/** Joins texts that hold a secret only when they are joined; undefined otherwise. */
function splitSecret(items: readonly string[], masking: Masking): string | undefined {
  if (items.length < 2 || !items.every((item) => item.startsWith('"'))) return undefined;
  const whole = items.map((item) => JSON.parse(item) as string).join('');
  return mayHoldSecret(whole, masking) ? quoteText(whole) : undefined;
}
