/** Observables, such as those of RxJS and NestJS, whose span ends when their subscriptions ended. */

import { patch } from '../platform/patch.ts';
import { attempt, hasFields, isFunction } from '../platform/values.ts';
import { type Scope, storage } from '../span/context.ts';
import type { StreamRecorder } from './stream-recorder.ts';

type Methods = Record<PropertyKey, unknown>;

/** The two keys under which an observable returns itself. */
const keys = (): readonly PropertyKey[] => [
  (Symbol as { observable?: symbol }).observable ?? '@@observable',
  '@@observable',
];

/** @see https://github.com/tc39/proposal-observable */
export const isObservable = (value: Methods): boolean =>
  isFunction(value.subscribe) && keys().some((key) => isFunction(value[key]));

/**
 * Runs each subscription inside the span, and its observer in the context of the subscriber. The span
 * ends when the last subscription ends.
 */
export function followObservable(recorder: StreamRecorder, observable: Methods): void {
  let open = 0;
  patch(observable, 'subscribe', (subscribe, self, args) => {
    open += 1;
    let isOpen = true;
    const close = (end: () => void): void => {
      if (!isOpen) return;
      isOpen = false;
      open -= 1;
      if (open === 0) end();
    };
    const outer = storage.getStore();
    const events: Events = {
      next: (value) => recorder.add(value),
      error: (thrown) => close(() => recorder.fail(thrown)),
      complete: () => close(() => recorder.end()),
      unsubscribe: () => close(() => recorder.end()),
    };
    const given = attempt(() => observing(args, events, outer)) ?? args;
    let subscription: unknown;
    try {
      subscription = storage.run(recorder.span, () => Reflect.apply(subscribe, self, given));
    } catch (thrown) {
      close(() => recorder.fail(thrown));
      throw thrown;
    }
    // An operator passes a subscriber, which was observed above.
    if (
      isOpen &&
      given !== args &&
      hasFields(subscription) &&
      isFunction(subscription.unsubscribe)
    ) {
      attempt(() => observeMethod(subscription as Methods, 'unsubscribe', events, undefined));
    }
    return subscription;
  });
}

type Events = Readonly<
  Record<'next' | 'error' | 'complete' | 'unsubscribe', (value: unknown) => void>
>;

/** The arguments of `subscribe`, observed: functions, an observer, or a subscriber. */
function observing(args: unknown[], events: Events, outer: Scope | undefined): unknown[] {
  const [first, ...rest] = args;
  if (hasFields(first)) {
    // The parts of a chain are linked through their subscribers, so a subscriber stays the same object.
    if (isFunction(first.add) && isFunction(first.unsubscribe) && 'closed' in first) {
      for (const key of ['next', 'error', 'complete', 'unsubscribe'] as const) {
        if (isFunction(first[key])) observeMethod(first, key, events, outer);
      }
      return args;
    }
    return [observerOf(first, events, outer), ...rest];
  }
  const names = ['next', 'error', 'complete'] as const;
  const functions = names.map((key, at) => {
    const fn = args[at];
    if (isFunction(fn))
      return (value: unknown) => notify(events, key, value, outer, () => fn(value));
    // Without a function for errors, an error is reported as unhandled.
    return key === 'error' || args.length === 0 ? fn : events[key];
  });
  return args.length === 0 ? [functionsOf(events)] : [...functions, ...args.slice(names.length)];
}

const functionsOf = ({ next, complete }: Events): object => ({ next, complete });

/** An observer with the same methods. */
function observerOf(observer: Methods, events: Events, outer: Scope | undefined): object {
  const result: Record<string, (value: unknown) => unknown> = {};
  for (const key of ['next', 'error', 'complete'] as const) {
    if (isFunction(observer[key])) {
      result[key] = (value) =>
        notify(events, key, value, outer, () =>
          // Read again: the observer may replace its method.
          (observer[key] as (value: unknown) => unknown).call(observer, value),
        );
    } else if (key !== 'error') result[key] = events[key];
  }
  return result;
}

function notify<R>(
  events: Events,
  key: keyof Events,
  value: unknown,
  outer: Scope | undefined,
  original: () => R,
): R {
  events[key](value);
  return storage.run(outer, original);
}

function observeMethod(
  subscriber: Methods,
  key: keyof Events,
  events: Events,
  outer: Scope | undefined,
): void {
  patch(subscriber, key, (original, self, args) => {
    events[key](args[0]);
    const call = (): unknown => Reflect.apply(original, self, args);
    return key === 'unsubscribe' ? call() : storage.run(outer, call);
  });
}
