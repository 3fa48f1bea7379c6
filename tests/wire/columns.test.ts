import { describe, expect, it } from 'vitest';
import { COLUMNS, columnsText, isContent, parseColumns } from '../../wire/columns.ts';
import { RECORD_KINDS } from '../../wire/protocol.ts';
import { type FieldType, RECORDS } from '../../wire/records.ts';

describe('the columns', () => {
  it('are all fields of all records, with their keys', () => {
    const parsed = parseColumns(COLUMNS);
    for (const kind of RECORD_KINDS) {
      const { table, key, fields } = RECORDS[kind];
      const columns = [...(parsed.get(table)?.values() ?? [])];
      expect(columns.map(({ name }) => name)).toEqual(Object.keys(fields));
      expect(
        columns
          .filter(({ isKey }) => isKey)
          .map(({ name }) => name)
          .sort(),
      ).toEqual([...key].sort());
    }
    expect(parsed.size).toBe(RECORD_KINDS.length);
  });

  it('are content unless they are generated, counted, timed or one of a few words', () => {
    const content = [...parseColumns(COLUMNS)].flatMap(([table, columns]) =>
      [...columns.values()]
        .filter(({ mark }) => isContent(mark))
        .map(({ name }) => `${table}.${name}`),
    );
    expect(content).toContain('completions.content');
    expect(content).toContain('traces.tags');
    expect(content).toContain('spans.attributes');
    expect(content.join(' ')).not.toMatch(
      /trace_id|span_id|response_id|_at\b|tokens|status|mode\b/,
    );
  });

  it.each<[FieldType, boolean]>([
    ['text', true],
    ['json', true],
    ['label', true],
    ['tags', true],
    ['count', false],
    ['id', false],
  ])('a new column of type %s is classified without any other change', (type, expected) => {
    const tool = { ...RECORDS.tool, fields: { ...RECORDS.tool.fields, transcript: type } };
    const column = parseColumns(columnsText({ ...RECORDS, tool }))
      .get('tools')
      ?.get('transcript');
    expect(column).toMatchObject({ name: 'transcript', isKey: false });
    expect(column && isContent(column.mark)).toBe(expected);
  });

  it('cannot have a type without a mark', () => {
    const fields = { ...RECORDS.tool.fields, picture: 'blob' };
    // @ts-expect-error: the compiler rejects a field type that is not classified
    columnsText({ ...RECORDS, tool: { ...RECORDS.tool, fields } });
    expect(fields.picture).toBe('blob');
  });
});
