/** The calls that the models of a batch made, found by what was asked where no id tells. */

import { canonical } from '../../json.ts';
import type { JsonValue } from '../../records.ts';
import { isObject } from '../../values.ts';
import type { OtelSpan } from '../dialects/span.ts';
import type { ToolCall } from '../provider/model.ts';

/** Equal calls of one trace that are told apart. More of them are an attack, or a loop. */
const MAX_EQUAL_CALLS = 1_000;

/** A call that a tool span without a call id may turn out to be. */
interface Asked {
  id: string;
  span: OtelSpan;
  call: ToolCall;
  used: boolean;
}

/** The calls of a batch, in the order in which models made them. */
export class RequestedCalls {
  readonly #calls = new Map<string, Asked>();
  #byArguments: Map<string, Asked[]> | null = null;

  add(id: string, span: OtelSpan, call: ToolCall): void {
    const key = `${span.trace_id} ${id}`;
    if (!this.#calls.has(key)) this.#calls.set(key, { id, span, call, used: false });
  }

  /** Takes the call that a tool span ran: same trace, name and arguments, each call once. */
  take(span: OtelSpan, name: string, args: JsonValue): string | null {
    if (this.#calls.size === 0) return null;
    this.#byArguments ??= this.#index();
    const fits = this.#byArguments.get(keyOf(span, name, args)) ?? [];
    // Agents that run side by side may ask for the same: a tool stands beside or below its asker.
    const call =
      fits.find((one) => !one.used && isNear(one.span, span)) ?? fits.find((one) => !one.used);
    if (call === undefined) return null;
    call.used = true;
    return call.id;
  }

  /**
   * The equal calls of the latest turn before a request: those that its results without a call id
   * may answer, in the order in which they were made.
   */
  beforeRequest(request: OtelSpan, { name, arguments: args }: ToolCall): readonly string[] {
    if (name === null) return [];
    this.#byArguments ??= this.#index();
    const fits = this.#byArguments.get(keyOf(request, name, args)) ?? [];
    const before = fits.filter(({ span }) => span !== request && isBefore(span, request));
    const asker = before.at(-1)?.span;
    return before.filter(({ span }) => span === asker).map(({ id }) => id);
  }

  /** A function may take the model's object, or its values one after the other. */
  #index(): Map<string, Asked[]> {
    const index = new Map<string, Asked[]>();
    for (const asked of this.#calls.values()) {
      const { name, arguments: args } = asked.call;
      if (name === null) continue;
      const forms = isObject(args) ? [args, Object.values(args)] : [args];
      for (const form of forms) {
        const key = keyOf(asked.span, name, form);
        const list = index.get(key);
        if (list === undefined) index.set(key, [asked]);
        else if (list.length < MAX_EQUAL_CALLS) list.push(asked);
      }
    }
    return index;
  }
}

function keyOf({ trace_id }: OtelSpan, name: string, args: JsonValue): string {
  return `${trace_id} ${name} ${canonical(args)}`;
}

function isBefore({ started_at: a }: OtelSpan, { started_at: b }: OtelSpan): boolean {
  return (a ?? '') <= (b ?? '');
}

function isNear(asker: OtelSpan, tool: OtelSpan): boolean {
  return tool.parent_span_id === asker.parent_span_id || tool.parent_span_id === asker.span_id;
}
