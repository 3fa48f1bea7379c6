/** Streams and responses of the web platform, timed to their real end. */

import { patch } from '../platform/patch.ts';
import { attempt } from '../platform/values.ts';
import { storage } from '../span/context.ts';
import type { RecordingSpan } from '../span/recording-span.ts';
import { holders, StreamRecorder } from './stream-recorder.ts';

/** A stream that reads the given one only as fast as it is read itself; undefined when that cannot be. */
export function followReadable(span: RecordingSpan, stream: ReadableStream): object | undefined {
  if (!(stream instanceof ReadableStream) || stream.locked) return undefined;
  const recorder = new StreamRecorder(span, stream);
  const wrapped = through(recorder, stream);
  // What a library put on its stream object goes along.
  for (const key of [...Object.keys(stream), Symbol.asyncIterator]) {
    const own = Object.getOwnPropertyDescriptor(stream, key);
    if (own) Object.defineProperty(wrapped, key, own);
  }
  return wrapped;
}

/** The methods that read a whole body. */
const READERS = 'text json arrayBuffer blob bytes formData'.split(' ');

/**
 * The same response, listened to. One that the program made itself is wrapped only when it says that
 * it streams: a server may send it without a method that we could listen to.
 */
export function followResponse(span: RecordingSpan, response: Response): object | undefined {
  const isStream = /stream|ndjson/.test(response.headers.get('content-type') ?? '');
  if (!response.body || !(response.url || isStream)) return undefined;
  const recorder = new StreamRecorder(span, response);
  for (const key of READERS) {
    if (!(key in response)) continue;
    patch(response, key, (read, self, args) => {
      recorder.hold();
      return (Reflect.apply(read, self, args) as Promise<unknown>).then((value) => {
        recorder.end(value);
        return value;
      }, recorder.rethrow);
    });
  }
  let given = response.body;
  let wrapped: ReadableStream | undefined;
  const own = Object.getPrototypeOf(response) as object;
  Object.defineProperty(response, 'body', {
    configurable: true,
    get(): ReadableStream {
      // A clone leaves another body behind in the response.
      const body = Reflect.get(own, 'body', response) as ReadableStream;
      if (body === given && wrapped) return wrapped;
      if (body.locked) return body;
      given = body;
      wrapped = through(recorder, body);
      holders.set(wrapped, response);
      return wrapped;
    },
  });
  return response;
}

function through(recorder: StreamRecorder, stream: ReadableStream): ReadableStream {
  let reader: ReadableStreamDefaultReader<unknown> | undefined;
  // Not before somebody reads: until then the caller may still read the response in another way.
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

/** Whether it gives out bytes: only then it has readers of this kind. */
const isBytes = (stream: ReadableStream): boolean =>
  !!attempt(() => {
    stream.getReader({ mode: 'byob' }).releaseLock();
    return true;
  });
