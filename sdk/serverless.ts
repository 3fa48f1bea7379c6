/** Handlers of functions whose process is frozen as soon as they have answered. */
import { flush } from './init.ts';
import { MAX_TIMER_MILLIS } from './platform/platform.ts';
import { hasFields } from './platform/values.ts';
import { runtimes } from './runtime/runtime.ts';
import { recordOpenRoots } from './span/open-roots.ts';
import { type AnyFunction, imitate } from './wrap/wrap.ts';

/** Options of {@link serverless}. */
export interface ServerlessOptions {
  /** The longest that an invocation waits for delivery, in milliseconds. Default: 2,000. */
  timeoutMillis?: number | undefined;
  /**
   * What is left to the platform of an invocation's time, in milliseconds. When no more is left and
   * the handler still works, its traces are sent as far as they came. Default: 500.
   */
  marginMillis?: number | undefined;
}

const DEFAULT_TIMEOUT_MILLIS = 2_000;
const DEFAULT_MARGIN_MILLIS = 500;

/** What AWS Lambda passes beside the event, as far as it concerns us. */
interface InvocationContext {
  getRemainingTimeInMillis(): number;
}

/**
 * A handler that delivers what an invocation recorded before the invocation is over, because the
 * platform freezes the process then. It keeps its type, its length and what it answers or throws.
 *
 * For AWS Lambda it takes handlers that return a promise, those that call back, and streaming ones,
 * inside or outside of `awslambda.streamifyResponse`. It heeds the time that is left: delivery never
 * makes an invocation time out, and a handler that does is told of before. Other platforms' handlers
 * work as well; where there is `waitUntil`, prefer that option of `init`, which delays no answer.
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
    const alarm = setTimeout(tellInTime, Math.min(leftMillis() - margin, MAX_TIMER_MILLIS));
    const settle = async (): Promise<void> => {
      clearTimeout(alarm);
      await flush({ timeoutMillis: Math.max(0, Math.min(timeout, leftMillis() - margin)) });
    };
    const [, , callback] = args;
    if (typeof callback === 'function') {
      args[2] = (...answer: unknown[]) => void settle().then(() => callback(...answer));
    }
    try {
      const result: unknown = handler.apply(this, args);
      if (isThenable(result)) return settled(result, settle);
      // Whoever calls back answers later; a promise now would be taken for the answer.
      return typeof callback === 'function' ? result : settle().then(() => result);
    } catch (error) {
      return settle().then(() => Promise.reject(error));
    }
  }
  // Lambda tells handlers apart by their length and by symbols that they carry.
  imitate(invoked, handler);
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

/** The invocation is about to be cut off. */
function tellInTime(): void {
  recordOpenRoots();
  for (const { delivery, settings } of runtimes())
    void delivery.flush(settings.requestTimeoutMillis);
}

const isThenable = (value: unknown): value is PromiseLike<unknown> =>
  hasFields(value) && typeof value.then === 'function';

const isContext = (value: unknown): value is InvocationContext =>
  hasFields(value) && typeof value.getRemainingTimeInMillis === 'function';
