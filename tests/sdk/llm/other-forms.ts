/** Replies of Bedrock and Gemini, and calls of other kinds. */
import { ANSWER, ARGUMENTS, type ReplyForm, THOUGHT } from './reply-form.ts';

const bedrockUsage = {
  inputTokens: 10,
  outputTokens: 5,
  totalTokens: 115,
  cacheReadInputTokens: 100,
};
const block = (contentBlockIndex: number, delta: object): object => ({
  contentBlockDelta: { contentBlockIndex, delta },
});
export const BEDROCK_FORMS: Record<string, ReplyForm> = {
  'Bedrock Converse, reasoning, a text and a tool': {
    whole: {
      output: {
        message: {
          role: 'assistant',
          content: [
            { reasoningContent: { reasoningText: { text: THOUGHT, signature: 'sig' } } },
            { text: ANSWER },
            { toolUse: { toolUseId: 't', name: 'get_weather', input: { city: 'Málaga' } } },
          ],
        },
      },
      stopReason: 'tool_use',
      usage: bedrockUsage,
    },
    events: (cut) => [
      { messageStart: { role: 'assistant' } },
      ...cut(THOUGHT).map((piece) => block(0, { reasoningContent: { text: piece } })),
      block(0, { reasoningContent: { signature: 'sig' } }),
      { contentBlockStop: { contentBlockIndex: 0 } },
      ...cut(ANSWER).map((piece) => block(1, { text: piece })),
      {
        contentBlockStart: {
          contentBlockIndex: 2,
          start: { toolUse: { toolUseId: 't', name: 'get_weather' } },
        },
      },
      ...cut(ARGUMENTS).map((input) => block(2, { toolUse: { input } })),
      { messageStop: { stopReason: 'tool_use' } },
      { metadata: { usage: bedrockUsage, metrics: { latencyMs: 5 } } },
    ],
  },
};

const part = (said: object, extra: object = {}): object => ({
  candidates: [{ content: { role: 'model', parts: [said] }, ...extra }],
  modelVersion: 'gemini-1',
  responseId: 'g1',
});
export const GEMINI_FORMS: Record<string, ReplyForm> = {
  'Gemini, thoughts, code that it ran, and a text': {
    whole: {
      candidates: [
        {
          content: {
            role: 'model',
            parts: [
              { text: THOUGHT, thought: true },
              { executableCode: { language: 'PYTHON', code: 'print(1)' } },
              { codeExecutionResult: { outcome: 'OUTCOME_OK', output: '1' } },
              { text: ANSWER },
            ],
          },
          finishReason: 'STOP',
        },
      ],
      modelVersion: 'gemini-1',
      responseId: 'g1',
      usageMetadata: { promptTokenCount: 4, candidatesTokenCount: 3, totalTokenCount: 7 },
    },
    events: (cut) => [
      ...cut(THOUGHT).map((said) => part({ text: said, thought: true })),
      part({ executableCode: { language: 'PYTHON', code: 'print(1)' } }),
      part({ codeExecutionResult: { outcome: 'OUTCOME_OK', output: '1' } }),
      ...cut(ANSWER).map((said) => part({ text: said })),
      {
        ...part({ text: '' }, { finishReason: 'STOP' }),
        usageMetadata: { promptTokenCount: 4, candidatesTokenCount: 3, totalTokenCount: 7 },
      },
    ],
  },
};

export const MEDIA_FORMS: Record<string, ReplyForm> = {
  'OpenAI, a transcription': {
    whole: {
      text: ANSWER,
      usage: { type: 'tokens', input_tokens: 4, output_tokens: 3, total_tokens: 7 },
    },
    events: (cut) => [
      ...cut(ANSWER).map((delta) => ({ type: 'transcript.text.delta', delta })),
      {
        type: 'transcript.text.done',
        text: ANSWER,
        usage: { type: 'tokens', input_tokens: 4, output_tokens: 3, total_tokens: 7 },
      },
    ],
  },
  'OpenAI, an image': {
    whole: {
      created: 1,
      data: [{ b64_json: 'AAAA' }],
      usage: { input_tokens: 4, output_tokens: 3 },
    },
    events: () => [
      { type: 'image_generation.partial_image', b64_json: 'AA==', partial_image_index: 0 },
      {
        type: 'image_generation.completed',
        b64_json: 'AAAA',
        usage: { input_tokens: 4, output_tokens: 3 },
      },
    ],
  },
};
