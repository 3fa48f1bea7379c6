import type { Producer } from './producer.ts';

/** Google's Agent Development Kit. */
export const googleAdk: Producer = {
  name: 'google-adk',
  prefixes: ['gcp.vertex.agent.'],
  rows: [
    ['modelAsked', 'body', 'gcp.vertex.agent.llm_request#model'],
    ['request', 'own', 'gcp.vertex.agent.llm_request'],
    ['response', 'own', 'gcp.vertex.agent.llm_response'],
    ['toolArguments', 'flat', 'gcp.vertex.agent.tool_call_args'],
    ['toolResult', 'flat', 'gcp.vertex.agent.tool_response'],
    ['input', 'copy', 'gcp.vertex.agent.data'],
    ['session', 'flat', 'gcp.vertex.agent.session_id'],
    ['session', 'hint', 'gcp.vertex.agent.conversation_id'],
  ],
};

/** Genkit. */
export const genkit: Producer = {
  name: 'genkit',
  prefixes: ['genkit:'],
  jsonKeys: ['genkit:'],
  rows: [
    ['kind', 'flat', 'genkit:metadata:subtype'],
    ['kind', 'hint', 'genkit:type'],
    ['modelAsked', 'copy', 'genkit:metadata:model genkit:name'],
    ['request', 'own', 'genkit:input'],
    ['response', 'own', 'genkit:output'],
    ['toolArguments', 'body', 'genkit:input'],
    ['toolResult', 'body', 'genkit:output'],
    ['input', 'body', 'genkit:input'],
    ['output', 'body', 'genkit:output'],
    ['session', 'hint', 'genkit:sessionId'],
  ],
};
