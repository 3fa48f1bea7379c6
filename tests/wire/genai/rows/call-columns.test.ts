import { describe, expect, it } from 'vitest';
import type { ModelCall } from '../../../../wire/genai/provider/model.ts';
import { emptyCall } from '../../../../wire/genai/reader/read-span.ts';
import { callColumns } from '../../../../wire/genai/rows/call-columns.ts';
import { RECORDS } from '../../../../wire/records.ts';

const { key, fields } = RECORDS.completion;
const OF_CHOICE: readonly string[] = [...key, 'role', 'content', 'parts', 'finish_reason'];
const OF_CALL = Object.keys(fields).filter((column) => !OF_CHOICE.includes(column));

const KNOWN: ModelCall = {
  ...emptyCall(),
  model: 'm',
  provider: 'p',
  response_id: 'r',
  usage: { prompt: 1, completion: 2, total: 3, cached: 4, cache_write: 5, reasoning: 6 },
  time_to_first_token_ms: 7,
};

describe('the columns of a call', () => {
  it('are all columns of completions that are not columns of a choice', () => {
    expect(Object.keys(callColumns(KNOWN, true)).sort()).toEqual([...OF_CALL].sort());
  });

  it('are counted once: only the first choice has usage and times', () => {
    const later = Object.entries(callColumns(KNOWN, false)).filter(([, value]) => value !== null);
    expect(Object.fromEntries(later)).toEqual({ model: 'm', provider: 'p', response_id: 'r' });
  });
});
