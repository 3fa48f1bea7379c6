/** Replies of OpenAI's Responses API. */
import { ANSWER, type ReplyForm, source, THOUGHT } from './reply-form.ts';

const response = (output: object[], extra: object = {}): object => ({
  id: 'r1',
  object: 'response',
  model: 'gpt-1',
  status: 'completed',
  output,
  usage: { input_tokens: 10, output_tokens: 5, total_tokens: 15 },
  ...extra,
});
const message = (parts: object[]): object => ({
  type: 'message',
  id: 'msg',
  role: 'assistant',
  content: parts,
});
const responseEvents = (last: object, ...events: object[]): object[] => [
  { type: 'response.created', response: response([], { status: 'in_progress', usage: null }) },
  ...events,
  { type: `response.${(last as { status: string }).status}`, response: last },
];
const failed = response([], {
  status: 'failed',
  error: { code: 'server_error', message: 'no' },
  usage: null,
});
const REASONED = response([
  { type: 'reasoning', id: 'rs', summary: [{ type: 'summary_text', text: THOUGHT }] },
  message([{ type: 'output_text', text: ANSWER, annotations: [source(1)] }]),
  { type: 'custom_tool_call', id: 'ct', call_id: 'a', name: 'run', input: 'print(1)' },
]);

export const RESPONSES_FORMS: Record<string, ReplyForm> = {
  'OpenAI Responses, reasoning, a text and a custom tool': {
    whole: REASONED,
    events: () => responseEvents(REASONED),
  },
  'OpenAI Responses, the same, cut before the last event': {
    whole: { ...REASONED, status: 'in_progress', usage: null },
    events: (cut) =>
      responseEvents(
        REASONED,
        {
          type: 'response.output_item.added',
          output_index: 0,
          item: { type: 'reasoning', id: 'rs', summary: [] },
        },
        ...cut(THOUGHT).map((delta) => ({
          type: 'response.reasoning_summary_text.delta',
          output_index: 0,
          summary_index: 0,
          delta,
        })),
        { type: 'response.output_item.added', output_index: 1, item: message([]) },
        ...cut(ANSWER).map((delta) => ({
          type: 'response.output_text.delta',
          output_index: 1,
          content_index: 0,
          delta,
        })),
        {
          type: 'response.output_text.annotation.added',
          output_index: 1,
          content_index: 0,
          annotation: source(1),
        },
        {
          type: 'response.output_item.added',
          output_index: 2,
          item: { type: 'custom_tool_call', id: 'ct', call_id: 'a', name: 'run', input: '' },
        },
        ...cut('print(1)').map((delta) => ({
          type: 'response.custom_tool_call_input.delta',
          output_index: 2,
          delta,
        })),
      ).slice(0, -1),
  },
  'OpenAI Responses, failed': { whole: failed, events: () => responseEvents(failed) },
};
