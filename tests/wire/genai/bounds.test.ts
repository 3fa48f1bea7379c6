import { describe, expect, it } from 'vitest';
import type { Attributes } from '../../../wire/genai/forms/otel-span.ts';
import { MAX_CALLS } from '../../../wire/genai/provider/message.ts';
import { MAX_CHOICES } from '../../../wire/genai/rows/span-rows.ts';
import { MAX_PIECES, toRecords } from '../../../wire/genai/spans.ts';
import { MAX_NODES, parseJsonText } from '../../../wire/json.ts';
import { chat, json, rowsOf, spanWith } from '../support/span.ts';

/** Far above linear time, and far below quadratic time. */
const LONGEST_MILLIS = 4_000;
const MANY = 16_000;

function listOf(item: string, count: number): string {
  return `[${Array.from({ length: count }, () => item).join()}]`;
}

function indexed(count: number, key: (index: number) => string, value: string): Attributes {
  return Object.fromEntries(Array.from({ length: count }, (_, index) => [key(index), value]));
}

describe('a turn of very many pieces', () => {
  it.each<[string, Attributes]>([
    [
      'items of the Responses API',
      chat({ 'gen_ai.input.messages': listOf('{"type":"function_call","name":"f"}', 4_000) }),
    ],
    [
      'calls that LiteLLM numbers as completions',
      {
        'llm.request.type': 'chat',
        ...indexed(MANY, (index) => `gen_ai.completion.${index}.function_call.name`, 'f'),
      },
    ],
    [
      'messages of OpenInference',
      {
        'openinference.span.kind': 'LLM',
        ...indexed(MANY, (index) => `llm.input_messages.${index}.message.role`, 'assistant'),
      },
    ],
    [
      'calls without ids, which Langfuse’s handler lets tools answer',
      {
        'langfuse.observation.type': 'generation',
        'langfuse.observation.input': listOf(
          `{"role":"assistant","tool_calls":${listOf('{"function":{"name":"f"}}', 40)}}`,
          1_000,
        ),
      },
    ],
  ])('is parsed in time proportional to its size: %s', (_, attributes) => {
    const start = performance.now();
    for (let i = 0; i < 2; i++) expect(rowsOf(attributes).completions.length).toBeGreaterThan(0);
    expect(performance.now() - start).toBeLessThan(LONGEST_MILLIS);
  });
});

describe('a JSON text', () => {
  it.each([
    ['members', `{${Array.from({ length: MAX_NODES + 1 }, (_, i) => `"k${i}":1`).join()}}`],
    ['objects', listOf('{}', MAX_NODES)],
    ['lists in lists', `[${'['.repeat(MAX_NODES)}${']'.repeat(MAX_NODES)}, ${'1'.repeat(9)}]`],
    ['numbers', listOf('12', MAX_NODES + 1)],
  ])('stays a text when it has more %s than the limit', (_, text) => {
    expect(parseJsonText(text)).toBe(text);
  });

  it.each([
    ['commas', `${'a,[{'.repeat(MAX_NODES)}`],
    ['quotes', `${'\\"'.repeat(MAX_NODES)},[{`],
    ['backslashes', `${'\\\\'.repeat(MAX_NODES)}`],
  ])('is parsed when it has %s only inside a string', (_, inside) => {
    expect(parseJsonText(`{"a":"${inside}"}`)).toEqual({ a: JSON.parse(`"${inside}"`) });
  });
});

describe('a batch of more messages than fit', () => {
  const messages = listOf('{}', 4_000);
  const spans = Array.from({ length: 100 }, (_, index) =>
    spanWith(chat({ 'gen_ai.input.messages': messages }), {
      span_id: index.toString(16).padStart(16, '0'),
    }),
  );

  it('makes rows of the first, and keeps the others in the attributes', () => {
    const { spans: rows, prompts } = toRecords(spans);
    expect(rows).toHaveLength(spans.length);
    expect(prompts.length).toBeGreaterThan(MAX_PIECES);
    expect(prompts.length).toBeLessThan(MAX_PIECES + 8_000);
    expect(rows[0]?.attributes).not.toHaveProperty(['gen_ai.input.messages']);
    expect(rows.at(-1)?.attributes).toHaveProperty(['gen_ai.input.messages'], messages);
  });
});

it('a call with more finish reasons than kept choices has none on the mark', () => {
  const { completions } = rowsOf(
    chat({
      'gen_ai.output.messages': listOf('{"role":"assistant","content":"a"}', MAX_CHOICES + 1),
      'gen_ai.response.finish_reasons': Array.from({ length: MAX_CHOICES + 1 }, () => 'stop'),
    }),
  );
  expect(completions.at(-2)).toMatchObject({ content: 'a', finish_reason: 'stop' });
  expect(completions.at(-1)?.content).toMatch(/^…\[cut: /);
  expect(completions.at(-1)?.finish_reason).toBeNull();
});

it('a message with too many tool calls keeps the first, with a mark', () => {
  const message = (calls: number) =>
    `[{"role":"assistant","tool_calls":${listOf('{"function":{"name":"f"}}', calls)}}]`;
  const { completions, tools } = rowsOf(chat({ 'gen_ai.output.messages': message(MAX_CALLS + 1) }));
  expect(tools).toHaveLength(MAX_CALLS);
  expect(completions[0]?.content).toBe(`…[cut: ${MAX_CALLS} of ${MAX_CALLS + 1} calls]`);
  const whole = rowsOf(chat({ 'gen_ai.output.messages': message(MAX_CALLS) }));
  expect(whole.tools).toHaveLength(MAX_CALLS);
  expect(whole.completions[0]?.content).toBeNull();
});

it('a call with hundreds of thousands of choices has rows for the first, with a mark', () => {
  const choices = Array.from({ length: 100_000 }, () => ({ text: 'a' }));
  const { completions } = rowsOf({
    'openinference.span.kind': 'LLM',
    'output.value': json({ choices }),
  });
  expect(completions).toHaveLength(MAX_CHOICES);
  expect(completions.at(-2)?.content).toBe('a');
  expect(completions.at(-1)?.content).toBe(
    `…[cut: ${MAX_CHOICES - 1} of ${choices.length} choices]`,
  );
});
