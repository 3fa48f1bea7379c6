/** Chat completions, as OpenAI writes them. */
import type { Answer, Asked, Json, Route } from './server.ts';

export const QUESTION = 'How warm is it?';
export const ANSWER = 'It is warm.';
export const MODEL = 'gpt-4o';
export const MESSAGES = [{ role: 'user', content: QUESTION }];
export const CHAT = { model: MODEL, messages: MESSAGES };

export const USAGE = {
  prompt_tokens: 11,
  completion_tokens: 7,
  total_tokens: 18,
  prompt_tokens_details: { cached_tokens: 4 },
  completion_tokens_details: { reasoning_tokens: 2 },
};

/** The columns of `completions` for that usage. */
export const TOKENS = {
  prompt_tokens: 11,
  completion_tokens: 7,
  total_tokens: 18,
  cached_tokens: 4,
  reasoning_tokens: 2,
};

export function completion(message: Json, more: Json = {}): Json {
  return {
    id: 'chatcmpl_1',
    object: 'chat.completion',
    created: 1,
    model: 'gpt-4o-2024-08-06',
    choices: [
      {
        index: 0,
        message: { role: 'assistant', refusal: null, ...message },
        logprobs: null,
        finish_reason: message.tool_calls ? 'tool_calls' : 'stop',
      },
    ],
    usage: USAGE,
    ...more,
  };
}

export function chunk(delta: Json, finish_reason: string | null = null, more: Json = {}): Json {
  return {
    id: 'chatcmpl_1',
    object: 'chat.completion.chunk',
    created: 1,
    model: 'gpt-4o-2024-08-06',
    choices: [{ index: 0, delta, finish_reason }],
    ...more,
  };
}

/** A stream of these deltas, with the usage in a chunk of its own if the request asks for it. */
export function chunks(body: Json, deltas: Json[], finishReason = 'stop'): unknown[] {
  const said = [...deltas.map((delta) => chunk(delta)), chunk({}, finishReason)];
  if (!body.stream_options?.include_usage) return [...said, '[DONE]'];
  const usage = chunk({}, null, { choices: [], usage: USAGE });
  return [...said.map((one) => ({ ...one, usage: null })), usage, '[DONE]'];
}

/** A text in deltas of one word. */
export const words = (text: string): Json[] =>
  (text.match(/\S+\s*/g) ?? []).map((content, index) =>
    index === 0 ? { role: 'assistant', content } : { content },
  );

export const call = (id: string, name: string, args: Json, index?: number): Json => ({
  ...(index === undefined ? {} : { index }),
  id,
  type: 'function',
  function: { name, arguments: typeof args === 'string' ? args : JSON.stringify(args) },
});

/** The usual answer to a chat: the text, whole or streamed. */
export const answered: Route = ({ body }: Asked): Answer =>
  body.stream ? { events: chunks(body, words(ANSWER)) } : { json: completion({ content: ANSWER }) };

/** What a program reads of a stream. */
export async function textOf(stream: AsyncIterable<Json>): Promise<string> {
  let text = '';
  for await (const { choices } of stream) text += choices[0]?.delta?.content ?? '';
  return text;
}

export async function listOf<T>(stream: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const one of stream) all.push(one);
  return all;
}

/** Asks for the weather in each city first, and answers when it has what the tools returned. */
export const withTools =
  (cities: readonly string[], answer = ANSWER): Route =>
  ({ body, number }) => {
    const isAsking =
      body.tools?.length > 0 && !body.messages.some((one: Json) => one.role === 'tool');
    const calls = cities.map((city, index) =>
      call(`call_${index + 1}`, 'get_weather', { city }, body.stream ? index : undefined),
    );
    const id = { id: `chatcmpl_${number}` };
    if (body.stream) {
      return {
        events: isAsking
          ? chunks(body, [{ role: 'assistant', tool_calls: calls }], 'tool_calls')
          : chunks(body, words(answer)),
      };
    }
    return {
      json: isAsking
        ? completion({ content: null, tool_calls: calls }, id)
        : completion({ content: answer }, id),
    };
  };
