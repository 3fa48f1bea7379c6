/** Which spans are about models, agents and tools. */
import type { Attributes } from './forms/otel-span.ts';
import { GENAI_PREFIXES } from './sources/producers.ts';

/** Keys that state the kind of a span, under a prefix that other spans may have, too. */
const KIND_KEYS = ['request_data', 'tool_arguments', 'all_messages_events'] as const;

/** Whether attributes describe a model call, an agent or a tool of any instrumentation. */
export function isGenAiSpan(attributes: Attributes): boolean {
  for (const key in attributes) {
    for (const prefix of GENAI_PREFIXES) if (key.startsWith(prefix)) return true;
  }
  return KIND_KEYS.some((key) => attributes[key] !== undefined);
}
