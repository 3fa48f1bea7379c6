/** The entry points of a Cloudflare Worker: its handler object, and classes such as Durable Objects. */
import { environmentOf, invoke, type Keeper, keeperOf } from './invocations.ts';
import { isFunction } from './platform/values.ts';
import { type AnyFunction, copyProperties } from './wrap/wrap.ts';

/** Calls a function of the handler; `configure` receives the bindings before. */
export interface WorkerOptions {
  configure(env: unknown): void;
  readonly timeoutMillis: number | undefined;
}

/**
 * The events of a Worker.
 * @see https://developers.cloudflare.com/workers/runtime-apis/handlers/
 */
const EVENTS = ['fetch', 'scheduled', 'queue', 'email', 'tail', 'tailStream', 'trace'] as const;

/** A copy of a handler object, whose events are delivered by their own invocations. */
export function wrapWorker<H extends object>(handler: H, options: WorkerOptions): H {
  const copy = Object.create(
    Object.getPrototypeOf(handler),
    Object.getOwnPropertyDescriptors(handler),
  ) as H;
  for (const event of EVENTS) {
    const original: unknown = Reflect.get(handler, event);
    if (!isFunction(original)) continue;
    const value = (...args: unknown[]): unknown => {
      const keeper = keeperOf(args);
      options.configure(environmentOf(args, keeper));
      const call = (): unknown => Reflect.apply(original, handler, args);
      return keeper ? invoke(keeper, options.timeoutMillis, call) : call();
    };
    copyProperties(value, original);
    Object.defineProperty(copy, event, { value, configurable: true, writable: true });
  }
  return copy;
}

// biome-ignore lint/suspicious/noExplicitAny: as TypeScript asks of a class that is extended
export type AnyClass = new (...args: any[]) => object;

/** Whether a function is a class, which can only be constructed. */
export const isClass = (value: unknown): value is AnyClass =>
  isFunction(value) && /^class\b/.test(Function.prototype.toString.call(value));

/** A subclass whose methods are delivered by the object that they are called on. */
export function wrapWorkerClass<C extends AnyClass>(Base: C, options: WorkerOptions): C {
  const keepers = new WeakMap<object, Keeper | undefined>();
  class Wrapped extends Base {
    // biome-ignore lint/suspicious/noExplicitAny: as above
    constructor(...args: any[]) {
      options.configure(args[1]);
      super(...args);
      keepers.set(this, keeperOf(args.slice(0, 1)));
    }
  }
  copyProperties(Wrapped as unknown as AnyFunction, Base as unknown as AnyFunction);
  for (const [name, original] of methodsOf(Base.prototype as object)) {
    const value = function (this: object, ...args: unknown[]): unknown {
      const keeper = keepers.get(this);
      const call = (): unknown => Reflect.apply(original, this, args);
      return keeper ? invoke(keeper, options.timeoutMillis, call) : call();
    };
    copyProperties(value, original);
    Object.defineProperty(Wrapped.prototype, name, { value, configurable: true, writable: true });
  }
  return Wrapped;
}

/** The methods of a class and its superclasses, except those of the runtime itself. */
function methodsOf(prototype: object): Map<string, AnyFunction> {
  const methods = new Map<string, AnyFunction>();
  for (
    let one: object | null = prototype;
    one && one !== Object.prototype;
    one = Object.getPrototypeOf(one) as object | null
  ) {
    for (const [name, { value }] of Object.entries(Object.getOwnPropertyDescriptors(one))) {
      if (name === 'constructor' || methods.has(name) || !isFunction(value)) continue;
      if (/\[native code\]/.test(Function.prototype.toString.call(value))) continue;
      methods.set(name, value);
    }
  }
  return methods;
}
