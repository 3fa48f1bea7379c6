import { describe, expect, it } from 'vitest';
import { HttpError } from '../../../lambda/http/http-error.ts';
import { validateBatch } from '../../../lambda/validation/batch.ts';
import { Rejections } from '../../../lambda/validation/rejections.ts';
import { LIMITS, RECORD_KINDS } from '../../../wire/protocol.ts';
import { RECORDS, type RecordLists } from '../../../wire/records.ts';

const BATCH_ID = '01890a5d-ac96-774b-bcce-b302099a8057';
const SPAN = { trace_id: 't', id: 's' };

function validate(batch: unknown) {
  const rejections = new Rejections();
  const result = validateBatch(batch, LIMITS.maxRecordsPerBatch, rejections);
  if (result instanceof HttpError) {
    return { status: result.status, message: result.message, batch: null, rejections };
  }
  return { status: 200, message: '', batch: result, rejections };
}

function validateLists(lists: Record<string, unknown>) {
  return validate({ batch_id: BATCH_ID, ...lists });
}

/** What is stored for one field of a span, or the reason why not. */
function fieldOf(list: keyof RecordLists, record: Record<string, unknown>, field: string): unknown {
  const { batch, rejections } = validateLists({ [list]: [record] });
  const [rejection] = rejections.list;
  if (rejection) return `${rejection.field} ${rejection.reason}`;
  return (batch?.[list]?.[0] as unknown as Record<string, unknown> | undefined)?.[field];
}

