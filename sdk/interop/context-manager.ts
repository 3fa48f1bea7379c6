/**
 * OpenTelemetry's context manager on top of our storage, for programs without another one. With it,
 * spans that instrumentations activate by `context.with` nest correctly.
 */
import type { Context, ContextManager, Span } from '@opentelemetry/api';
import { type AsyncStorage, createAsyncStorage } from '../platform/async-storage.ts';
import { storage as scopes } from '../span/context.ts';
import { isRecordingSpan } from '../span/recording-span.ts';
import { SPAN_KEY } from './tracer.ts';

class Values implements Context {
  readonly #values: ReadonlyMap<symbol, unknown>;

  constructor(values: ReadonlyMap<symbol, unknown>) {
    this.#values = values;
  }

  getValue(key: symbol): unknown {
    return this.#values.get(key);
  }

  setValue(key: symbol, value: unknown): Context {
    return new Values(new Map(this.#values).set(key, value));
  }

  deleteValue(key: symbol): Context {
    const values = new Map(this.#values);
    values.delete(key);
    return new Values(values);
  }
}

const ROOT: Context = /* @__PURE__ */ new Values(new Map());

/** Stores context values other than the span, which is in the scope storage. */
let storage: AsyncStorage<Context> | undefined;

function contexts(): AsyncStorage<Context> {
  storage ??= createAsyncStorage();
  return storage;
}

function active(): Context {
  const context = contexts().getStore() ?? ROOT;
  const span = scopes.getStore()?.span;
  if (!span || context.getValue(SPAN_KEY) === span) return context;
  return context.setValue(SPAN_KEY, span);
}

/**
 * A context manager for `@opentelemetry/api`. It is not registered; a program without another
 * OpenTelemetry SDK can register it, so that our spans and those of instrumentations form one tree.
 * @see https://opentelemetry.io/docs/specs/otel/context/
 *
 * @example
 * import { context, trace } from '@opentelemetry/api';
 * context.setGlobalContextManager(contextManager);
 * trace.setGlobalTracerProvider(tracerProvider);
 */
export const contextManager: ContextManager = {
  active,
  with(context, fn, self, ...args) {
    const given = context.getValue(SPAN_KEY) as Span | undefined;
    const scope = scopes.getStore();
    // A span of another tracer cannot be the current one; the current span stays.
    const span = !given ? undefined : isRecordingSpan(given) ? given : scope?.span;
    const inside = { span, session: span?.session ?? scope?.session };
    const run = (): ReturnType<typeof fn> =>
      scopes.run(inside, () => Reflect.apply(fn, self, args));
    return contexts().run(context, run);
  },
  bind(context, target) {
    if (typeof target !== 'function') return target;
    const bound = function (this: unknown, ...args: unknown[]): unknown {
      return contextManager.with(context, target as never, this as never, ...(args as never[]));
    };
    return Object.defineProperty(bound, 'length', { value: target.length }) as typeof target;
  },
  enable: () => contextManager,
  disable: () => contextManager,
};
