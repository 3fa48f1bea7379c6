import type { Producer } from './producer.ts';

/** OpenLLMetry, its ports in other languages, and what the first versions of it wrote. */
export const openLlmetry: Producer = {
  name: 'openllmetry',
  prefixes: ['traceloop.', 'llm.'],
  rows: [
    ['kind', 'flat', 'traceloop.span.kind'],
    ['kind', 'copy', 'llm.request.type gen_ai.request.type'],
    ['modelAsked', 'field', 'llm.request.model'],
    ['modelAsked', 'flat', 'traceloop.association.properties.ls_model_name'],
    ['modelAnswered', 'field', 'llm.response.model'],
    ['provider', 'copy', 'llm.vendor traceloop.association.properties.ls_provider'],
    ['responseId', 'field', 'llm.response.id'],
    ['finishReasons', 'field', 'llm.response.finish_reason llm.response.stop_reason'],
    ['prompts', 'flat', 'llm.prompts'],
    ['choices', 'flat', 'llm.completions'],
    ['request', 'copy', 'traceloop.entity.input'],
    ['response', 'copy', 'traceloop.entity.output'],
    ['usage', 'field', 'llm.usage.'],
    ['toolArguments', 'body', 'traceloop.entity.input'],
    ['toolResult', 'body', 'traceloop.entity.output'],
    ['input', 'body', 'traceloop.entity.input'],
    ['output', 'body', 'traceloop.entity.output'],
    [
      'session',
      'own',
      'traceloop.association.properties.session_id traceloop.association.properties.sessionId',
    ],
    ['session', 'hint', 'traceloop.association.properties.thread_id'],
    [
      'user',
      'own',
      'traceloop.association.properties.user_id traceloop.association.properties.userId',
    ],
    ['tags', 'copy', 'traceloop.association.properties.tags'],
    ['metadata', 'own', 'traceloop.association.properties.'],
  ],
};

/** Laminar. */
export const laminar: Producer = {
  name: 'laminar',
  prefixes: ['lmnr.'],
  rows: [
    ['kind', 'flat', 'lmnr.span.type'],
    ['request', 'body', 'lmnr.span.input'],
    ['response', 'body', 'lmnr.span.output'],
    ['toolArguments', 'body', 'lmnr.span.input'],
    ['toolResult', 'body', 'lmnr.span.output'],
    ['input', 'body', 'lmnr.span.input'],
    ['output', 'body', 'lmnr.span.output'],
    ['session', 'own', 'lmnr.association.properties.session_id'],
    ['user', 'own', 'lmnr.association.properties.user_id'],
    ['tags', 'body', 'lmnr.association.properties.tags'],
    ['metadata', 'own', 'lmnr.association.properties.metadata.'],
  ],
};
