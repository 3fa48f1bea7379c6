/** OpenAI's Responses API: responses, and the events that stream them. */
import type { Json } from './server.ts';

export function response(output: Json[], more: Json = {}): Json {
  return {
    id: 'resp_1',
    object: 'response',
    created_at: 1,
    status: 'completed',
    error: null,
    incomplete_details: null,
    instructions: null,
    model: 'gpt-4.1-2025-04-14',
    output,
    parallel_tool_calls: true,
    previous_response_id: null,
    temperature: 1,
    text: { format: { type: 'text' } },
    tool_choice: 'auto',
    tools: [],
    top_p: 1,
    metadata: {},
    usage: {
      input_tokens: 11,
      input_tokens_details: { cached_tokens: 4 },
      output_tokens: 7,
      output_tokens_details: { reasoning_tokens: 2 },
      total_tokens: 18,
    },
    ...more,
  };
}

export const message = (text: string): Json => ({
  type: 'message',
  id: 'msg_1',
  role: 'assistant',
  status: 'completed',
  content: [{ type: 'output_text', text, annotations: [], logprobs: [] }],
});

export const functionCall = (id: string, name: string, args: Json): Json => ({
  type: 'function_call',
  id: `fc_${id}`,
  call_id: id,
  name,
  arguments: JSON.stringify(args),
  status: 'completed',
});

export const thought = (text: string): Json => ({
  type: 'reasoning',
  id: 'rs_1',
  summary: [{ type: 'summary_text', text }],
  encrypted_content: null,
});

/** Events with the numbers that the API gives them. */
export const numbered = (events: Json[]): Json[] =>
  events.map((event, sequence_number) => ({ ...event, sequence_number }));

export function responseEvents(output: Json[], more: Json = {}): Json[] {
  const open = response([], { ...more, status: 'in_progress', usage: null });
  return numbered([
    { type: 'response.created', response: open },
    ...output.flatMap(itemEvents),
    { type: 'response.completed', response: response(output, more) },
  ]);
}

/** Fields of an item that arrive in pieces, as they are before the first. */
const EMPTY: Json = { arguments: '', input: '', content: [], summary: [] };

function itemEvents(item: Json, output_index: number): Json[] {
  const at = { item_id: item.id, output_index };
  const begun = { ...item, status: 'in_progress' };
  for (const field of Object.keys(EMPTY)) if (field in item) begun[field] = EMPTY[field];
  return [
    { type: 'response.output_item.added', output_index, item: begun },
    ...pieces(item.arguments).map((delta) => ({
      type: 'response.function_call_arguments.delta',
      ...at,
      delta,
    })),
    ...pieces(item.input).map((delta) => ({
      type: 'response.custom_tool_call_input.delta',
      ...at,
      delta,
    })),
    ...(item.summary ?? []).flatMap((part: Json, summary_index: number) =>
      summaryEvents({ ...at, summary_index }, part),
    ),
    ...(item.content ?? []).flatMap((part: Json, content_index: number) =>
      textEvents({ ...at, content_index }, part),
    ),
    { type: 'response.output_item.done', output_index, item },
  ];
}

const pieces = (text: string | undefined): string[] => text?.match(/.{1,4}/gu) ?? [];
const words = (text: string): string[] => text.match(/\S+\s*/g) ?? [];

const summaryEvents = (at: Json, part: Json): Json[] => [
  { type: 'response.reasoning_summary_part.added', ...at, part: { ...part, text: '' } },
  ...words(part.text).map((delta) => ({
    type: 'response.reasoning_summary_text.delta',
    ...at,
    delta,
  })),
];

const textEvents = (at: Json, part: Json): Json[] => [
  { type: 'response.content_part.added', ...at, part: { ...part, text: '' } },
  ...words(part.text).map((delta) => ({
    type: 'response.output_text.delta',
    ...at,
    delta,
    logprobs: [],
  })),
  { type: 'response.output_text.done', ...at, text: part.text, logprobs: [] },
];
