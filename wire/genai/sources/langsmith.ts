import type { Producer } from './producer.ts';

export const langSmith: Producer = {
  name: 'langsmith',
  prefixes: ['langsmith.'],
  rows: [
    ['kind', 'own', 'langsmith.span.kind'],
    ['failure', 'own', 'langsmith.span.status'],
    ['modelAsked', 'flat', 'langsmith.metadata.ls_model_name'],
    ['modelAsked', 'copy', 'metadata.ls_model_name metadata#ls_model_name'],
    ['provider', 'copy', 'langsmith.metadata.ls_provider metadata#ls_provider'],
    ['usage', 'flat', 'langsmith.usage_metadata langsmith.metadata.usage_metadata'],
    ['toolCallId', 'copy', 'langsmith.metadata.tool_call_id'],
    ['session', 'own', 'langsmith.metadata.session_id langsmith.metadata.sessionId'],
    [
      'session',
      'copy',
      'langsmith.metadata.thread_id langsmith.metadata.conversation_id langsmith.trace.session_id',
    ],
    ['user', 'own', 'langsmith.metadata.user_id langsmith.metadata.userId'],
    ['tags', 'field', 'langsmith.span.tags langsmith.metadata.tags'],
    ['metadata', 'own', 'langsmith.metadata.'],
  ],
};
