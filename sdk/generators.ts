/**
 * Generators run in steps, each from another place of the program. Every step runs inside the span of
 * the call, and the span ends with the generator: by its return, its error, or an early `break`.
 */
import { LIMITS } from '../wire/protocol.ts';
import { snapshot } from './capture.ts';
import type { LiveSpan } from './live-span.ts';
import { failed, succeeded } from './outcome.ts';
import { state } from './state.ts';

type Step = 'next' | 'return' | 'throw';
type AnyGenerator = Generator<unknown> | AsyncGenerator<unknown>;

/** Whether a result is a generator object; other iterators are values like any other. */
export function isGenerator(result: object): result is AnyGenerator {
  try {
    const tag: unknown = (result as { [Symbol.toStringTag]?: unknown })[Symbol.toStringTag];
    return (
      (tag === 'Generator' || tag === 'AsyncGenerator') &&
      typeof (result as { next?: unknown }).next === 'function'
    );
  } catch {
    return false;
  }
}

/** The same generator for the caller, with each of its steps inside the span. */
export function traceGenerator(span: LiveSpan, generator: AnyGenerator): AnyGenerator {
  const yields = new Yields();
  const finish = (returned: unknown): void => {
    if (span.isEnded) return;
    if (span.capturesContent) span.output = yields.json(returned);
    succeeded(span, returned);
  };
  const settle = (result: IteratorResult<unknown>): IteratorResult<unknown> => {
    if (result.done) finish(result.value);
    else if (span.capturesContent) yields.add(result.value);
    return result;
  };
  const step =
    (kind: Step) =>
    (...args: unknown[]): unknown => {
      let result: unknown;
      try {
        result = state.storage.run(span, () =>
          Reflect.apply(generator[kind] as (...args: unknown[]) => unknown, generator, args),
        );
      } catch (thrown) {
        failed(span, thrown);
        throw thrown;
      }
      if (!(result instanceof Promise)) return settle(result as IteratorResult<unknown>);
      return result.then(settle, (thrown: unknown) => {
        failed(span, thrown);
        throw thrown;
      });
    };
  // Prototype and all inherited methods stay, so that it is still what the caller's types say.
  return Object.create(Object.getPrototypeOf(generator), {
    next: { value: step('next'), configurable: true, writable: true },
    return: { value: step('return'), configurable: true, writable: true },
    throw: { value: step('throw'), configurable: true, writable: true },
  }) as AnyGenerator;
}

/** What a generator yielded, as a JSON list that stops growing at the limit of a field. */
class Yields {
  private readonly items: string[] = [];
  private total = 0;
  private size = 0;

  add(value: unknown): void {
    this.total += 1;
    if (this.size >= LIMITS.maxJsonBytes / 4) return;
    const json = snapshot(value) ?? 'null';
    this.size += json.length + 1;
    if (this.size < LIMITS.maxJsonBytes / 4) this.items.push(json);
  }

  json(returned: unknown): string {
    const cut = this.total - this.items.length;
    const mark = cut === 0 ? [] : [`"…[cut: ${this.items.length} of ${this.total} items]"`];
    const list = `[${[...this.items, ...mark].join()}]`;
    const last = returned === undefined ? null : snapshot(returned);
    if (last === null || last.length > LIMITS.maxJsonBytes / 4) return list;
    return `{"yielded":${list},"returned":${last}}`;
  }
}
