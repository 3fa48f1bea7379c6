import { describe, expect, it } from 'vitest';
import { readMigrations } from '../../cli/migrate/files.ts';

/** The last file of the baseline. Later files may change its objects. */
const LAST = '20261129102000';

/** A file without comments, and without the bodies of functions and other quoted texts. */
function statementsOf(sql: string): string[] {
  return sql
    .replace(/--[^\n]*|\$(\w*)\$[\s\S]*?\$\1\$|'(?:[^']|'')*'|"[^"]*"/g, (text) =>
      text.startsWith('"') ? text : text.startsWith('--') ? '' : "''",
    )
    .split(';')
    .map((statement) => statement.replace(/\s+/g, ' ').trim())
    .filter(Boolean);
}

const CREATE =
  /^create (?:or replace )?(schema|table|type|view|index|function|trigger|policy) ((?:"[^"]*"|[\w.])+)(.*)$/;

/** What a statement creates: its kind and name, with the arguments of a function and the table of a trigger or policy. */
function created(statement: string): string | undefined {
  const [, kind, name, rest = ''] = CREATE.exec(statement) ?? [];
  if (kind === undefined) return undefined;
  if (kind === 'function')
    return `function ${name} ${/^ ?\(.*?\)(?= returns| language)/.exec(rest)?.[0]}`;
  if (kind === 'trigger' || kind === 'policy')
    return `${kind} ${name} ${/ on ([\w.]+)/.exec(rest)?.[1]}`;
  return `${kind} ${name}`;
}

/** Statements that change earlier objects or data instead of defining an object. */
const STEPS =
  /^(drop|update|insert|delete|truncate|do)\b|^create or replace|^alter (?!table \S+ enable row level security$)/;

const baseline = (await readMigrations()).filter(({ version }) => version <= LAST);

describe('the baseline', () => {
  it('has files of about 300 lines, but for the list of prices', () => {
    const long = baseline.filter(
      ({ name, sql }) => name !== 'price_list' && sql.split('\n').length > 350,
    );
    expect(long.map(({ name }) => name)).toEqual([]);
    expect(baseline.length).toBeGreaterThan(10);
  });

  it('defines each object once', () => {
    const names = baseline.flatMap(({ sql }) =>
      statementsOf(sql).flatMap((each) => created(each) ?? []),
    );
    expect(names.filter((name, index) => names.indexOf(name) !== index)).toEqual([]);
    expect(names).toContain('table agensight.traces');
    expect(names.length).toBeGreaterThan(250);
  });

  it('finds a second definition', () => {
    const twice =
      'create function a.f(x text) returns text; create or replace function a.f(x text) returns text';
    expect(statementsOf(twice).map(created)).toEqual(Array(2).fill('function a.f (x text)'));
    expect(statementsOf(twice).some((each) => STEPS.test(each))).toBe(true);
  });

  it('changes, renames and fills none of its own objects', () => {
    const steps = baseline.flatMap(({ name, sql }) =>
      statementsOf(sql)
        .filter((each) => STEPS.test(each))
        .map((each) => `${name}: ${each.slice(0, 80)}`),
    );
    // Around price_join() the one builds price_calls(); the list of totals is data that build_totals() reads;
    // the last copies comments of columns to the views that show them.
    expect(steps).toEqual([
      "costs: do ''",
      expect.stringContaining('totals: insert into agensight_private.totals '),
      "views: do ''",
    ]);
  });
});
