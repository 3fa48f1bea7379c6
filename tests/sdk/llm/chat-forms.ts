/** Replies of servers with OpenAI's chat completions. */
import { ANSWER, ARGUMENTS, type ReplyForm, source, THOUGHT } from './reply-form.ts';

const head = { id: 'c1', object: 'chat.completion', model: 'm-1' };
const usage = { prompt_tokens: 10, completion_tokens: 5, total_tokens: 15 };
const chat = (message: object, finish_reason = 'stop', extra: object = {}): object => ({
  ...head,
  choices: [{ index: 0, message: { role: 'assistant', ...message }, finish_reason }],
  usage,
  ...extra,
});
const chunk = (delta: object, finish_reason: string | null = null): object => ({
  ...head,
  object: 'chat.completion.chunk',
  choices: [{ index: 0, delta, finish_reason }],
});
const chunks = (deltas: readonly object[], finish = 'stop', last: object = { usage }): object[] => [
  ...[{ role: 'assistant' }, ...deltas].map((delta) => chunk(delta)),
  { ...chunk({}, finish), ...last },
];
const call = (id: string, args: string, index?: number): object => ({
  ...(index === undefined ? {} : { index }),
  id,
  type: 'function',
  function: { name: 'get_weather', arguments: args },
});
export const CHAT_FORMS: Record<string, ReplyForm> = {
  'OpenAI, a text': {
    whole: chat({ content: ANSWER }),
    events: (cut) => chunks(cut(ANSWER).map((content) => ({ content }))),
  },
  'OpenAI, a refusal': {
    whole: chat({ content: null, refusal: 'I will not.' }),
    events: (cut) => chunks(cut('I will not.').map((refusal) => ({ refusal }))),
  },
  'OpenAI, parallel tool calls': {
    whole: chat(
      { content: null, tool_calls: [call('a', ARGUMENTS), call('b', '{}')] },
      'tool_calls',
    ),
    events: (cut) =>
      chunks(
        [
          { tool_calls: [call('a', '', 0), call('b', '', 1)] },
          ...cut(ARGUMENTS).map((text) => ({
            tool_calls: [{ index: 0, function: { arguments: text } }],
          })),
          ...cut('{}').map((text) => ({
            tool_calls: [{ index: 1, function: { arguments: text } }],
          })),
        ],
        'tool_calls',
      ),
  },
  'Gemini by the API of OpenAI, parallel tool calls of one index': {
    whole: chat(
      { content: null, tool_calls: [call('a', ARGUMENTS), call('b', '{}')] },
      'tool_calls',
    ),
    events: () =>
      chunks(
        [{ tool_calls: [call('a', ARGUMENTS, 0)] }, { tool_calls: [call('b', '{}', 0)] }],
        'tool_calls',
      ),
  },
  'parallel tool calls without an index, in pieces': {
    whole: chat(
      { content: null, tool_calls: [call('a', ARGUMENTS), call('b', '{}')] },
      'tool_calls',
    ),
    events: (cut) =>
      chunks(
        [
          { tool_calls: [call('a', '')] },
          ...cut(ARGUMENTS).map((text) => ({ tool_calls: [{ function: { arguments: text } }] })),
          { tool_calls: [call('b', '{}')] },
        ],
        'tool_calls',
      ),
  },
  'tool calls whose id comes with each piece': {
    whole: chat({ content: null, tool_calls: [call('a', ARGUMENTS)] }, 'tool_calls'),
    events: (cut) =>
      chunks(
        ['', ...cut(ARGUMENTS)].map((text) => ({ tool_calls: [call('a', text, 0)] })),
        'tool_calls',
      ),
  },
  'OpenAI, a custom tool': {
    whole: chat({
      content: null,
      tool_calls: [{ id: 'a', type: 'custom', custom: { name: 'run', input: 'print(1)' } }],
    }),
    events: (cut) =>
      chunks([
        { tool_calls: [{ index: 0, id: 'a', type: 'custom', custom: { name: 'run', input: '' } }] },
        ...cut('print(1)').map((input) => ({ tool_calls: [{ index: 0, custom: { input } }] })),
      ]),
  },
  'OpenAI, a spoken answer': {
    whole: chat({ content: null, audio: { id: 'audio_1', data: 'AAAABBBB', transcript: ANSWER } }),
    events: (cut) =>
      chunks([
        ...cut(ANSWER).map((transcript) => ({ audio: { id: 'audio_1', transcript } })),
        { audio: { data: 'AAAA' } },
        { audio: { data: 'BBBB' } },
      ]),
  },
  'OpenAI, sources': {
    whole: chat({ content: ANSWER, annotations: [source(1), source(2)] }),
    events: (cut) =>
      chunks([
        ...cut(ANSWER).map((content) => ({ content })),
        { annotations: [source(1)] },
        { annotations: [source(2)] },
      ]),
  },
  'DeepSeek, reasoning': {
    whole: chat({ content: ANSWER, reasoning_content: THOUGHT }),
    events: (cut) =>
      chunks([
        ...cut(THOUGHT).map((reasoning_content) => ({ content: null, reasoning_content })),
        ...cut(ANSWER).map((content) => ({ content, reasoning_content: null })),
      ]),
  },
  'OpenRouter, reasoning': {
    whole: chat({ content: ANSWER, reasoning: THOUGHT }, 'stop', {
      usage: { ...usage, cost: 0.0012 },
    }),
    events: (cut) =>
      chunks(
        [
          ...cut(THOUGHT).map((reasoning) => ({ content: '', reasoning })),
          ...cut(ANSWER).map((content) => ({ content })),
        ],
        'stop',
        { usage: { ...usage, cost: 0.0012 } },
      ),
  },
  'OpenRouter, reasoning in details alone': {
    whole: chat({
      content: ANSWER,
      reasoning_details: [{ type: 'reasoning.text', text: THOUGHT, index: 0 }],
    }),
    events: (cut) =>
      chunks([
        ...cut(THOUGHT).map((text) => ({
          reasoning_details: [{ type: 'reasoning.text', text, index: 0 }],
        })),
        ...cut(ANSWER).map((content) => ({ content })),
      ]),
  },
  'Mistral, reasoning': {
    whole: chat({
      content: [
        { type: 'thinking', thinking: [{ type: 'text', text: THOUGHT }] },
        { type: 'text', text: ANSWER },
      ],
    }),
    events: (cut) =>
      chunks([
        ...cut(THOUGHT).map((text) => ({
          content: [{ type: 'thinking', thinking: [{ type: 'text', text }] }],
        })),
        ...cut(ANSWER).map((content) => ({ content })),
      ]),
  },
  'a gateway, usage in a chunk without choices': {
    whole: chat({ content: ANSWER }),
    events: (cut) => [
      ...chunks(
        cut(ANSWER).map((content) => ({ content })),
        'stop',
        {},
      ),
      { ...head, usage },
    ],
  },
  'OpenRouter, an error after the first words': {
    whole: chat({ content: 'It' }, 'error', { error: { code: 502, message: 'exploded' } }),
    events: () =>
      chunks([{ content: 'It' }], 'error', { usage, error: { code: 502, message: 'exploded' } }),
  },
};
