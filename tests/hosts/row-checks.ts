/** What the rows of a program must be. */
import type { TableName } from '../../wire/records.ts';
import type { Json } from './provider/server.ts';

export type Row = Record<string, Json>;
export type Tables = Record<TableName, Row[]>;

/**
 * A value matches a pattern: objects in the keys that the pattern has, arrays item by item, texts by an equal text
 * or a regular expression, anything by a function. Null also stands for absent.
 */
export type Pattern = Json;

export interface RowCheck {
  readonly table: TableName;
  /** Looks only at the rows that match. */
  readonly where?: Pattern;
  /** Exactly these rows, in any order: a pattern for each. */
  readonly are?: readonly Pattern[];
  /** Rows that are there, among others. */
  readonly have?: readonly Pattern[];
  /** No row matches. */
  readonly none?: Pattern;
}

/** What is wrong with the rows, in words. */
export function faultsOf(check: RowCheck, tables: Tables): string[] {
  const { table, where = {}, are, have = are ?? [], none } = check;
  const rows = tables[table].filter((row) => matches(row, where));
  const name = Object.keys(where).length > 0 ? `${table} where ${textOf(where)}` : table;
  const faults: string[] = [];
  if (are && rows.length !== are.length)
    faults.push(`${name}: ${rows.length} rows instead of ${are.length}`);
  const left = [...rows];
  // The most particular first: one that fits several rows must not take the only one of another.
  const ordered = [...have].sort((one, other) => textOf(other).length - textOf(one).length);
  for (const pattern of ordered) {
    const index = left.findIndex((row) => matches(row, pattern));
    if (index >= 0) left.splice(index, 1);
    else
      faults.push(`${name}: no row is ${textOf(pattern)}; left are ${textOf(view(left, pattern))}`);
  }
  const wrong = none === undefined ? [] : rows.filter((row) => matches(row, none));
  for (const row of wrong) faults.push(`${name}: ${textOf(view([row], none))} should not be`);
  return faults;
}

export function matches(value: Json, pattern: Pattern): boolean {
  if (typeof pattern === 'function') return Boolean(pattern(value));
  if (pattern instanceof RegExp)
    return pattern.test(typeof value === 'string' ? value : (JSON.stringify(value) ?? ''));
  if (Array.isArray(pattern))
    return (
      Array.isArray(value) &&
      value.length === pattern.length &&
      pattern.every((one, index) => matches(value[index], one))
    );
  if (pattern === null || typeof pattern !== 'object') return Object.is(value ?? null, pattern);
  if (value === null || typeof value !== 'object') return false;
  return Object.entries(pattern).every(([key, one]) => matches(value[key], one));
}

/** The pattern, as often as there must be rows. */
export const times = (count: number, pattern: Pattern = {}): Pattern[] =>
  Array.from({ length: count }, () => pattern);

const named = (name: string, test: (value: Json) => boolean): Pattern =>
  Object.assign(test, { toJSON: () => name });

export const some = named('anything', (value) => (value ?? null) !== null);

/** JSON that contains these texts. */
export const saying = (...texts: string[]): Pattern =>
  named(`saying ${texts.join(', ')}`, (value) =>
    texts.every((text) => (JSON.stringify(value) ?? '').includes(text)),
  );

/** Exactly this JSON, with no other key. */
export const exactly = (wanted: Json): Pattern =>
  named(`exactly ${JSON.stringify(wanted)}`, (value) => sorted(value) === sorted(wanted));

/** The sum of a column, which must not count a call twice. */
export const sumIs =
  (column: string, wanted: number) =>
  ({ completions }: Tables): string[] => {
    const sum = completions.reduce((total, row) => total + (row[column] ?? 0), 0);
    return sum === wanted ? [] : [`completions: ${column} sums to ${sum} instead of ${wanted}`];
  };

const sorted = (value: Json): string =>
  JSON.stringify(value, (_, one) =>
    one !== null && typeof one === 'object' && !Array.isArray(one)
      ? Object.fromEntries(Object.entries(one).sort(([a], [b]) => (a < b ? -1 : 1)))
      : one,
  ) ?? '';

/** The columns of rows that a pattern is about. */
const view = (rows: Row[], pattern: Pattern): Json[] =>
  rows.map((row) =>
    typeof pattern === 'object' && pattern !== null
      ? Object.fromEntries(Object.keys(pattern).map((key) => [key, row[key]]))
      : row,
  );

const MAX_TEXT = 600;

function textOf(value: Json): string {
  const text = JSON.stringify(value, (_, one) => (one instanceof RegExp ? String(one) : one));
  return text.length > MAX_TEXT ? `${text.slice(0, MAX_TEXT)}…` : text;
}
