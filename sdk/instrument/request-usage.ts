/**
 * Requests the usage of streams. OpenAI's chat completions return it only on request, in an additional
 * last chunk, which is recorded and not passed to the caller.
 */

import { type Method, patch } from '../platform/patch.ts';
import { isPlainPromise, replacePromise } from '../platform/promises.ts';
import {
  attempt,
  type Fields,
  fieldOf,
  hasFields,
  isFunction,
  isList,
} from '../platform/values.ts';

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

/** The methods of a client promise that give a result of the request. */
const RESULTS = ['parse', 'asResponse', 'withResponse'] as const;

/**
 * Repeats the caller's original request when the server rejects `stream_options`. The rejected request
 * generated nothing, so no tokens are paid twice. The promise itself stays as it is, because a client
 * may hold other references to its request.
 */
export function repeatIfRejected(result: unknown, baseUrl: string, repeat: () => unknown): void {
  if (!hasFields(result)) return;
  let repeated: Fields | undefined;
  const recovered = new WeakMap<Promise<unknown>, Promise<unknown>>();
  for (const name of RESULTS) {
    if (!isFunction(result[name])) continue;
    patch(result, name, (original, self, args) => {
      const sent = Reflect.apply(original, self, args);
      if (!isPlainPromise(sent)) return sent;
      const known = recovered.get(sent);
      if (known !== undefined) return known;
      const result = sent.catch((thrown: unknown) => {
        if (!isRejection(thrown)) throw thrown;
        if (rejecting.size < MAX_REJECTING) rejecting.add(baseUrl);
        repeated ??= repeat() as Fields;
        return (repeated[name] as Method)(...args);
      });
      recovered.set(sent, result);
      return result;
    });
  }
}

const isRejection = (thrown: unknown): boolean => {
  const status = fieldOf(thrown, 'status');
  return (
    (status === 400 || status === 422) &&
    /stream_options|include_usage/.test(String(fieldOf(thrown, 'message')))
  );
};

/** Hides the additional chunk with usage from the caller. */
export function hideUsage(result: unknown): void {
  if (!hasFields(result) || !isFunction(result.parse)) return;
  const hidden = new WeakSet();
  const hide = (stream: unknown): unknown => {
    if (!hasFields(stream) || !isFunction(stream.iterator) || hidden.has(stream)) return stream;
    hidden.add(stream);
    attempt(() => hideIn(stream));
    return stream;
  };
  patch(result, 'parse', (original, self, args) => {
    const parsed = Reflect.apply(original, self, args);
    return isPlainPromise(parsed) ? replacePromise(parsed, hide, () => {}) : parsed;
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
  if (!hasFields(chunk) || !isList(chunk.choices)) return false;
  if (chunk.usage === null) delete chunk.usage;
  return chunk.choices.length === 0 && hasFields(chunk.usage);
}
