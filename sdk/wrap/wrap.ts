/** Wraps a function so that its calls are recorded. */

import { traced } from '../call/call.ts';
import { Definition } from '../call/definition.ts';
import { attempt, isFunction } from '../platform/values.ts';
import type { Instance } from '../runtime/runtime.ts';

/** Any function. */
// biome-ignore lint/suspicious/noExplicitAny: no other type is a supertype of all functions
export type AnyFunction = (...args: any[]) => any;

type Callee = (...args: unknown[]) => unknown;

/**
 * A function that records its calls, with the same type, `this`, name, length and properties. `name` is
 * the name of its spans unless the options set one.
 */
export function wrap<F>(instance: Instance, fn: F, options: unknown, name: string): F {
  const callee = fn as Callee;
  const definition = new Definition(options, name, instance, callee);
  function wrapped(this: unknown, ...args: unknown[]): unknown {
    // Construction is not recorded, and must return an instance.
    if (new.target)
      return Reflect.construct(callee, args, new.target === wrapped ? callee : new.target);
    return traced(definition, callee, this, args);
  }
  attempt(() => takeKind(wrapped, callee));
  copyProperties(wrapped, callee);
  return wrapped as F;
}

/**
 * Makes a wrapper what the function is for programs that look: an async function, a generator or a class,
 * and its source text, from which containers and pools of workers read parameters or the function itself.
 */
function takeKind(wrapped: Callee, original: Callee): void {
  const kind: unknown = Object.getPrototypeOf(original);
  if (kind !== Function.prototype) Object.setPrototypeOf(wrapped, kind as object);
  wrapped.prototype = original.prototype;
  Object.defineProperty(wrapped, 'toString', {
    value: () => Function.prototype.toString.call(original),
    configurable: true,
    writable: true,
  });
}

/** The name of a function; `anonymous` when it has none. */
export const nameOf = (fn: unknown): string =>
  isFunction(fn) && fn.name !== '' ? fn.name : 'anonymous';

/** Copies name, length, properties and metadata of a function to its wrapper. */
export function copyProperties(wrapped: Callee, original: Callee): void {
  for (const key of Reflect.ownKeys(original)) {
    if (key === 'prototype' || key === 'arguments' || key === 'caller') continue;
    // A property that cannot be copied is skipped.
    attempt(() => {
      const own = Object.getOwnPropertyDescriptor(original, key) as PropertyDescriptor;
      Object.defineProperty(wrapped, key, own);
    });
  }
  copyReflectMetadata(original, wrapped);
}

interface ReflectMetadata {
  getOwnMetadataKeys?: (target: object) => unknown[];
  getOwnMetadata?: (key: unknown, target: object) => unknown;
  defineMetadata?: (key: unknown, value: unknown, target: object) => void;
}

/** Frameworks such as NestJS store routes and guards as metadata of the function of a method. */
function copyReflectMetadata(from: object, to: object): void {
  const reflect = Reflect as ReflectMetadata;
  if (!reflect.getOwnMetadataKeys || !reflect.getOwnMetadata || !reflect.defineMetadata) return;
  for (const key of reflect.getOwnMetadataKeys(from)) {
    reflect.defineMetadata(key, reflect.getOwnMetadata(key, from), to);
  }
}
