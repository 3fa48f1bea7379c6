/** The columns of a completion that describe its call rather than the choice. */
import type { CompletionRecord } from '../../records.ts';
import type { CallField, ModelCall, Usage } from '../provider/model.ts';

/** A token count by its column: `prompt_tokens`. */
type UsageColumn = `${keyof Usage}_tokens`;
type CallColumns = { [F in CallField | UsageColumn]: NonNullable<CompletionRecord[F]> | null };

/**
 * The columns of the call in one of its rows. What is counted once per call is only in the first; each
 * choice repeats the others.
 */
export function callColumns(call: ModelCall, isFirst: boolean): CallColumns {
  const { usage } = call;
  return {
    model: call.model,
    provider: call.provider,
    response_id: call.response_id,
    prompt_tokens: isFirst ? usage.prompt : null,
    completion_tokens: isFirst ? usage.completion : null,
    total_tokens: isFirst ? usage.total : null,
    cached_tokens: isFirst ? usage.cached : null,
    cache_write_tokens: isFirst ? usage.cache_write : null,
    reasoning_tokens: isFirst ? usage.reasoning : null,
    time_to_first_token_ms: isFirst ? call.time_to_first_token_ms : null,
  };
}
