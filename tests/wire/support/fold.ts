/** Folds records by key, as the database does: null never overwrites, times only widen. */
import { emptyLists, RECORDS, type RecordLists, type TableName } from '../../../wire/records.ts';
import { KIND_OF_TABLE } from '../../support/kind-of-table.ts';

type Row = { [field: string]: unknown };

export function fold(batches: readonly RecordLists[]): RecordLists {
  const folded = emptyLists();
  for (const table of Object.keys(folded) as TableName[]) {
    const { key } = RECORDS[KIND_OF_TABLE[table]];
    const rows = new Map<string, Row>();
    for (const row of batches.flatMap((batch) => batch[table] as Row[])) {
      const id = key.map((field) => row[field]).join(' ');
      const known = rows.get(id) ?? {};
      rows.set(id, known);
      for (const [field, value] of Object.entries(row))
        known[field] = merged(field, known[field], value);
    }
    Object.assign(folded, { [table]: [...rows.values()] });
  }
  return folded;
}

/** Equal batches in any order make equal rows: times widen, and ties are broken by the value. */
function merged(field: string, known: unknown, value: unknown): unknown {
  if (known === null || known === undefined) return value ?? null;
  if (value === null || value === undefined) return known;
  const isLess = JSON.stringify(value) < JSON.stringify(known);
  return (field === 'started_at') === isLess ? value : known;
}
