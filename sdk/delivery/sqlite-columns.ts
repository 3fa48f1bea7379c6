/**
 * The columns of local mode as one text, because every bundle carries them: the build puts the text
 * in the place of the six records that it is made of.
 */
import { RECORD_KINDS } from '../../wire/protocol.ts';
import { type FieldType, RECORDS } from '../../wire/records.ts';

declare const AGENSIGHT_COLUMNS: string | undefined;

/** What stands behind the name of a column that is no TEXT, or is JSON. */
const MARKS: Partial<Record<FieldType, string>> = {
  json: '*',
  tags: '*',
  count: '#',
  index: '#',
  millis: '%',
};

function columnsText(): string {
  const tables = RECORD_KINDS.map((kind) => {
    const { table, fields } = RECORDS[kind];
    const key: readonly string[] = RECORDS[kind].key;
    const columns = Object.entries<FieldType>(fields).map(
      ([name, type]) => (key.includes(name) ? '+' : '') + name + (MARKS[type] ?? ''),
    );
    return [table, ...columns].join(' ');
  });
  return tables.join(';');
}

/** For each table, `table +key column json* whole# fraction%`, with semicolons between. */
export const COLUMNS: string =
  typeof AGENSIGHT_COLUMNS === 'string' ? AGENSIGHT_COLUMNS : columnsText();