describe('validateBatch', () => {
  it('accepts a batch with every field of every kind', () => {
    const sample = {
      id: 'x',
      label: 'x',
      text: 'x',
      json: { a: [1] },
      tags: ['x'],
      time: '2026-01-02T03:04:05.678901Z',
      count: 1,
      index: 0,
      millis: 0.5,
      mode: 'prod',
      status: 'ok',
      kind: 'llm',
    };
    const lists = Object.fromEntries(
      RECORD_KINDS.map((kind) => [
        RECORDS[kind].table,
        [
          Object.fromEntries(
            Object.entries(RECORDS[kind].fields).map(([name, type]) => [name, sample[type]]),
          ),
        ],
      ]),
    );
    const sdk = {
      name: 'agensight',
      version: '1',
      process_id: 'p',
      created: 3,
      sent: 2,
      dropped: 0,
    };
    expect(validate({ batch_id: BATCH_ID, sdk, ...lists }).batch).toEqual({
      batch_id: BATCH_ID,
      sdk,
      ...lists,
    });
  });

  it('accepts records with only a key, omits null, and accepts an empty batch', () => {
    const spans = [SPAN, { ...SPAN, name: null, started_at: null, input: null, kind: null }];
    expect(JSON.stringify(validateLists({ spans }).batch?.spans)).toBe(
      JSON.stringify([SPAN, SPAN]),
    );
    expect(validateLists({ spans: null, traces: [] }).batch).toEqual({
      batch_id: BATCH_ID,
      sdk: null,
    });
  });

  it('drops unknown fields', () => {
    const spans = [JSON.parse('{"trace_id":"t","id":"s","cost":1,"__proto__":{"name":"x"}}')];
    expect(validateLists({ spans, secrets: [1] }).batch).toEqual({
      batch_id: BATCH_ID,
      sdk: null,
      spans: [SPAN],
    });
  });

  it.each([null, 1, 'x', [], [[]]])('refuses %j, which is not an object', (value) => {
    expect(validate(value).status).toBe(400);
  });

  it.each([undefined, null, 7, '', 'x', `${BATCH_ID}0`])('refuses the batch_id %j', (batch_id) => {
    expect(validate({ batch_id })).toMatchObject({
      status: 400,
      message: 'batch_id must be a UUID.',
    });
  });

  it('writes the batch_id in lower case', () => {
    expect(validate({ batch_id: BATCH_ID.toUpperCase() }).batch?.batch_id).toBe(BATCH_ID);
  });

  it.each(['sessions', 'traces', 'spans', 'prompts', 'completions', 'tools'])(
    'refuses %s that are no list, and names them',
    (table) => {
      for (const list of [{}, 'x', 1, true]) {
        const refusal = validateLists({ [table]: list });
        expect(refusal).toMatchObject({ status: 400, message: `${table} must be a list.` });
      }
    },
  );

  it.each([
    [[], 'sdk must be an object.'],
    ['x', 'sdk must be an object.'],
    [{ name: 'a' }, 'sdk.version is required.'],
    [
      { name: 'a', version: 'b', process_id: 'c', created: -1, sent: 0, dropped: 0 },
      `sdk.created must be a whole number from 0 to ${LIMITS.maxCount}.`,
    ],
  ])('refuses the report %j', (sdk, message) => {
    expect(validate({ batch_id: BATCH_ID, sdk })).toMatchObject({ status: 400, message });
  });

  it('accepts the maximum number of records over all kinds, and not one more', () => {
    const spans = Array.from({ length: LIMITS.maxRecordsPerBatch - 1 }, () => SPAN);
    expect(validateLists({ spans, traces: [{ id: 't' }] }).status).toBe(200);
    expect(validateLists({ spans, traces: [{ id: 't' }, { id: 'u' }] }).status).toBe(413);
  });

  it('names a rejected record by its own id, else by its position', () => {
    const spans = [SPAN, { ...SPAN, kind: 1 }, { trace_id: 't', id: '\u0007' }, 7, null, [], 'x'];
    const { batch, rejections } = validateLists({ spans });
    expect(batch?.spans).toEqual([SPAN]);
    expect(rejections.list.map(({ kind, id, field }) => [kind, id, field])).toEqual([
      ['span', 's', 'kind'],
      ['span', 'spans[2]', 'id'],
      ['span', 'spans[3]', ''],
      ['span', 'spans[4]', ''],
      ['span', 'spans[5]', ''],
      ['span', 'spans[6]', ''],
    ]);
  });

  it('lists a bounded number of rejections, and counts all', () => {
    const spans = Array.from({ length: LIMITS.maxRejectionsListed + 1 }, () => ({}));
    const { rejections } = validateLists({ spans });
    expect(rejections.list).toHaveLength(LIMITS.maxRejectionsListed);
    expect(rejections.count).toBe(LIMITS.maxRejectionsListed + 1);
    expect(rejections.countOf('span')).toBe(LIMITS.maxRejectionsListed + 1);
  });

  it('never quotes a value', () => {
    const secret = 'hunter2';
    const spans = Object.keys(RECORDS.span.fields).map((field) => ({
      ...SPAN,
      [field]: field.endsWith('id') ? [secret] : { [secret]: secret },
    }));
    const traces = [{ id: 't', tags: [secret, 1] }];
    const { rejections } = validateLists({ spans, traces });
    expect(rejections.count).toBeGreaterThan(5);
    expect(JSON.stringify(rejections.list)).not.toContain(secret);
  });

  const longestId = 'i'.repeat(LIMITS.maxIdLength);
  const longestLabel = 'l'.repeat(LIMITS.maxLabelLength);
  const longestText = 't'.repeat(LIMITS.maxTextBytes);
  const call = { trace_id: 't', span_id: 's' };

  it.each([
    ['spans', SPAN, 'parent_id', longestId, longestId],
    ['spans', SPAN, 'parent_id', `${longestId}i`, /^parent_id must be text of 1 to 128/],
    ['spans', SPAN, 'parent_id', 'a\nb', /printable/],
    ['spans', SPAN, 'parent_id', 'a\u0000b', /printable/],
    ['spans', SPAN, 'parent_id', '', undefined],
    ['spans', SPAN, 'parent_id', 7, /^parent_id must be text/],
    ['spans', SPAN, 'id', '', 'id must not be empty'],
    ['spans', SPAN, 'id', undefined, 'id is required'],
    ['spans', SPAN, 'id', null, 'id is required'],
    ['spans', SPAN, 'name', longestLabel, longestLabel],
    ['spans', SPAN, 'name', `${longestLabel}l`, /^l+…\[cut: 1025 characters\]$/],
    ['spans', SPAN, 'name', 'a\ud83d', 'a\ufffd'],
    ['spans', SPAN, 'name', '', undefined],
    ['spans', SPAN, 'name', {}, 'name must be text'],
    ['spans', SPAN, 'started_at', '2026-01-02T05:04:05+02:00', '2026-01-02T03:04:05Z'],
    ['spans', SPAN, 'started_at', '2026-02-30T00:00:00Z', /^started_at must be a real date/],
    ['spans', SPAN, 'started_at', 1_770_000_000, /^started_at must be a real date/],
    ['spans', SPAN, 'kind', 'LLM', /^kind must be one of llm, tool/],
    ['spans', SPAN, 'status', 'toString', 'status must be one of unset, ok, error'],
    ['spans', SPAN, 'mode', 'local', 'mode must be one of dev, prod'],
    ['spans', SPAN, 'input', 'a\u0000', 'a\ufffd'],
    ['spans', SPAN, 'input', false, false],
    ['prompts', { ...call, message_index: 0 }, 'content', longestText, longestText],
    ['prompts', { ...call, message_index: 0 }, 'content', `${longestText}t`, /…\[cut: 1048576 of/],
    ['prompts', { ...call, message_index: 0 }, 'content', '', ''],
    ['prompts', { ...call, message_index: 0 }, 'content', 1, 'content must be text'],
    ['prompts', call, 'message_index', LIMITS.maxIndex, LIMITS.maxIndex],
    ['prompts', call, 'message_index', LIMITS.maxIndex + 1, /^message_index must be a whole/],
    ['prompts', call, 'message_index', -1, /^message_index must be a whole/],
    [
      'completions',
      { ...call, completion_index: 0 },
      'prompt_tokens',
      LIMITS.maxCount,
      LIMITS.maxCount,
    ],
    [
      'completions',
      { ...call, completion_index: 0 },
      'prompt_tokens',
      LIMITS.maxCount + 1,
      /whole number/,
    ],
    ['completions', { ...call, completion_index: 0 }, 'prompt_tokens', 0.5, /whole number/],
    ['completions', { ...call, completion_index: 0 }, 'prompt_tokens', '5', /whole number/],
    ['completions', { ...call, completion_index: 0 }, 'time_to_first_token_ms', 0.25, 0.25],
    [
      'completions',
      { ...call, completion_index: 0 },
      'time_to_first_token_ms',
      -1,
      /number of at least 0/,
    ],
    [
      'completions',
      { ...call, completion_index: 0 },
      'time_to_first_token_ms',
      Number.POSITIVE_INFINITY,
      /number of at least 0/,
    ],
    ['traces', { id: 't' }, 'tags', ['a', 'b\u0000'], ['a', 'b\ufffd']],
    ['traces', { id: 't' }, 'tags', 'a', 'tags must be a list of texts'],
    ['traces', { id: 't' }, 'tags', [1], 'tags must be a list of texts'],
  ] as const)('%s %j with %s %j gives %j', (list, record, field, value, expected) => {
    const result = fieldOf(list, { ...record, [field]: value }, field);
    if (expected instanceof RegExp) expect(result).toMatch(expected);
    else expect(result).toEqual(expected);
  });

  it('keeps the maximum number of tags, and notes how many there were', () => {
    const tags = Array.from({ length: LIMITS.maxTags }, (_, i) => `tag ${i}`);
    expect(fieldOf('traces', { id: 't', tags }, 'tags')).toEqual(tags);
    const cut = fieldOf('traces', { id: 't', tags: [...tags, 'more'] }, 'tags') as string[];
    expect(cut).toHaveLength(LIMITS.maxTags);
    expect(cut.at(-1)).toBe('…[cut: 63 of 65 tags]');
  });
});
