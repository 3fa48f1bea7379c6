/** What the mock provider says; the tests look for the same words and numbers in the tables. */
export const MODEL = 'gpt-4o-mini';
export const SERVED_MODEL = 'gpt-4o-mini-2024-07-18';
export const QUESTION = 'What is the weather in Málaga?';
/** Asked of the streamed answer, with the answer before it. */
export const NEXT_QUESTION = 'What to take along?';
export const SYSTEM = 'You answer in one sentence.';

export const TOOL = {
  id: 'call_weather_1',
  name: 'get_weather',
  arguments: { city: 'Málaga' },
  output: { city: 'Málaga', celsius: 27 },
} as const;

/** One answer of the provider, with its usage: no number occurs twice. */
export interface Answer {
  id: string;
  text: string | null;
  finishReason: string;
  prompt: number;
  cached: number;
  completion: number;
  reasoning: number;
}

export const ANSWERS = {
  toolCall: {
    id: 'chatcmpl-tool-call',
    text: null,
    finishReason: 'tool_calls',
    prompt: 1291,
    cached: 1024,
    completion: 57,
    reasoning: 31,
  },
  final: {
    id: 'chatcmpl-final',
    text: 'It is 27 °C in Málaga.',
    finishReason: 'stop',
    prompt: 1377,
    cached: 1152,
    completion: 43,
    reasoning: 19,
  },
  streamed: {
    id: 'chatcmpl-streamed',
    text: 'Take sunglasses, not an umbrella.',
    finishReason: 'stop',
    prompt: 211,
    cached: 128,
    completion: 23,
    reasoning: 7,
  },
} as const satisfies Record<string, Answer>;

/** A prompt with this text is refused by the provider. */
export const REFUSED = 'Say something forbidden.';
export const REFUSAL = 'The provider refused this request.';
