/** About how many bytes of records a span will be, known before they are written. */
import type { RecordingSpan } from '../span/recording-span.ts';

/** Ids, times and names of one record. */
const RECORD_BYTES = 240;

export function estimateBytes(span: RecordingSpan): number {
  let bytes = span.isRoot ? 2 * RECORD_BYTES : RECORD_BYTES;
  const own = length(span.input) + length(span.output) + length(span.error);
  bytes += span.isRoot ? own * 2 : own;
  bytes += span.attributeBytes;
  for (const event of span.events ?? []) bytes += 64 + length(event.attributes);
  if (span.request) {
    bytes += length(span.request.rest);
    for (const prompt of span.request.prompts) {
      bytes += 120 + length(prompt.content) + length(prompt.parts);
    }
  }
  if (span.reply) {
    for (const completion of span.reply.completions) {
      bytes += RECORD_BYTES + length(completion.content) + length(completion.parts);
      for (const call of completion.toolCalls ?? []) bytes += RECORD_BYTES + 2 * call.size;
    }
  }
  return bytes;
}

const length = (text: string | null): number => (text === null ? 0 : text.length);
