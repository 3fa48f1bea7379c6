/** The schema of each type of field: what is sent goes in, what is stored comes out. */
import * as z from 'zod/mini';
import { LIMITS, MODES, SPAN_KINDS, STATUSES } from '../../wire/protocol.ts';
import type { FieldType } from '../../wire/records.ts';
import { cleanText, cutText } from '../../wire/text.ts';
import { boundJson } from './bound-json.ts';
import { REASONS } from './fields.ts';
import { boundLabel, boundTags } from './labels.ts';
import { parseTimestamp } from './timestamp.ts';

/** The reason of a value of the wrong type; key fields also reject null and absent values. */
function invalid(reason: string) {
  return {
    error: ({ input }: { readonly input?: unknown }) =>
      input === undefined || input === null ? REASONS.missing : reason,
  };
}

function whole(max: number, reason: string) {
  const error = invalid(reason);
  return z.int(error).check(z.minimum(0, error), z.maximum(max, error));
}

const SCHEMAS: Record<FieldType, () => z.ZodMiniType> = {
  id: () =>
    z.pipe(
      z
        .string(invalid(REASONS.id))
        .check(
          z.maxLength(LIMITS.maxIdLength, { error: REASONS.id }),
          z.regex(/^[^\p{Cc}\p{Cs}]*$/u, { error: REASONS.id }),
        ),
      z.transform((id) => id || null),
    ),
  label: () =>
    z.pipe(
      z.string(invalid(REASONS.label)),
      z.transform((text) => boundLabel(text) || null),
    ),
  text: () =>
    z.pipe(
      z.string(invalid(REASONS.text)),
      z.transform((text) => cutText(cleanText(text), LIMITS.maxTextBytes)),
    ),
  json: () => z.pipe(z.unknown(), z.transform(boundJson)),
  tags: () =>
    z.pipe(
      z.array(z.string({ error: REASONS.tags }), invalid(REASONS.tags)),
      z.transform((tags) => boundTags(tags)),
    ),
  time: () =>
    z.pipe(
      z.string(invalid(REASONS.time)),
      z.transform((text, context) => {
        const timestamp = parseTimestamp(text);
        if (timestamp === null) {
          context.issues.push({ code: 'custom', message: REASONS.time, input: text });
        }
        return timestamp;
      }),
    ),
  count: () => whole(LIMITS.maxCount, REASONS.count),
  index: () => whole(LIMITS.maxIndex, REASONS.index),
  millis: () => z.number(invalid(REASONS.millis)).check(z.minimum(0, { error: REASONS.millis })),
  mode: () => z.enum(MODES, invalid(REASONS.mode)),
  status: () => z.enum(STATUSES, invalid(REASONS.status)),
  kind: () => z.enum(SPAN_KINDS, invalid(REASONS.kind)),
};

/**
 * The schema of a type of field; null comes out of an unknown value, such as `""`. Created by the caller
 * and not when this file is loaded, because creating all of them would slow down cold starts.
 */
export function fieldSchema(type: FieldType): z.ZodMiniType {
  return SCHEMAS[type]();
}

/** The schema of a field of the key, which must be known. */
export function keySchema(type: FieldType): z.ZodMiniType {
  const known = z.unknown().check(z.refine((value) => value !== null, { error: REASONS.empty }));
  return z.pipe(fieldSchema(type), known);
}
