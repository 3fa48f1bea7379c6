/** Schemas of what the functions of the database return. */
import * as z from 'zod/mini';

const countsSchema = z.record(z.string(), z.number());

/** A project's limits, and how many of its requests the database has stored in the last minute. */
const limitsSchema = z.object({
  requests_per_minute: z.number(),
  bytes_per_minute: z.number(),
  requests_last_minute: z.number(),
});

/** `authenticate()`. */
export const tokenSchema = z.object({
  project_id: z.string(),
  token_id: z.string(),
  scopes: z.array(z.string()),
  /** ISO 8601, or null for a token that does not expire. */
  expires_at: z.nullable(z.string()),
  /** Absent for a project without limits. */
  limits: z.optional(limitsSchema),
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
