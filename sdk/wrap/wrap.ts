/** A function and its traced twin: same type, `this`, name, length and properties. */

import { traced } from '../call/call.ts';
import { Definition } from '../call/definition.ts';
import { attempt, isFunction } from '../platform/values.ts';

/** Any function. */
// biome-ignore lint/suspicious/noExplicitAny: no other type is a supertype of all functions
export type AnyFunction = (...args: any[]) => any;

type Callee = (...args: unknown[]) => unknown;

/** The traced twin of a function. `name` is what the span is called if the options do not say. */
export function wrap<F>(fn: F, options: unknown, name: string): F {
  const callee = fn as Callee;
  const definition = new Definition(options, name);
  function wrapped(this: unknown, ...args: unknown[]): unknown {
    // A constructor is no call; it must come out as an instance.
    if (new.target)
      return Reflect.construct(callee, args, new.target === wrapped ? callee : new.target);
    return traced(definition, callee, this, args);
  }
  imitate(wrapped, callee);
  return wrapped as F;
}

/** The name by which a function goes, or a word for one that has none. */
export const nameOf = (fn: unknown): string =>
  isFunction(fn) && fn.name !== '' ? fn.name : 'anonymous';

/** Gives a function the name, length, properties and metadata of another. */
export function imitate(wrapped: Callee, original: Callee): void {
  for (const key of Reflect.ownKeys(original)) {
    if (key === 'prototype' || key === 'arguments' || key === 'caller') continue;
    // A property that cannot be moved stays where it is; the function still works.
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

/** Frameworks such as NestJS keep routes and guards as metadata of the method's function. */
function copyReflectMetadata(from: object, to: object): void {
  const reflect = Reflect as ReflectMetadata;
  if (!reflect.getOwnMetadataKeys || !reflect.getOwnMetadata || !reflect.defineMetadata) return;
  for (const key of reflect.getOwnMetadataKeys(from)) {
    reflect.defineMetadata(key, reflect.getOwnMetadata(key, from), to);
  }
}
