/**
 * Requests the usage of streams. OpenAI's chat completions return it only on request, in an additional
 * last chunk, which is recorded and not passed to the caller.
 */

import { patch } from '../platform/patch.ts';
import { type Fields, fieldOf, hasFields } from '../platform/values.ts';

/** Base URLs of servers that rejected `stream_options`; it is not requested from them again. */
const rejecting = new Set<string>();
const MAX_REJECTING = 100;

/** The body with usage requested; undefined when it does not apply or the server rejects it. */
export function withUsageRequested(body: Fields, baseUrl: string): Fields | undefined {
  const given = body.stream_options;
  if (body.stream !== true || rejecting.has(baseUrl)) return undefined;
  // A request that sets `include_usage`, also to false, is not changed.
  if (hasFields(given) ? given.include_usage !== undefined : given != null) return undefined;
  return { ...body, stream_options: { ...(given as Fields | undefined), include_usage: true } };
}

/**
 * Repeats the caller's original request when the server rejects `stream_options`. The rejected request
 * generated nothing, so no tokens are paid twice.
 */
export function repeatIfRejected(result: unknown, baseUrl: string, repeat: () => unknown): void {
  const { responsePromise } = result as { responsePromise?: unknown };
  if (!(responsePromise instanceof Promise)) return;
  (result as Fields).responsePromise = responsePromise.catch((thrown: unknown) => {
    const status = fieldOf(thrown, 'status');
    const isRejected =
      (status === 400 || status === 422) &&
      /stream_options|include_usage/.test(String(fieldOf(thrown, 'message')));
    if (!isRejected) throw thrown;
    if (rejecting.size < MAX_REJECTING) rejecting.add(baseUrl);
    return (repeat() as Fields).responsePromise;
  });
}

/** Hides the additional chunk with usage from the caller. */
export function hideUsage(result: unknown): void {
  if (!hasFields(result) || typeof result.parseResponse !== 'function') return;
  patch(result, 'parseResponse', async (original, self, args) => {
    const stream = await Reflect.apply(original, self, args);
    if (hasFields(stream) && typeof stream.iterator === 'function') hideIn(stream);
    return stream;
  });
}

/** Iteration, `tee()` and `toReadableStream()` all call `iterator`. */
function hideIn(stream: object): void {
  patch(stream, 'iterator', (begin, self, args) => {
    const iterator = Reflect.apply(begin, self, args) as AsyncIterator<unknown>;
    patch(iterator, 'next', async (next, owner, given) => {
      const step = (await Reflect.apply(next, owner, given)) as IteratorResult<unknown>;
      return step.done || !isUsageChunk(step.value) ? step : Reflect.apply(next, owner, given);
    });
    return iterator;
  });
}

/** Whether a chunk has only usage. Removes `usage: null`, which the other chunks then have. */
function isUsageChunk(chunk: unknown): boolean {
  if (!hasFields(chunk) || !Array.isArray(chunk.choices)) return false;
  if (chunk.usage === null) delete chunk.usage;
  return chunk.choices.length === 0 && hasFields(chunk.usage);
}
