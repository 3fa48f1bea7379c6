/** Anthropic's messages, and the events that stream them. */
import { MESSAGES } from './chat.ts';
import type { Json, Route } from './server.ts';

export const CLAUDE = { model: 'claude-sonnet-5', max_tokens: 99, messages: MESSAGES };

export const text = (said: string): Json => ({ type: 'text', text: said });
export const toolUse = (id: string, name: string, input: Json): Json => ({
  type: 'tool_use',
  id,
  name,
  input,
});

export function claude(content: Json[], more: Json = {}): Json {
  const asksTool = content.some(({ type }) => type === 'tool_use');
  return {
    id: 'msg_1',
    type: 'message',
    role: 'assistant',
    model: 'claude-sonnet-5',
    content,
    stop_reason: asksTool ? 'tool_use' : 'end_turn',
    stop_sequence: null,
    usage: { input_tokens: 3, output_tokens: 2 },
    ...more,
  };
}

interface Ending {
  readonly stop_reason?: string;
  readonly usage?: Json;
  readonly output_tokens?: number;
}

/** The events of a message; each block is its start, then its deltas. */
export function claudeEvents(blocks: Json[][], ending: Ending = {}): Json[] {
  const { stop_reason = 'end_turn', usage = { input_tokens: 3 }, output_tokens = 2 } = ending;
  const begun = claude([], { stop_reason: null, usage: { ...usage, output_tokens: 1 } });
  return [
    { type: 'message_start', message: begun },
    { type: 'ping' },
    ...blocks.flatMap(([content_block, ...deltas], index) => [
      { type: 'content_block_start', index, content_block },
      ...deltas.map((delta) => ({ type: 'content_block_delta', index, delta })),
      { type: 'content_block_stop', index },
    ]),
    {
      type: 'message_delta',
      delta: { stop_reason, stop_sequence: null },
      usage: { ...usage, output_tokens },
    },
    { type: 'message_stop' },
  ];
}

/** A block of text in pieces. */
export const spoken = (...texts: string[]): Json[] => [
  { type: 'text', text: '' },
  ...texts.map((one) => ({ type: 'text_delta', text: one })),
];

/** Asks for the weather in each city first, and answers when it has the results. */
export const claudeWithTools =
  (cities: readonly string[], answer: string): Route =>
  ({ body, number }) => {
    const isDone = JSON.stringify(body.messages).includes('tool_result');
    const uses = cities.map((city, at) => toolUse(`call_${at + 1}`, 'get_weather', { city }));
    const content = isDone || !body.tools ? [text(answer)] : uses;
    return { json: claude(content, { id: `msg_${number}` }) };
  };
