/**
 * The call signatures of `span` and `trace`: wrapper of a function, TC39 decorator and legacy decorator,
 * each with or without options first. The arguments decide which one it is.
 */
import { hasFields, isFunction, isText } from '../platform/values.ts';
import type { Instance } from '../runtime/runtime.ts';
import { type AnyFunction, nameOf, wrap } from './wrap.ts';

/**
 * A wrapper and decorator with fixed options: the result of `span(options)` or `trace(options)`.
 *
 * @see https://github.com/tc39/proposal-decorators
 * @example
 * class Agent {
 *   @span({ kind: 'tool' }) async search(query: string) { ... }
 * }
 */
export interface Decorator {
  /** Wraps a function. */
  <F extends AnyFunction>(fn: F): F;
  /** TC39 decorator of a method or getter. */
  <F extends AnyFunction>(
    method: F,
    context: ClassMethodDecoratorContext | ClassGetterDecoratorContext,
  ): F;
  /** TC39 decorator of a field that holds a function. */
  <F extends AnyFunction>(
    field: undefined,
    context: ClassFieldDecoratorContext<unknown, F>,
  ): (initial: F) => F;
  /** Legacy decorator (`experimentalDecorators`) of a method or getter. */
  <T>(
    target: object,
    key: string | symbol,
    descriptor: TypedPropertyDescriptor<T>,
  ): TypedPropertyDescriptor<T>;
  /** Legacy decorator of a field that holds a function, where fields are assigned. */
  (target: object, key: string | symbol): void;
}

interface Tc39Context {
  readonly kind: string;
  readonly name: string | symbol;
}

/** Implements `span(...)` and `trace(...)` for all signatures. */
export function apply(instance: Instance, args: readonly unknown[]): unknown {
  const [first, second] = args;
  if (isTarget(args)) return wrapTarget(instance, undefined, args);
  const options = isText(first) ? { name: first } : first;
  if (isFunction(second)) return wrap(instance, second, options, nameOf(second));
  return (...target: readonly unknown[]) => wrapTarget(instance, options, target);
}

/** Whether the arguments are the function or class member itself rather than options. */
const isTarget = (args: readonly unknown[]): boolean =>
  isFunction(args[0]) || isTc39(args[1]) || isLegacy(args);

const isTc39 = (context: unknown): context is Tc39Context =>
  hasFields(context) && 'kind' in context && 'name' in context;

function isLegacy(args: readonly unknown[]): boolean {
  const [target, key] = args;
  return (hasFields(target) || isFunction(target)) && (isText(key) || typeof key === 'symbol');
}

function wrapTarget(instance: Instance, options: unknown, args: readonly unknown[]): unknown {
  const [value, second] = args;
  if (isTc39(second)) return decorate(instance, options, value, second);
  if (isLegacy(args)) return redefine(instance, options, args);
  if (!isFunction(value)) return value;
  // A class decorator receives the class, which is returned unchanged.
  return isClass(value) ? value : wrap(instance, value, options, nameOf(value));
}

function decorate(
  instance: Instance,
  options: unknown,
  value: unknown,
  context: Tc39Context,
): unknown {
  const name = keyName(context.name);
  if (context.kind === 'field')
    return (initial: unknown) => wrapFunction(instance, initial, options, name);
  return /^(method|[gs]etter)$/.test(context.kind)
    ? wrap(instance, value, options, name)
    : undefined;
}

/** Wraps a function; returns any other value unchanged. */
const wrapFunction = (
  instance: Instance,
  value: unknown,
  options: unknown,
  name: string,
): unknown => (isFunction(value) ? wrap(instance, value, options, name) : value);

function redefine(instance: Instance, options: unknown, args: readonly unknown[]): unknown {
  const [target, key, descriptor] = args as [object, string | symbol, unknown];
  const name = keyName(key);
  if (!hasFields(descriptor)) return awaitField(instance, options, target, key);
  const part = ['value', 'get'].find((key) => isFunction(descriptor[key]));
  return part
    ? { ...descriptor, [part]: wrap(instance, descriptor[part], options, name) }
    : descriptor;
}

/**
 * A legacy decorator of a field runs before the field has a value. Where the compiler assigns fields, a
 * setter wraps the function; with `useDefineForClassFields`, a field cannot be wrapped.
 */
function awaitField(
  instance: Instance,
  options: unknown,
  target: object,
  key: string | symbol,
): void {
  if (Object.hasOwn(target, key)) return;
  Object.defineProperty(target, key, {
    configurable: true,
    set(this: object, given: unknown) {
      const value = wrapFunction(instance, given, options, keyName(key));
      Object.defineProperty(this, key, {
        value,
        configurable: true,
        enumerable: true,
        writable: true,
      });
    },
  });
}

const keyName = (key: unknown): string =>
  typeof key === 'symbol' ? (key.description ?? 'symbol') : String(key);

const isClass = (value: unknown): boolean =>
  /^class\b/.test(Function.prototype.toString.call(value));
