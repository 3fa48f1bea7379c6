/** Number and size of a span's records, known before they are written. */
import { LIMITS } from '../../wire/protocol.ts';
import type { KeptPart } from '../llm/model.ts';
import type { RecordingSpan } from '../span/recording-span.ts';
import { toolResults } from './records.ts';

/** Ids, times and names of one record. */
const RECORD_BYTES = 240;

/** The number of records that `writeRecords` writes; the session is not included. */
export function countRecords(span: RecordingSpan): number {
  if (span.ownRecords) return span.ownRecords.count;
  let count = 1;
  if (span.isRoot) count += 1;
  if (span.kind === 'tool') count += 1;
  if (span.kind === 'llm') {
    const prompts = span.request?.prompts;
    if (prompts) count += prompts.length + toolResults(prompts).length;
  }
  if (!span.reply) return count;
  for (const { toolCalls } of span.reply.completions) count += 1 + toolCalls.length;
  return count;
}

/** The approximate size of a span's records in bytes. */
export function estimateBytes(span: RecordingSpan): number {
  let bytes = span.isRoot ? 2 * RECORD_BYTES : RECORD_BYTES;
  const own = length(span.input) + length(span.output) + length(span.error);
  bytes += span.isRoot ? own * 2 : own;
  bytes += span.attributeBytes;
  for (const event of span.events ?? []) bytes += 64 + length(event.attributes);
  if (span.request) {
    bytes += length(span.request.rest);
    for (const prompt of span.request.prompts) {
      bytes += 120 + length(prompt.content) + sizeOf(prompt.parts);
    }
  }
  if (span.reply) {
    for (const completion of span.reply.completions) {
      bytes += RECORD_BYTES + length(completion.content) + sizeOf(completion.parts);
      for (const call of completion.toolCalls) {
        bytes += RECORD_BYTES + length(call.arguments) + length(call.output);
      }
    }
  }
  return bytes;
}

function sizeOf(parts: readonly KeptPart[] | null): number {
  let bytes = 0;
  for (const part of parts ?? []) {
    if (typeof part === 'string') bytes += length(part);
    else bytes += 'json' in part ? part.json.length : 60 + length(part.arguments);
  }
  return bytes;
}

/** A longer text is cut when it is written. */
const length = (text: string | null): number =>
  text === null ? 0 : Math.min(text.length, LIMITS.maxTextBytes);
