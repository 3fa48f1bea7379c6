/**
 * Calls and results without ids, as most of Gemini's: a result answers the next call of its name, and
 * the results are in the order of the calls.
 */
import { canonical } from '../../json.ts';
import type { ToolCall, ToolResult } from '../provider/model.ts';

export class UnnamedCalls {
  readonly #byName = new Map<string | null, ToolCall[]>();
  readonly #taken = new Map<string | null, number>();
  /** The position of a call among the equal calls of its turn. */
  readonly #places = new Map<ToolCall, { form: string; place: number }>();
  readonly #ids = new Map<string, readonly string[]>();
  readonly #idsOf: (call: ToolCall) => readonly string[];

  /** @param idsOf the ids of the rows of calls that equal this one, in order */
  constructor(calls: readonly ToolCall[], idsOf: (call: ToolCall) => readonly string[]) {
    this.#idsOf = idsOf;
    const equal = new Map<string, number>();
    for (const call of calls) {
      if (call.id !== null) continue;
      const form = canonical([call.name, call.arguments]);
      const place = equal.get(form) ?? 0;
      equal.set(form, place + 1);
      this.#places.set(call, { form, place });
      this.#add(null, call);
      if (call.name !== null) this.#add(call.name, call);
    }
  }

  /** The call that the next result of this name answers; a result without a name answers any. */
  take({ name }: ToolResult): ToolCall | undefined {
    const taken = this.#taken.get(name) ?? 0;
    this.#taken.set(name, taken + 1);
    return this.#byName.get(name)?.[taken];
  }

  idOf(call: ToolCall): string | null {
    const known = this.#places.get(call);
    if (known === undefined) return null;
    let ids = this.#ids.get(known.form);
    if (ids === undefined) {
      ids = this.#idsOf(call);
      this.#ids.set(known.form, ids);
    }
    return ids[known.place] ?? null;
  }

  #add(name: string | null, call: ToolCall): void {
    const list = this.#byName.get(name);
    if (list === undefined) this.#byName.set(name, [call]);
    else list.push(call);
  }
}
