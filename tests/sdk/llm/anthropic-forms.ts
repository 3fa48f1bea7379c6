/** Replies of Anthropic. */
import { ANSWER, ARGUMENTS, type Cut, type ReplyForm, THOUGHT } from './reply-form.ts';

const CLAUDE = { id: 'm1', type: 'message', role: 'assistant', model: 'claude-1' };
const CLAUDE_USAGE = { input_tokens: 3, output_tokens: 9 };
const claude = (content: object[], stop_reason = 'end_turn'): object => ({
  ...CLAUDE,
  content,
  stop_reason,
  usage: CLAUDE_USAGE,
});
const claudeEvents = (blocks: [start: object, ...deltas: object[]][], stop_reason = 'end_turn') => [
  {
    type: 'message_start',
    message: {
      ...CLAUDE,
      content: [],
      stop_reason: null,
      usage: { input_tokens: 3, output_tokens: 1 },
    },
  },
  ...blocks.flatMap(([content_block, ...deltas], index) => [
    { type: 'content_block_start', index, content_block },
    ...deltas.map((delta) => ({ type: 'content_block_delta', index, delta })),
    { type: 'content_block_stop', index },
  ]),
  { type: 'message_delta', delta: { stop_reason }, usage: { output_tokens: 9 } },
  { type: 'message_stop' },
];
const text = { type: 'text', text: '', citations: [] };
const saying = (cut: Cut, said: string): object[] =>
  cut(said).map((piece) => ({ type: 'text_delta', text: piece }));
const json = (cut: Cut, said: string): object[] =>
  cut(said).map((partial_json) => ({ type: 'input_json_delta', partial_json }));
const citation = (cited_text: string): object => ({ type: 'char_location', cited_text });
const found = [{ type: 'web_search_result', title: 'Time', url: 'https://time.example' }];

export const ANTHROPIC_FORMS: Record<string, ReplyForm> = {
  'Anthropic, thinking and a text': {
    whole: claude([
      { type: 'thinking', thinking: THOUGHT, signature: 'sig' },
      { type: 'text', text: ANSWER, citations: null },
    ]),
    events: (cut) =>
      claudeEvents([
        [
          { type: 'thinking', thinking: '', signature: '' },
          ...cut(THOUGHT).map((thinking) => ({ type: 'thinking_delta', thinking })),
          { type: 'signature_delta', signature: 'sig' },
        ],
        [text, ...saying(cut, ANSWER)],
      ]),
  },
  'Anthropic, two citations of one text': {
    whole: claude([{ type: 'text', text: ANSWER, citations: [citation('one'), citation('two')] }]),
    events: (cut) =>
      claudeEvents([
        [
          text,
          ...saying(cut, ANSWER),
          { type: 'citations_delta', citation: citation('one') },
          { type: 'citations_delta', citation: citation('two') },
        ],
      ]),
  },
  'Anthropic, tools with and without arguments': {
    whole: claude(
      [
        { type: 'tool_use', id: 'a', name: 'get_weather', input: { city: 'Málaga' } },
        { type: 'tool_use', id: 'b', name: 'get_time', input: {} },
      ],
      'tool_use',
    ),
    events: (cut) =>
      claudeEvents(
        [
          [{ type: 'tool_use', id: 'a', name: 'get_weather', input: {} }, ...json(cut, ARGUMENTS)],
          [
            { type: 'tool_use', id: 'b', name: 'get_time', input: {} },
            { type: 'input_json_delta', partial_json: '' },
          ],
        ],
        'tool_use',
      ),
  },
  'Anthropic, a search by the server': {
    whole: claude([
      { type: 'server_tool_use', id: 's', name: 'web_search', input: { query: 'time' } },
      { type: 'web_search_tool_result', tool_use_id: 's', content: found },
      { type: 'text', text: 'Noon.' },
    ]),
    events: (cut) =>
      claudeEvents([
        [
          { type: 'server_tool_use', id: 's', name: 'web_search', input: {} },
          ...json(cut, '{"query":"time"}'),
        ],
        [{ type: 'web_search_tool_result', tool_use_id: 's', content: found }],
        [text, ...saying(cut, 'Noon.')],
      ]),
  },
};
