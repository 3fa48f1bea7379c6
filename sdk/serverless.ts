/** Handlers of serverless platforms that freeze the process after each response. */
import { MAX_TIMER_MILLIS } from './platform/platform.ts';
import { hasFields } from './platform/values.ts';
import { flushAll, runtimes } from './runtime/runtime.ts';
import { recordOpenRoots } from './span/open-roots.ts';
import { type AnyFunction, copyProperties } from './wrap/wrap.ts';

/**
 * Options of {@link serverless}.
 *
 * @example
 * export const handler = serverless(handleEvent, { timeoutMillis: 1_000 });
 */
export interface ServerlessOptions {
  /**
   * Longest time that delivery delays an invocation, in milliseconds.
   * @defaultValue `2_000`
   */
  timeoutMillis?: number | undefined;
  /**
   * Time that is reserved for the platform at the end of an invocation, in milliseconds. When a handler
   * still runs at that time, its open traces are recorded as unfinished and sent.
   * @defaultValue `500`
   */
  marginMillis?: number | undefined;
}

const DEFAULT_TIMEOUT_MILLIS = 2_000;
const DEFAULT_MARGIN_MILLIS = 500;

/** The part of the context of AWS Lambda that is used here. */
interface InvocationContext {
  getRemainingTimeInMillis(): number;
}

/**
 * Wraps a handler so that the records of an invocation are delivered before it ends, because the
 * platform freezes the process then. Type, length, result and errors of the handler do not change.
 *
 * On AWS Lambda, it supports handlers that return a promise, that call back, and that stream (inside or
 * outside of `awslambda.streamifyResponse`). Delivery is limited by the remaining time, so it never
 * causes a timeout; when the handler itself is about to time out, its traces are sent before. It also
 * works on other platforms; where there is `waitUntil`, prefer that option of `init`, which delays no
 * response.
 * @param handler The handler to wrap.
 * @param options See {@link ServerlessOptions}.
 * @returns the wrapped handler
 *
 * @example
 * export const handler = serverless(async (event) => answer(event.question));
 * @see https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtime-environment.html
 */
export function serverless<H extends AnyFunction>(handler: H, options?: ServerlessOptions): H {
  const timeout = options?.timeoutMillis ?? DEFAULT_TIMEOUT_MILLIS;
  const margin = options?.marginMillis ?? DEFAULT_MARGIN_MILLIS;
  function invoked(this: unknown, ...args: unknown[]): unknown {
    const context = args.find(isContext);
    const leftMillis = (): number => (context ? context.getRemainingTimeInMillis() : Infinity);
    const alarm = setTimeout(sendUnfinished, Math.min(leftMillis() - margin, MAX_TIMER_MILLIS));
    const settle = async (): Promise<void> => {
      clearTimeout(alarm);
      await flushAll(runtimes(), Math.max(0, Math.min(timeout, leftMillis() - margin)));
    };
    const [, , callback] = args;
    if (typeof callback === 'function') {
      args[2] = (...answer: unknown[]) => void settle().then(() => callback(...answer));
    }
    try {
      const result: unknown = handler.apply(this, args);
      if (isThenable(result)) return settled(result, settle);
      // With a callback, the platform would take a returned promise for the response.
      return typeof callback === 'function' ? result : settle().then(() => result);
    } catch (error) {
      return settle().then(() => Promise.reject(error));
    }
  }
  // Lambda distinguishes kinds of handlers by their length and by symbols on them.
  copyProperties(invoked, handler);
  return invoked as H;
}

async function settled(
  result: PromiseLike<unknown>,
  settle: () => Promise<void>,
): Promise<unknown> {
  try {
    return await result;
  } finally {
    await settle();
  }
}

/** Records and sends open traces, because the invocation is about to time out. */
function sendUnfinished(): void {
  recordOpenRoots();
  for (const { delivery, settings } of runtimes())
    void delivery.flush(settings.requestTimeoutMillis);
}

const isThenable = (value: unknown): value is PromiseLike<unknown> =>
  hasFields(value) && typeof value.then === 'function';

const isContext = (value: unknown): value is InvocationContext =>
  hasFields(value) && typeof value.getRemainingTimeInMillis === 'function';
