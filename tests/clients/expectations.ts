import type { CompletionRecord, PromptRecord } from '../../wire/records.ts';
import { ANSWERS, MODEL } from './facts.ts';

/** A published client, and where its telemetry falls short of what the provider said. */
export interface Client {
  /** The heading of its section in docs/clients.md. */
  name: string;
  /** The file of its program, in JavaScript or Python. */
  program: string;
  /** Where a refused call can be seen. */
  refusal: 'a failed call' | 'a failed agent' | 'nothing';
  /** What it sends of no call. */
  never?: (keyof CompletionRecord)[];
  /** What it says differently of one call. */
  differs?: Partial<Record<keyof typeof ANSWERS, Partial<CompletionRecord>>>;
  /** What stands for the tool's call and result in the prompts after it, where it is not they. */
  toolRound?: Partial<PromptRecord>[];
}

export const CLIENTS: Client[] = [
  { name: 'OpenTelemetry', program: 'opentelemetry.mjs', refusal: 'a failed call' },
  {
    name: 'OpenLLMetry',
    program: 'openllmetry.mjs',
    refusal: 'nothing',
    never: ['cached_tokens', 'reasoning_tokens'],
    differs: {
      toolCall: { finish_reason: 'tool_call' },
      // It counts the words of a stream by itself.
      streamed: { prompt_tokens: 14, completion_tokens: 7, total_tokens: 21 },
    },
  },
  {
    name: 'OpenInference',
    program: 'openinference.mjs',
    refusal: 'nothing',
    differs: {
      streamed: {
        model: MODEL,
        response_id: null,
        prompt_tokens: null,
        completion_tokens: null,
        total_tokens: null,
        cached_tokens: null,
        reasoning_tokens: null,
      },
    },
  },
  {
    name: 'Vercel AI SDK',
    program: 'vercel-ai.mjs',
    refusal: 'a failed call',
    differs: { toolCall: { finish_reason: 'tool-calls' } },
  },
  {
    name: 'Langfuse',
    program: 'langfuse.mjs',
    refusal: 'a failed call',
    never: ['provider', 'response_id', 'finish_reason'],
    differs: { streamed: { model: MODEL } },
  },
  { name: 'LangSmith', program: 'langsmith.mjs', refusal: 'a failed call' },
  {
    name: 'Mastra',
    program: 'mastra.mjs',
    refusal: 'a failed agent',
    differs: { toolCall: { finish_reason: 'tool-calls' }, streamed: { response_id: null } },
    toolRound: [
      { role: 'assistant', content: '[tool: get_weather]' },
      { role: 'tool', content: '[tool-result: get_weather]' },
    ],
  },
  {
    name: 'OpenLLMetry for Python',
    program: 'openllmetry-python.py',
    refusal: 'a failed call',
    never: ['reasoning_tokens'],
    differs: {
      toolCall: { finish_reason: 'tool_call', reasoning_tokens: ANSWERS.toolCall.reasoning },
      final: { reasoning_tokens: ANSWERS.final.reasoning },
    },
  },
  {
    name: 'OpenInference for Python',
    program: 'openinference-python.py',
    refusal: 'a failed call',
  },
  {
    name: 'Langfuse for Python',
    program: 'langfuse-python.py',
    refusal: 'a failed call',
    never: ['provider', 'response_id', 'finish_reason'],
    differs: { streamed: { finish_reason: ANSWERS.streamed.finishReason } },
  },
  { name: 'LangSmith for Python', program: 'langsmith-python.py', refusal: 'a failed call' },
];
