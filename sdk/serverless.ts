/** Handlers of serverless platforms that freeze the process after each response. */
import type { InitOptions } from './config/init-options.ts';
import { configure as configureInstance } from './instance.ts';
import { environmentOf, invoke, keeperOf } from './invocations.ts';
import { MAX_TIMER_MILLIS } from './platform/platform.ts';
import { clearTimer, setTimer } from './platform/timers.ts';
import { hasFields, isFunction, messageOf } from './platform/values.ts';
import { createWarn } from './report/warnings.ts';
import { active, flushAll, runtimes } from './runtime/runtime.ts';
import { recordOpenRoots } from './span/open-roots.ts';
import { isClass, type WorkerOptions, wrapWorker, wrapWorkerClass } from './worker.ts';
import { type AnyFunction, copyProperties } from './wrap/wrap.ts';

/** The bindings of a handler: the second parameter of a function, of an event, or of a constructor. */
export type Bindings<H> = H extends abstract new (
  ...args: infer A
) => unknown
  ? A[1]
  : H extends AnyFunction
    ? Parameters<H>[1]
    : { [K in keyof H]: H[K] extends AnyFunction ? Parameters<H[K]>[1] : never }[keyof H];

/**
 * Options of {@link serverless}.
 *
 * @example
 * export const handler = serverless(handleEvent, { timeoutMillis: 1_000 });
 */
export interface ServerlessOptions<Env = unknown> {
  /**
   * Options of `init`, which the first invocation calls. It receives the bindings of the platform, such
   * as `env` of Cloudflare Workers. Invalid options are reported by the warning `serverless`, and nothing
   * is recorded.
   * @defaultValue none: the program calls `init`
   */
  init?: ((env: Env) => InitOptions) | undefined;
  /**
   * Longest time that delivery delays an invocation, in milliseconds; with `waitUntil`, which delays none,
   * the longest time that it keeps the invocation running.
   * @defaultValue `2_000`; with `waitUntil` `10_000`
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
 * Where the platform passes `waitUntil` (Cloudflare Workers and Pages, Vercel), each invocation delivers
 * its own traces by it, also those that end after the response, such as a stream; no response is delayed,
 * and none waits for another. The handler is a function, the handler object of a Worker (`fetch`,
 * `scheduled`, `queue` and others), or a class (a Durable Object, a `WorkerEntrypoint`).
 *
 * On AWS Lambda, it supports handlers that return a promise, that call back, and that stream (inside or
 * outside of `awslambda.streamifyResponse`). Delivery is limited by the remaining time, so it never
 * causes a timeout; when the handler itself is about to time out, its traces are sent before. It also
 * works on other platforms.
 * @param handler The handler to wrap.
 * @param options See {@link ServerlessOptions}.
 * @returns the wrapped handler
 *
 * @example
 * export const handler = serverless(async (event) => answer(event.question));
 * export default serverless(worker, { init: (env) => ({ mode: 'prod', token: env.AGENSIGHT_TOKEN }) });
 * @see https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtime-environment.html
 */
export function serverless<H extends object>(
  handler: H,
  // biome-ignore lint/suspicious/noExplicitAny: a handler without a second parameter has no known bindings
  options?: ServerlessOptions<[Bindings<H>] extends [undefined] ? any : Bindings<H>>,
): H {
  const worker = { configure: configurer(options?.init), timeoutMillis: options?.timeoutMillis };
  if (isClass(handler)) return wrapWorkerClass(handler, worker);
  return isFunction(handler)
    ? (wrapFunction(handler, worker, options?.marginMillis) as H)
    : wrapWorker(handler, worker);
}

/** Initialises the SDK with the bindings of the first invocation. */
function configurer(
  // biome-ignore lint/suspicious/noExplicitAny: known to the caller alone
  options: ((env: any) => InitOptions) | undefined,
): (env: unknown) => void {
  let isConfigured = options === undefined;
  return (env) => {
    if (isConfigured) return;
    isConfigured = true;
    try {
      configureInstance(active, options?.(env) ?? {});
    } catch (error) {
      createWarn(undefined, active.warned)(
        'serverless',
        `init failed, nothing is recorded: ${messageOf(error)}`,
      );
    }
  };
}

function wrapFunction(
  handler: AnyFunction,
  { configure, timeoutMillis }: WorkerOptions,
  marginMillis: number | undefined,
): AnyFunction {
  const timeout = timeoutMillis ?? DEFAULT_TIMEOUT_MILLIS;
  const margin = marginMillis ?? DEFAULT_MARGIN_MILLIS;
  function invoked(this: unknown, ...args: unknown[]): unknown {
    const keeper = keeperOf(args);
    configure(environmentOf(args, keeper));
    if (keeper) return invoke(keeper, timeoutMillis, () => handler.apply(this, args));
    const context = args.find(isContext);
    const leftMillis = (): number => (context ? context.getRemainingTimeInMillis() : Infinity);
    const alarm = setTimer(sendUnfinished, Math.min(leftMillis() - margin, MAX_TIMER_MILLIS));
    const settle = async (): Promise<void> => {
      clearTimer(alarm);
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
  return invoked;
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
