/**
 * The columns of the six tables as one compact text, derived from `RECORDS`. The SDK's bundle carries
 * this text in place of `records.ts`: the build defines `AGENSIGHT_COLUMNS`.
 *
 * Local mode derives its SQL from it, and masking derives what is content. So a new column needs no
 * change in either.
 */
import { RECORD_KINDS, type RecordKind } from './protocol.ts';
import { type FieldType, RECORDS, type RecordShape } from './records.ts';

declare const AGENSIGHT_COLUMNS: string | undefined;

/**
 * The mark after a column's name: what it holds, and so whether it is content. Columns without a mark,
 * and numbers, are no content: they are generated, counted, timed, or one of a few words.
 */
const MARKS = {
  id: '',
  time: '',
  mode: '',
  status: '',
  kind: '',
  label: '=',
  text: '~',
  json: '*',
  tags: ',',
  count: '#',
  index: '#',
  millis: '%',
} as const satisfies Record<FieldType, string>;

/** The mark of a column. */
export type ColumnMark = (typeof MARKS)[FieldType];

/** One column of a table. */
export interface Column {
  readonly name: string;
  readonly mark: ColumnMark;
  readonly isKey: boolean;
}

/** For each table, `table +key column json* count# duration%`, separated by semicolons. */
export function columnsText(records: Readonly<Record<RecordKind, RecordShape>>): string {
  const tables = RECORD_KINDS.map((kind) => {
    const { table, key, providerIds = [], fields } = records[kind];
    const columns = Object.entries(fields).map(
      ([name, type]) =>
        (key.includes(name) ? '+' : '') + name + (providerIds.includes(name) ? '' : MARKS[type]),
    );
    return [table, ...columns].join(' ');
  });
  return tables.join(';');
}

/** The text of {@link columnsText} for the six tables. */
export const COLUMNS: string =
  typeof AGENSIGHT_COLUMNS === 'string' ? AGENSIGHT_COLUMNS : columnsText(RECORDS);

/** The columns of each table by name. */
export type Columns = ReadonlyMap<string, ReadonlyMap<string, Column>>;

/** Parses the text of {@link columnsText}. */
export const parseColumns = (text: string): Columns =>
  new Map(
    text.split(';').map((line) => {
      const [table = '', ...columns] = line.split(' ');
      return [table, new Map(columns.map(parseColumn))];
    }),
  );

function parseColumn(text: string): [name: string, column: Column] {
  const [, plus, name = '', mark] = /(\+?)(\w+)(.?)/.exec(text) ?? [];
  return [name, { name, mark: mark as ColumnMark, isKey: !!plus }];
}

/** Whether a column holds values that the host program or a model wrote, which masking applies to. */
export const isContent = (mark: ColumnMark): boolean => /[=~*,]/.test(mark);
