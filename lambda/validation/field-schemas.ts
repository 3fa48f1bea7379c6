/** The schema of each type of field: what is sent goes in, what is stored comes out. */
import * as z from 'zod/mini';
import { LIMITS, MODES, SPAN_KINDS, STATUSES } from '../../wire/protocol.ts';
import type { FieldType } from '../../wire/records.ts';
import { cleanText, cutText } from '../../wire/text.ts';
import { boundJson } from './bound-json.ts';
import { REASONS } from './fields.ts';
import { boundLabel, boundTags } from './labels.ts';
import { parseTimestamp } from './timestamp.ts';

/** Any JSON value that is not null. */
const anyValue = z.unknown();

const time = z.pipe(
  z.string({ error: REASONS.time }),
  z.transform((text, context) => {
    const timestamp = parseTimestamp(text);
    if (timestamp === null)
      context.issues.push({ code: 'custom', message: REASONS.time, input: text });
    return timestamp;
  }),
);

const whole = (max: number, error: string) =>
  z.int({ error }).check(z.minimum(0, { error }), z.maximum(max, { error }));

/** One schema for each type of field, as it is sent; what is stored comes out. */
export const fieldSchemas = {
  // An empty id is unknown, as null is.
  id: z.pipe(
    z
      .string({ error: REASONS.id })
      .check(
        z.maxLength(LIMITS.maxIdLength, { error: REASONS.id }),
        z.regex(/^[^\p{Cc}\p{Cs}]*$/u, { error: REASONS.id }),
      ),
    z.transform((id) => id || null),
  ),
  label: z.pipe(
    z.string({ error: REASONS.label }),
    z.transform((text) => boundLabel(text) || null),
  ),
  text: z.pipe(
    z.string({ error: REASONS.text }),
    z.transform((text) => cutText(cleanText(text), LIMITS.maxTextBytes)),
  ),
  json: z.pipe(anyValue, z.transform(boundJson)),
  tags: z.pipe(
    z.array(z.string({ error: REASONS.tags }), { error: REASONS.tags }),
    z.transform((tags) => boundTags(tags)),
  ),
  time,
  count: whole(LIMITS.maxCount, REASONS.count),
  index: whole(LIMITS.maxIndex, REASONS.index),
  millis: z.number({ error: REASONS.millis }).check(z.minimum(0, { error: REASONS.millis })),
  mode: z.enum(MODES, { error: REASONS.mode }),
  status: z.enum(STATUSES, { error: REASONS.status }),
  kind: z.enum(SPAN_KINDS, { error: REASONS.kind }),
} as const satisfies Record<FieldType, z.ZodMiniType>;

/** A field of the key: required, and not unknown. */
export function keySchema(type: FieldType): z.ZodMiniType {
  const present = z.any().check(
    z.refine((value) => value !== undefined && value !== null, {
      error: REASONS.missing,
      abort: true,
    }),
  );
  const filled = z
    .any()
    .check(z.refine((value) => value !== null && value !== undefined, { error: REASONS.empty }));
  return z.pipe(z.pipe(present, fieldSchemas[type]), filled);
}
