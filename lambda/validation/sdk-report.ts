/** The sender's own count of what it made, sent and lost: the one part of a batch that is no record. */
import type { SdkReport } from '../../wire/records.ts';
import { malformed, type Refusal } from '../http/refusal.ts';
import { type Check, Fault, keyField } from './fields.ts';

const FIELDS: readonly (readonly [name: keyof SdkReport, check: Check])[] = [
  ['name', keyField('label')],
  ['version', keyField('label')],
  ['process_id', keyField('id')],
  ['created', keyField('count')],
  ['sent', keyField('count')],
  ['dropped', keyField('count')],
];

/** The report; null when there is none, as from curl and from importers. */
export function validateReport(value: unknown): SdkReport | null | Refusal {
  if (value === undefined || value === null) return null;
  if (typeof value !== 'object' || Array.isArray(value)) return malformed('sdk must be an object.');
  const report: { [name: string]: unknown } = {};
  for (const [name, check] of FIELDS) {
    const checked = check((value as { [name: string]: unknown })[name]);
    if (checked instanceof Fault) return malformed(`sdk.${name} ${checked.reason}.`);
    report[name] = checked;
  }
  return report as unknown as SdkReport;
}
