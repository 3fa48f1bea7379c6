/** Streams and responses of the web platform, whose span ends when they were read. */

import { canPatch, patch } from '../platform/patch.ts';
import { isPlainPromise, replacePromise } from '../platform/promises.ts';
import { attempt, isInstance } from '../platform/values.ts';
import { storage } from '../span/context.ts';
import type { RecordingSpan } from '../span/recording-span.ts';
import { holders, StreamRecorder } from './stream-recorder.ts';

/** A stream that reads the given one on demand; undefined when the given one is locked. */
export function followReadable(span: RecordingSpan, stream: ReadableStream): object | undefined {
  if (stream.locked) return undefined;
  const recorder = new StreamRecorder(span, stream);
  const wrapped = through(recorder, stream);
  // Copies properties that a library added to its stream object.
  for (const key of [...Object.keys(stream), Symbol.asyncIterator]) {
    const own = Object.getOwnPropertyDescriptor(stream, key);
    if (own) Object.defineProperty(wrapped, key, own);
  }
  return wrapped;
}

/** The methods that read a whole body. */
const READERS = 'text json arrayBuffer blob bytes formData'.split(' ');

/** A response with wrapped methods, and what records them. */
interface FollowedResponse {
  readonly result: Response;
  readonly recorder: StreamRecorder;
}

/**
 * The same response with wrapped methods. A response that the program created itself is followed only
 * when its body is a stream: a server may send a text without calling a wrapped method.
 */
export function followResponse(
  span: RecordingSpan,
  response: Response,
  isReceived = response.url !== '',
): FollowedResponse | undefined {
  const { body } = response;
  // Other implementations of `fetch` have bodies of other kinds.
  if (!isInstance(body, globalThis.ReadableStream)) return undefined;
  if (!(isReceived || streams(response, body)) || !canPatch(response)) return undefined;
  const recorder = new StreamRecorder(span, response);
  for (const key of READERS) {
    if (!(key in response)) continue;
    patch(response, key, (read, self, args) => {
      recorder.hold();
      const result = Reflect.apply(read, self, args);
      if (!isPlainPromise(result)) return result;
      const take = (value: unknown): unknown => {
        recorder.end(value);
        return value;
      };
      return replacePromise(result, take, recorder.fail);
    });
  }
  let given = body;
  let wrapped: ReadableStream | undefined;
  const own = Object.getPrototypeOf(response) as object;
  Object.defineProperty(response, 'body', {
    configurable: true,
    get(): ReadableStream {
      // `clone()` replaces the body of the response.
      const body = Reflect.get(own, 'body', response) as ReadableStream;
      if (body === given && wrapped) return wrapped;
      if (body.locked) return body;
      given = body;
      wrapped = through(recorder, body);
      holders.set(wrapped, response);
      return wrapped;
    },
  });
  return { result: response, recorder };
}

/** Whether the program gave the response a stream rather than a text. */
function streams(response: Response, body: ReadableStream): boolean {
  const type = response.headers.get('content-type') ?? '';
  if (/stream|ndjson/.test(type)) return true;
  if (body.locked || response.headers.has('content-length')) return false;
  // The body of a text is a stream of bytes; `text/plain;charset=UTF-8` is set for a text alone.
  return !isBytes(body) || (/^text\/plain/.test(type) && type !== 'text/plain;charset=UTF-8');
}

function through(recorder: StreamRecorder, stream: ReadableStream): ReadableStream {
  let reader: ReadableStreamDefaultReader<unknown> | undefined;
  // Locked at the first read only: until then the caller may read the response by another method.
  const open = (): ReadableStreamDefaultReader<unknown> => {
    reader ??= stream.getReader();
    return reader;
  };
  const source = {
    pull: (controller: ReadableStreamDefaultController): Promise<void> =>
      storage.run(recorder.span, async () => {
        try {
          const { done, value } = await open().read();
          if (!done) {
            recorder.add(value);
            controller.enqueue(value);
            return;
          }
          recorder.end();
          controller.close();
          (controller as unknown as ReadableByteStreamController).byobRequest?.respond(0);
        } catch (thrown) {
          recorder.rethrow(thrown);
        }
      }),
    cancel(reason: unknown): Promise<void> {
      recorder.end();
      return open().cancel(reason);
    },
  };
  if (isBytes(stream)) Object.assign(source, { type: 'bytes' });
  return new ReadableStream(source, { highWaterMark: 0 });
}

/** Whether it is a byte stream: only those have BYOB readers. */
const isBytes = (stream: ReadableStream): boolean =>
  !!attempt(() => {
    stream.getReader({ mode: 'byob' }).releaseLock();
    return true;
  });
