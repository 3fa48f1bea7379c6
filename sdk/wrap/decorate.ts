/**
 * One symbol, every way to use it: around a function, as a TC39 decorator, as a legacy decorator, and
 * each of them with options before. Which it is shows in the arguments.
 */
import { hasFields, isFunction, isText } from '../platform/values.ts';
import { type AnyFunction, nameOf, wrap } from './wrap.ts';

/** A wrapper or decorator whose options are given. */
export interface Decorator {
  /** As the wrapper of a function. */
  <F extends AnyFunction>(fn: F): F;
  /** As a TC39 decorator of a method or getter. */
  <F extends AnyFunction>(
    method: F,
    context: ClassMethodDecoratorContext | ClassGetterDecoratorContext,
  ): F;
  /** As a TC39 decorator of a field that holds a function. */
  <F extends AnyFunction>(
    field: undefined,
    context: ClassFieldDecoratorContext<unknown, F>,
  ): (initial: F) => F;
  /** As a legacy decorator (`experimentalDecorators`) of a method or getter. */
  <T>(
    target: object,
    key: string | symbol,
    descriptor: TypedPropertyDescriptor<T>,
  ): TypedPropertyDescriptor<T>;
  /** As a legacy decorator of a field that holds a function, where fields are assigned. */
  (target: object, key: string | symbol): void;
}

interface Tc39Context {
  readonly kind: string;
  readonly name: string | symbol;
}

/** Applies `span(...)` or `trace(...)` as it was written. */
export function apply(args: readonly unknown[]): unknown {
  const [first, second] = args;
  if (isUse(args)) return use(undefined, args);
  const options = isText(first) ? { name: first } : first;
  if (isFunction(second)) return wrap(second, options, nameOf(second));
  return (...later: readonly unknown[]) => use(options, later);
}

/** Whether the arguments are already what is to be wrapped, and not options. */
const isUse = (args: readonly unknown[]): boolean =>
  isFunction(args[0]) || isTc39(args[1]) || isLegacy(args);

const isTc39 = (context: unknown): context is Tc39Context =>
  hasFields(context) && 'kind' in context && 'name' in context;

function isLegacy(args: readonly unknown[]): boolean {
  const [target, key] = args;
  return (hasFields(target) || isFunction(target)) && (isText(key) || typeof key === 'symbol');
}

function use(options: unknown, args: readonly unknown[]): unknown {
  const [value, second] = args;
  if (isTc39(second)) return decorate(options, value, second);
  if (isLegacy(args)) return redefine(options, args);
  if (!isFunction(value)) return value;
  // A class decorator gets the class itself; a class is not a call, so it stays as it is.
  return isClass(value) ? value : wrap(value, options, nameOf(value));
}

function decorate(options: unknown, value: unknown, context: Tc39Context): unknown {
  const name = keyName(context.name);
  if (context.kind === 'field') return (initial: unknown) => wrapFunction(initial, options, name);
  return /^(method|[gs]etter)$/.test(context.kind) ? wrap(value, options, name) : undefined;
}

/** Whatever else a field holds stays as it is. */
const wrapFunction = (value: unknown, options: unknown, name: string): unknown =>
  isFunction(value) ? wrap(value, options, name) : value;

function redefine(options: unknown, args: readonly unknown[]): unknown {
  const [target, key, descriptor] = args as [object, string | symbol, unknown];
  const name = keyName(key);
  if (!hasFields(descriptor)) return awaitField(options, target, key);
  const part = ['value', 'get'].find((key) => isFunction(descriptor[key]));
  return part ? { ...descriptor, [part]: wrap(descriptor[part], options, name) } : descriptor;
}

/**
 * A field has no value yet. Where the compiler assigns fields, a setter that waits for it wraps the
 * function; where it defines them (`useDefineForClassFields`), nothing is told to a decorator.
 */
function awaitField(options: unknown, target: object, key: string | symbol): void {
  if (Object.hasOwn(target, key)) return;
  Object.defineProperty(target, key, {
    configurable: true,
    set(this: object, given: unknown) {
      const value = wrapFunction(given, options, keyName(key));
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
