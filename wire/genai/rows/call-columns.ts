/** The columns of a completion that describe its call rather than the choice. */
import type { CompletionRecord } from '../../records.ts';
import { CALL_FIELDS, type CallField, type ModelCall, type Usage } from '../provider/model.ts';

/** A token count by its column: `prompt_tokens`. */
type UsageColumn = `${keyof Usage}_tokens`;
type CallColumns = Pick<CompletionRecord, CallField | UsageColumn>;

/** Columns that each choice repeats; every other column of the call is in its first row only. */
const REPEATED: ReadonlySet<CallField> = /* @__PURE__ */ new Set([
  'model',
  'provider',
  'response_id',
]);

/** The columns of the call in one of its rows; what is counted once per call is only in the first. */
export function callColumns(call: ModelCall, isFirst: boolean): CallColumns {
  const columns: Record<string, string | number | null> = {};
  for (const field of CALL_FIELDS) {
    columns[field] = isFirst || REPEATED.has(field) ? call[field] : null;
  }
  for (const [name, tokens] of Object.entries(call.usage)) {
    columns[`${name}_tokens`] = isFirst ? tokens : null;
  }
  return columns as CallColumns;
}
