import type { Producer } from './producer.ts';

/** The GenAI semantic conventions of OpenTelemetry, of all versions. */
export const conventions: Producer = {
  name: 'genai-conventions',
  prefixes: ['gen_ai.'],
  rows: [
    ['kind', 'field', 'gen_ai.operation.name'],
    ['kind', 'flat', 'gen_ai.span.kind mcp.method.name'],
    ['modelAsked', 'field', 'gen_ai.request.model'],
    ['modelAnswered', 'field', 'gen_ai.response.model'],
    ['provider', 'field', 'gen_ai.provider.name gen_ai.system'],
    ['responseId', 'field', 'gen_ai.response.id'],
    ['finishReasons', 'field', 'gen_ai.response.finish_reasons gen_ai.response.finish_reason'],
    [
      'secondsToFirst',
      'field',
      'gen_ai.response.time_to_first_chunk gen_ai.client.operation.time_to_first_chunk gen_ai.server.time_to_first_token gen_ai.latency.time_to_first_token',
    ],
    ['millisToFirst', 'field', 'gen_ai.server.time_to_first_token_ms'],
    [
      'instructions',
      'field',
      'gen_ai.system_instructions gen_ai.request.instructions gen_ai.system.instructions',
    ],
    ['prompts', 'field', 'gen_ai.input.messages'],
    ['prompts', 'flat', 'gen_ai.prompt gen_ai.request.messages'],
    ['choices', 'field', 'gen_ai.output.messages'],
    ['choices', 'flat', 'gen_ai.completion gen_ai.response.messages'],
    ['request', 'copy', 'gen_ai.request.body'],
    ['response', 'copy', 'gen_ai.response.body'],
    ['usage', 'field', 'gen_ai.usage.'],
    ['usage', 'copy', 'gen_ai.usage.raw gen_ai.client.token.usage'],
    ['toolName', 'field', 'gen_ai.tool.name'],
    ['toolCallId', 'field', 'gen_ai.tool.call.id gen_ai.tool.call_id'],
    ['toolArguments', 'field', 'gen_ai.tool.call.arguments'],
    ['toolArguments', 'flat', 'gen_ai.tool.args'],
    ['toolArguments', 'copy', 'gen_ai.tool.input gen_ai.prompt gen_ai.input.messages'],
    ['toolArguments', 'hint', 'gen_ai.task.input'],
    ['toolResult', 'field', 'gen_ai.tool.call.result'],
    [
      'toolResult',
      'copy',
      'gen_ai.completion gen_ai.tool.output gen_ai.output.messages gen_ai.tool.message',
    ],
    ['toolResult', 'hint', 'gen_ai.task.output'],
    ['input', 'copy', 'gen_ai.retrieval.query.text gen_ai.retrieval.query gen_ai.task.input'],
    ['input', 'hint', 'db.vector.query.content gen_ai.input.messages gen_ai.prompt'],
    ['output', 'copy', 'gen_ai.retrieval.documents gen_ai.task.output'],
    ['output', 'hint', 'gen_ai.output.messages gen_ai.completion'],
    ['session', 'own', 'session.id'],
    ['session', 'flat', 'gen_ai.conversation.id'],
    ['session', 'hint', 'conversation.id gen_ai.thread.id'],
    ['user', 'own', 'user.id enduser.id'],
    ['user', 'copy', 'gen_ai.request.user'],
    ['user', 'hint', 'gen_ai.user'],
    ['failureMessage', 'copy', 'error.message exception.message'],
  ],
};

/** What the original SDK of this product adds to the conventions. */
export const agensightPython: Producer = {
  name: 'agensight-python',
  rows: [
    ['prompts', 'copy', 'gen_ai.normalized_input_output#prompts'],
    ['choices', 'copy', 'gen_ai.normalized_input_output#completions'],
    ['input', 'hint', 'gen_ai.normalized_input_output#prompts'],
    ['output', 'hint', 'gen_ai.normalized_input_output#completions'],
    ['traceName', 'own', 'trace.name'],
  ],
};
