import type { Producer } from './producer.ts';

/** Pydantic's Logfire and Pydantic AI. */
export const pydantic: Producer = {
  name: 'pydantic',
  prefixes: ['pydantic_ai.'],
  rows: [
    ['modelAsked', 'body', 'request_data#model'],
    ['modelAnswered', 'body', 'response_data#model'],
    ['responseId', 'body', 'response_data#id response_data#message.id'],
    ['prompts', 'copy', 'pydantic_ai.all_messages_in'],
    ['events', 'copy', 'events all_messages_events'],
    ['request', 'own', 'request_data'],
    ['response', 'own', 'response_data'],
    ['usage', 'body', 'response_data#usage'],
    ['toolArguments', 'flat', 'tool_arguments'],
    ['toolResult', 'flat', 'tool_response'],
    ['input', 'hint', 'pydantic_ai.all_messages all_messages_events'],
    ['output', 'hint', 'final_result'],
    ['user', 'hint', 'request_data#user'],
    ['tags', 'hint', 'logfire.tags'],
  ],
};
