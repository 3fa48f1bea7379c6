/** Schemas of what the functions of the database return. */
import * as z from 'zod/mini';
import { PERSONAL_KINDS, type PersonalKind } from '../../wire/redaction/personal.ts';
import type { Masking } from '../../wire/redaction/redact-text.ts';

const countsSchema = z.record(z.string(), z.number());

/** A project's limits, and how many of its requests the database has stored in the last minute. */
const limitsSchema = z.object({
  requests_per_minute: z.number(),
  bytes_per_minute: z.number(),
  requests_last_minute: z.number(),
});

const isKnownKind = (kind: string): kind is PersonalKind =>
  PERSONAL_KINDS.some((known) => known === kind);

/** What a project masks. A kind that a newer database knows and this code does not is left out. */
const maskingSchema = z.pipe(
  z.object({ secrets: z.boolean(), personal: z.array(z.string()) }),
  z.transform(
    ({ secrets, personal }): Masking => ({ secrets, personal: personal.filter(isKnownKind) }),
  ),
);

/** `authenticate()`. */
export const tokenSchema = z.object({
  project_id: z.string(),
  token_id: z.string(),
  scopes: z.array(z.string()),
  /** ISO 8601, or null for a token that does not expire. */
  expires_at: z.nullable(z.string()),
  /** Absent for a project without limits. */
  limits: z.optional(limitsSchema),
  /** Absent in a database without the setting. */
  masking: z.optional(maskingSchema),
});

/** `ingest()`, `ingest_by_span()` and `ingest_accepted()`: rows per table. */
export const storedSchema = z.object({
  stored: countsSchema,
  /** Whether the batch had been stored before. */
  repeated: z.optional(z.boolean()),
});

/** `maintain()`: rows deleted per table. */
export const maintenanceSchema = z.object({
  done: z.boolean(),
  deleted: z.optional(countsSchema),
});

/** `schema_version()`. */
export const versionSchema = z.number();

export type Limits = z.output<typeof limitsSchema>;
export type TokenInfo = z.output<typeof tokenSchema>;
