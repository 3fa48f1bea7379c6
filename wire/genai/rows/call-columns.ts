/** The columns of a completion that describe its call rather than the choice. */
import type { CompletionRecord, RECORDS } from '../../records.ts';
import type { ModelCall, Usage } from '../provider/model.ts';
import { complete } from '../provider/usage.ts';

type Completion = (typeof RECORDS)['completion'];

/** Columns of one choice; every other column is one of the call. */
type ChoiceColumn = Completion['key'][number] | 'role' | 'content' | 'parts' | 'finish_reason';
type CallColumn = Exclude<keyof Completion['fields'], ChoiceColumn>;
type CallColumns = { [C in CallColumn]: NonNullable<CompletionRecord[C]> | null };

/** Columns that a parsed call holds under the same name. */
const SAME_NAME = ['model', 'provider', 'response_id', 'time_to_first_token_ms'] as const;

/** Columns of token counts, and their names in {@link Usage}. */
const USAGE = {
  prompt_tokens: 'prompt',
  completion_tokens: 'completion',
  total_tokens: 'total',
  cached_tokens: 'cached',
  cache_write_tokens: 'cache_write',
  reasoning_tokens: 'reasoning',
} as const satisfies { [column: string]: keyof Usage };

type Listed = (typeof SAME_NAME)[number] | keyof typeof USAGE;

/** The columns of the call in one of its rows; what is counted once per call is only in the first. */
export function callColumns(call: ModelCall, isFirst: boolean): CallColumns {
  const { model, provider, response_id, usage } = call;
  return {
    model,
    provider,
    response_id,
    prompt_tokens: isFirst ? usage[USAGE.prompt_tokens] : null,
    completion_tokens: isFirst ? usage[USAGE.completion_tokens] : null,
    total_tokens: isFirst ? usage[USAGE.total_tokens] : null,
    cached_tokens: isFirst ? usage[USAGE.cached_tokens] : null,
    cache_write_tokens: isFirst ? usage[USAGE.cache_write_tokens] : null,
    reasoning_tokens: isFirst ? usage[USAGE.reasoning_tokens] : null,
    time_to_first_token_ms: isFirst ? call.time_to_first_token_ms : null,
  };
}

/**
 * Fills the columns that `outer` does not know from `inner`. The type of the parameter is `never`, so
 * that no call compiles, while a column of `RECORDS.completion` is in neither list above.
 */
export function fillCallColumns(
  outer: [CallColumn] extends [Listed] ? ModelCall : never,
  inner: ModelCall,
): void {
  for (const column of SAME_NAME) fill(outer, inner, column);
  outer.usage = complete(outer.usage, inner.usage);
}

function fill<F extends keyof ModelCall>(outer: ModelCall, inner: ModelCall, field: F): void {
  outer[field] ??= inner[field];
}
