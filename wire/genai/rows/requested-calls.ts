/** The tool calls that the models of a batch requested, found by name and arguments without an id. */

import { canonical } from '../../json.ts';
import type { JsonValue } from '../../records.ts';
import { isObject } from '../../values.ts';
import type { OtelSpan } from '../dialects/span.ts';
import type { ToolCall } from '../provider/model.ts';

/** Most equal calls of one trace that are distinguished. More are an attack or a loop. */
const MAX_EQUAL_CALLS = 1_000;

/** A call that a tool span without a call id may have run. */
interface RequestedCall {
  id: string;
  span: OtelSpan;
  call: ToolCall;
  used: boolean;
}

/** The calls of a batch, in the order in which models requested them. */
export class RequestedCalls {
  readonly #calls = new Map<string, RequestedCall>();
  #byArguments: Map<string, RequestedCall[]> | null = null;

  add(id: string, span: OtelSpan, call: ToolCall): void {
    const key = `${span.trace_id} ${id}`;
    if (!this.#calls.has(key)) this.#calls.set(key, { id, span, call, used: false });
  }

  /** Takes the call that a tool span ran: same trace, name and arguments, each call once. */
  take(span: OtelSpan, name: string, args: JsonValue): string | null {
    if (this.#calls.size === 0) return null;
    this.#byArguments ??= this.#index();
    const fits = this.#byArguments.get(keyOf(span, name, args)) ?? [];
    // Parallel agents may request equal calls: a tool span is beside or below the requesting span.
    const call =
      fits.find((one) => !one.used && isNear(one.span, span)) ?? fits.find((one) => !one.used);
    if (call === undefined) return null;
    call.used = true;
    return call.id;
  }

  /**
   * The equal calls of the latest turn before a request, which results without a call id may answer, in
   * the order in which they were requested.
   */
  beforeRequest(request: OtelSpan, { name, arguments: args }: ToolCall): readonly string[] {
    if (name === null) return [];
    this.#byArguments ??= this.#index();
    const fits = this.#byArguments.get(keyOf(request, name, args)) ?? [];
    const before = fits.filter(({ span }) => span !== request && isBefore(span, request));
    const asker = before.at(-1)?.span;
    return before.filter(({ span }) => span === asker).map(({ id }) => id);
  }

  #index(): Map<string, RequestedCall[]> {
    const index = new Map<string, RequestedCall[]>();
    for (const requested of this.#calls.values()) {
      const { name, arguments: args } = requested.call;
      if (name === null) continue;
      for (const form of formsOf(args)) {
        const key = keyOf(requested.span, name, form);
        const list = index.get(key);
        if (list === undefined) index.set(key, [requested]);
        else if (list.length < MAX_EQUAL_CALLS) list.push(requested);
      }
    }
    return index;
  }
}

/** A function may receive the object of the model, its values as separate arguments, its one value, or nothing. */
function formsOf(args: JsonValue): JsonValue[] {
  if (!isObject(args)) return args === null ? [null, {}] : [args];
  const values = Object.values(args);
  if (values.length > 1) return [args, values];
  return values.length === 0 ? [args, null] : [args, values, values[0] as JsonValue];
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
