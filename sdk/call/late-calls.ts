/**
 * Functions that return before they ask the model: `streamText` of the AI SDK returns an object at once and
 * sends its request when the object's stream is read. Their span waits for that call, and ends with it.
 */
import { unref } from '../platform/platform.ts';
import { clearTimer, setTimer } from '../platform/timers.ts';
import { attempt, type Fields, hasFields, isInstance } from '../platform/values.ts';
import { flushHooks } from '../runtime/runtime.ts';
import { quoteText } from '../serialize/snapshot.ts';
import { type OpenStream, openStreams } from '../span/open-roots.ts';
import type { RecordingSpan } from '../span/recording-span.ts';

/** The longest wait for the call, in milliseconds; `flush()` ends it, too. */
const MAX_WAIT_MILLIS = 10_000;
const MAX_WAITING = 1_000;

/** The waiting spans. */
const waiting = new Set<OpenStream>();
const endAll = (): void => {
  for (const one of [...waiting]) one.abandon();
};

/**
 * Keeps the span of a declared model call open if its result is an object that streams later, and no call
 * below it was seen yet. Returns whether it waits.
 */
export function waitForCall(span: RecordingSpan, result: unknown): boolean {
  if (span.kind !== 'llm' || span.callsBelow > 0 || !hasFields(result)) return false;
  const name = streamingClass(result);
  if (name === undefined) return false;
  // The state of the object is not its output; the call below records that.
  if (span.capturesContent) span.output = quoteText(`[${name}]`);
  const returnedAt = span.now();
  const late: OpenStream = {
    abandon() {
      waiting.delete(late);
      openStreams.delete(late);
      clearTimer(timer);
      span.whenCallEnds = null;
      span.finish(span.callsBelow > 0 ? span.now() : returnedAt);
    },
    belongsTo: (instance) => span.owner.instance === instance,
  };
  const timer = setTimer(late.abandon, MAX_WAIT_MILLIS);
  unref(timer);
  span.whenCallEnds = late.abandon;
  waiting.add(late);
  openStreams.add(late);
  flushHooks.add(endAll);
  if (waiting.size > MAX_WAITING) waiting.values().next().value?.abandon();
  return true;
}

/** The name of the class of an object that keeps a stream; undefined of plain and of other objects. */
function streamingClass(result: Fields): string | undefined {
  return attempt(() => {
    const type = Object.getPrototypeOf(result)?.constructor;
    if (typeof type !== 'function' || type === Object) return undefined;
    const fields = Object.values(Object.getOwnPropertyDescriptors(result));
    const streams = fields.some(({ value }) => isInstance(value, globalThis.ReadableStream));
    return streams ? String(type.name) : undefined;
  });
}
