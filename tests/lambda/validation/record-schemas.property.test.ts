import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { validateRecord } from '../../../lambda/validation/batch.ts';
import { recordSchemas } from '../../../lambda/validation/record-schemas.ts';
import {
  LIMITS,
  MODES,
  RECORD_KINDS,
  type RecordKind,
  SPAN_KINDS,
  STATUSES,
} from '../../../wire/protocol.ts';
import { type FieldType, RECORDS } from '../../../wire/records.ts';

/** Texts that are hard to store: control characters, NUL, lone surrogates, too long ones. */
const hostileText = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.constantFrom('', ' ', '\u0000', 'a\u0000b', '\ud83d', '\udc00x', 'a\nb', '\u007f', '\u0085'),
  fc.integer({ min: -2, max: 2 }).map((by) => 'i'.repeat(LIMITS.maxIdLength + by)),
  fc.integer({ min: -2, max: 2 }).map((by) => 'ä'.repeat(LIMITS.maxLabelLength + by)),
);

const hostileNumber = fc.oneof(
  fc.double(),
  fc.integer(),
  fc.constantFrom(
    -0,
    0.5,
    -1,
    Number.NaN,
    Number.POSITIVE_INFINITY,
    Number.MAX_SAFE_INTEGER,
    LIMITS.maxIndex,
    LIMITS.maxIndex + 1,
    LIMITS.maxCount,
    LIMITS.maxCount + 1,
  ),
);

const moment = fc.oneof(
  fc.date({ noInvalidDate: true }).map((date) => date.toISOString()),
  fc.constantFrom(
    '2026-02-29T00:00:00Z',
    '2024-02-29T23:59:59.999999999+15:00',
    '2026-01-01T00:00:00',
    '2026-01-01 00:00:00z',
    '0001-01-01T00:00:00+01:00',
    '2026-13-01T00:00:00Z',
    '2026-01-01T24:00:00Z',
    'yesterday',
  ),
);

/** Nested objects with the keys that break naive code. */
const json = fc.jsonValue({ maxDepth: 4 });
const nested = fc.letrec((tie) => ({
  value: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    hostileText,
    hostileNumber,
    fc.dictionary(fc.oneof(hostileText, fc.constant('__proto__')), tie('value'), { maxKeys: 3 }),
    fc.array(tie('value'), { maxLength: 3 }),
  ),
})).value;

const anything = fc.oneof(
  hostileText,
  hostileNumber,
  json,
  nested,
  moment,
  fc.constantFrom(null, undefined, true, false),
);

/** Values that are valid for a type, or nearly so. */
const VALUES: Record<FieldType, fc.Arbitrary<unknown>> = {
  id: hostileText,
  label: hostileText,
  text: hostileText,
  json: fc.oneof(json, nested),
  tags: fc.array(fc.oneof({ weight: 9, arbitrary: hostileText }, { weight: 1, arbitrary: json }), {
    maxLength: LIMITS.maxTags + 2,
  }),
  time: moment,
  count: hostileNumber,
  index: hostileNumber,
  millis: hostileNumber,
  mode: fc.constantFrom(...MODES, 'local', 'PROD'),
  status: fc.constantFrom(...STATUSES, 'OK', ''),
  kind: fc.constantFrom(...SPAN_KINDS, 'LLM'),
};

/** Values that are valid in every field of the type, so that later fields are reached too. */
const VALID: Record<FieldType, unknown> = {
  id: 'i',
  label: 'l',
  text: 't',
  json: {},
  tags: ['a'],
  time: '2026-01-01T00:00:00Z',
  count: 1,
  index: 1,
  millis: 1.5,
  mode: 'dev',
  status: 'ok',
  kind: 'llm',
};

function recordOf(kind: RecordKind): fc.Arbitrary<unknown> {
  const fields = Object.entries(RECORDS[kind].fields);
  const model = Object.fromEntries(
    fields.map(([name, type]) => [
      name,
      fc.oneof(
        { weight: 12, arbitrary: fc.constant(VALID[type]) },
        { weight: 4, arbitrary: VALUES[type] },
        { weight: 1, arbitrary: anything },
        { weight: 2, arbitrary: fc.constantFrom(null, undefined) },
      ),
    ]),
  );
  return fc.oneof(
    { weight: 30, arbitrary: fc.record({ ...model, unknown_field: anything }, {}) },
    { weight: 3, arbitrary: fc.record(model, { requiredKeys: [] }) },
    { weight: 1, arbitrary: fc.oneof(anything, fc.array(anything)) },
  );
}

/** What each of the two makes of a record: the stored record, or the invalid field and the reason. */
function byHand(kind: RecordKind, record: unknown) {
  const result = validateRecord(kind, record);
  return result.error === null
    ? { record: JSON.stringify(result.record) }
    : { field: result.field, reason: result.error.reason };
}

function bySchema(kind: RecordKind, record: unknown) {
  const result = recordSchemas[kind].safeParse(record);
  if (result.success) return { record: JSON.stringify(result.data) };
  const [issue] = result.error.issues;
  return { field: String(issue?.path[0] ?? ''), reason: issue?.message };
}

describe.each(RECORD_KINDS)('the checks and the schema of a %s', (kind) => {
  it('accept the same records with the same values, and reject the same field for the same reason', () => {
    let accepted = 0;
    let rejected = 0;
    fc.assert(
      fc.property(recordOf(kind), (record) => {
        const expected = bySchema(kind, record);
        if ('record' in expected) accepted++;
        else rejected++;
        expect(byHand(kind, record)).toEqual(expected);
      }),
      { numRuns: 600 },
    );
    // Both outcomes are common, so that neither half of the property is empty.
    expect(accepted).toBeGreaterThan(20);
    expect(rejected).toBeGreaterThan(20);
  });

  it.each(Object.entries(RECORDS[kind].fields))('agree on any %s of type %s', (name, type) => {
    const valid = Object.fromEntries(
      Object.entries(RECORDS[kind].fields).map(([field, of]) => [field, VALID[of]]),
    );
    fc.assert(
      fc.property(fc.oneof(VALUES[type], anything), (value) => {
        const record = { ...valid, [name]: value };
        expect(byHand(kind, record)).toEqual(bySchema(kind, record));
      }),
      { numRuns: 60 },
    );
  });
});
