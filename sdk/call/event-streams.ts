/** Streams that emit events: those of Node, and the stream helpers of the clients of OpenAI and Anthropic. */

import { patch } from '../platform/patch.ts';
import { isFunction } from '../platform/values.ts';
import type { StreamRecorder } from './stream-recorder.ts';

type Methods = Record<PropertyKey, unknown>;

const isNodeStream = (stream: Methods): boolean =>
  typeof stream.readableEnded === 'boolean' && isFunction(stream.emit) && isFunction(stream.pipe);

const isClientStream = (stream: Methods): boolean =>
  isFunction(stream._emit) && isFunction(stream.on);

/** Whether an async iterable is a stream that emits events. */
export const hasEvents = (stream: Methods): boolean =>
  isNodeStream(stream) || isClientStream(stream);

const ITEM = /^(data|chunk|event|streamEvent)$/;
const END = /^(end|close|abort)$/;

/** Records the events of a stream, and ends the span with the stream. */
export function followEvents(recorder: StreamRecorder, stream: Methods): void {
  patch(stream, isNodeStream(stream) ? 'emit' : '_emit', (original, self, args) => {
    const [event, value] = args;
    if (typeof event === 'string') {
      if (ITEM.test(event)) recorder.add(value);
      else if (event === 'error') recorder.fail(value);
      else if (END.test(event)) recorder.end();
    }
    return Reflect.apply(original, self, args);
  });
}
