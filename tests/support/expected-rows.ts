/** Holds stored rows against the rows that a recorded case expects. */
import { isObject } from '../../wire/values.ts';

export type Row = Readonly<Record<string, unknown>>;
export type Tables = Readonly<Record<string, readonly Row[]>>;

/** Where a span is: its id, and that of its trace. */
export interface Place {
  readonly trace: string;
  readonly id: string;
}

/** Numbers that are read from a clock. */
const TOLERANCE = 1e-6;

/** Whether a value is as expected: `{$any: [...]}`, `{$contains: 'text'}`, or the value itself. */
export function isAsExpected(wanted: unknown, got: unknown): boolean {
  if (isObject(wanted) && Array.isArray(wanted.$any)) {
    return wanted.$any.some((one) => isAsExpected(one, got));
  }
  if (isObject(wanted) && typeof wanted.$contains === 'string') {
    const text = typeof got === 'string' ? got : JSON.stringify(got ?? null);
    return text.includes(wanted.$contains);
  }
  if (wanted === null || got == null) return (wanted ?? null) === (got ?? null);
  if (typeof wanted === 'number') return Math.abs(Number(got) - wanted) <= TOLERANCE;
  if (Array.isArray(wanted)) {
    return (
      Array.isArray(got) &&
      got.length === wanted.length &&
      wanted.every((item, at) => isAsExpected(item, got[at]))
    );
  }
  if (isObject(wanted)) {
    const given = (isObject(got) ? got : {}) as Row;
    return (
      isObject(got) &&
      Object.entries(wanted).every(([key, value]) => isAsExpected(value, given[key]))
    );
  }
  return wanted === got;
}

/** Places of a row, which are no values of it. */
const PLACES = new Set([
  'span',
  'run_span',
  'parent',
  'optional',
  'message_index',
  'completion_index',
]);

/**
 * What is not as expected, as `table place field` each. `spans` has the place of each span by the name
 * that the expectation has for it.
 */
export function differences(
  expected: Tables,
  stored: Tables,
  spans: ReadonlyMap<string, Place>,
): string[] {
  const found: string[] = [];
  const placeOf = (name: unknown): Place => spans.get(String(name)) ?? { trace: '', id: '' };
  const idOf = (name: unknown): string | null => (name == null ? null : placeOf(name).id);
  const check = (what: string, wanted: Row, row: Row | undefined): void => {
    if (wanted.optional === true && row === undefined) return;
    if (row === undefined) found.push(`${what}: no row`);
    else {
      for (const [field, value] of Object.entries(wanted)) {
        if (PLACES.has(field) || isAsExpected(value, row[field])) continue;
        found.push(`${what}: ${field}`);
      }
    }
  };
  const rowsOf = (table: string): readonly Row[] => stored[table] ?? [];
  const free = [...rowsOf('traces')];
  for (const wanted of expected.traces ?? []) {
    const at = free.findIndex(({ name }) => isAsExpected(wanted.name ?? null, name));
    check(`trace ${String(wanted.name)}`, wanted, free.splice(at < 0 ? free.length : at, 1)[0]);
  }
  for (const wanted of expected.spans ?? []) {
    const { id } = placeOf(wanted.name);
    const row = rowsOf('spans').find((each) => each.id === id);
    const { name: _, ...fields } = wanted;
    check(`span ${String(wanted.name)}`, fields, row);
    if ('parent' in wanted && (row?.parent_id ?? null) !== idOf(wanted.parent)) {
      found.push(`span ${String(wanted.name)}: parent`);
    }
  }
  for (const [table, index] of [
    ['prompts', 'message_index'],
    ['completions', 'completion_index'],
  ] as const) {
    for (const wanted of expected[table] ?? []) {
      const names = [wanted.span].flat();
      const ids = names.map((name) => placeOf(name).id);
      const row = rowsOf(table).find(
        (each) => ids.includes(String(each.span_id)) && each[index] === wanted[index],
      );
      check(`${table} ${names.join('|')} ${String(wanted[index])}`, wanted, row);
    }
    const known = new Set(
      (expected[table] ?? []).flatMap((wanted) =>
        [wanted.span].flat().map((name) => `${placeOf(name).id} ${String(wanted[index])}`),
      ),
    );
    for (const row of rowsOf(table)) {
      if (!known.has(`${String(row.span_id)} ${String(row[index])}`))
        found.push(`${table}: one more`);
    }
  }
  const tools = [...rowsOf('tools')];
  for (const wanted of expected.tools ?? []) {
    const at = tools.findIndex(
      (row) =>
        isAsExpected(wanted.name, row.name) &&
        (!('span' in wanted) || (row.span_id ?? null) === idOf(wanted.span)) &&
        (!('run_span' in wanted) || (row.run_span_id ?? null) === idOf(wanted.run_span)) &&
        (!('arguments' in wanted) || isAsExpected(wanted.arguments, row.arguments)),
    );
    const [row] = at < 0 ? [] : tools.splice(at, 1);
    check(`tool ${String(wanted.name)}`, wanted, row);
  }
  for (const _ of tools) found.push('tools: one more');
  return found;
}
