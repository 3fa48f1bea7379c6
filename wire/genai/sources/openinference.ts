import type { Producer } from './producer.ts';

/** OpenInference: flat keys with positions, and the whole request and response beside them. */
export const openInference: Producer = {
  name: 'openinference',
  prefixes: ['openinference.'],
  itemLists: ['llm.input_messages', 'llm.output_messages'],
  rows: [
    ['kind', 'own', 'openinference.span.kind'],
    [
      'modelAsked',
      'flat',
      'embedding.model_name llm.model_name reranker.model_name llm.request.model_name',
    ],
    ['modelAsked', 'hint', 'llm.invocation_parameters#model'],
    ['modelAnswered', 'flat', 'llm.response.model_name'],
    ['provider', 'flat', 'llm.provider llm.system'],
    ['finishReasons', 'flat', 'llm.finish_reason'],
    ['prompts', 'flat', 'llm.input_messages'],
    ['choices', 'flat', 'llm.output_messages'],
    ['request', 'body', 'input.value'],
    ['response', 'body', 'output.value'],
    ['usage', 'flat', 'llm.token_count.'],
    ['toolName', 'flat', 'tool.name tool_call.function.name'],
    ['toolCallId', 'flat', 'tool_call.id tool.call.id tool.id'],
    ['toolArguments', 'body', 'input.value'],
    ['toolArguments', 'hint', 'tool.parameters'],
    ['toolResult', 'body', 'output.value'],
    ['input', 'own', 'input.value'],
    ['output', 'own', 'output.value'],
    ['output', 'copy', 'retrieval.documents'],
    ['tags', 'field', 'tag.tags'],
    ['metadata', 'copy', 'metadata'],
  ],
};
