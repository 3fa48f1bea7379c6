/** The sender's own count of what it made, sent and lost: the one part of a batch that is no record. */
import * as z from 'zod/mini';
import type { SdkReport } from '../wire/records.ts';
import { keyField } from './fields.ts';
import { malformed, type Refusal } from './refusal.ts';

const REPORT = z.object({
  name: keyField('label'),
  version: keyField('label'),
  process_id: keyField('id'),
  created: keyField('count'),
  sent: keyField('count'),
  dropped: keyField('count'),
});

/** The report; null when there is none, as from curl and from importers. */
export function validateReport(value: unknown): SdkReport | null | Refusal {
  if (value === undefined || value === null) return null;
  if (typeof value !== 'object' || Array.isArray(value)) return malformed('sdk must be an object.');
  const result = z.safeParse(REPORT, value);
  if (result.success) return result.data as SdkReport;
  const issue = result.error.issues[0];
  return malformed(`sdk.${issue?.path.join('.')} ${issue?.message}.`);
}
