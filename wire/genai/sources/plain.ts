import type { Producer } from './producer.ts';

/** Plain words, which programs and small products use without a name before them. */
export const plainWords: Producer = {
  name: 'plain-words',
  rows: [
    ['kind', 'hint', 'operation.name span_kind type'],
    ['modelAsked', 'hint', 'model_name model'],
    ['responseId', 'hint', 'response_id response#id'],
    ['finishReasons', 'hint', 'llm.finish_reasons'],
    ['secondsToFirst', 'hint', 'llm.time_to_first_token time_to_first_token'],
    ['instructions', 'hint', 'llm.system_prompt'],
    ['prompts', 'hint', 'messages input.messages input_messages'],
    ['choices', 'hint', 'response. output.messages'],
    ['request', 'hint', 'llm.request input'],
    ['response', 'hint', 'response output llm.response'],
    ['usage', 'hint', 'usage llm_output.token_usage gen_ai.response.'],
    ['toolName', 'hint', 'tool_name'],
    ['toolArguments', 'hint', 'tool.arguments tool_parameters input'],
    ['toolResult', 'hint', 'tool.result output'],
    ['input', 'hint', 'input'],
    ['output', 'hint', 'output'],
    ['failure', 'hint', 'status'],
    ['session', 'hint', 'session_id group_id'],
    ['user', 'hint', 'user_id'],
    ['tags', 'hint', 'tags'],
  ],
};
