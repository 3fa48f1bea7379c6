import type { Producer } from './producer.ts';

/** The Vercel AI SDK. Other products add keys to its spans, and its own are the better ones. */
export const vercelAi: Producer = {
  name: 'vercel-ai',
  prefixes: ['ai.'],
  rows: [
    ['kind', 'own', 'ai.operationId'],
    ['modelAsked', 'flat', 'ai.model.id'],
    ['modelAnswered', 'flat', 'ai.response.model'],
    ['provider', 'flat', 'ai.model.provider'],
    ['responseId', 'flat', 'ai.response.id'],
    ['finishReasons', 'flat', 'ai.response.finishReason ai.finishReason'],
    ['millisToFirst', 'field', 'ai.response.msToFirstChunk ai.stream.msToFirstChunk'],
    ['prompts', 'own', 'ai.prompt.messages'],
    ['choices', 'own', 'ai.response. ai.result.'],
    ['request', 'own', 'ai.prompt'],
    ['usage', 'field', 'ai.usage. ai.response.providerMetadata'],
    ['toolName', 'own', 'ai.toolCall.name'],
    ['toolCallId', 'own', 'ai.toolCall.id'],
    ['toolArguments', 'own', 'ai.toolCall.args'],
    ['toolResult', 'own', 'ai.toolCall.result'],
    ['input', 'own', 'ai.prompt ai.prompt.messages ai.values ai.value ai.toolCall.args'],
    [
      'output',
      'own',
      'ai.response.object ai.response.text ai.toolCall.result ai.result.text ai.response.toolCalls',
    ],
    ['session', 'own', 'ai.settings.context.sessionId ai.telemetry.metadata.sessionId'],
    ['user', 'own', 'ai.settings.context.userId ai.telemetry.metadata.userId'],
    ['tags', 'flat', 'ai.telemetry.metadata.tags'],
    ['traceName', 'flat', 'ai.telemetry.functionId'],
    ['metadata', 'own', 'ai.telemetry.metadata. ai.settings.context.'],
  ],
};

/** Mastra: input and output as JSON under keys of the span's type. */
export const mastra: Producer = {
  name: 'mastra',
  prefixes: ['mastra.'],
  rows: [
    ['kind', 'own', 'mastra.span.type'],
    ['firstAt', 'own', 'mastra.completion_start_time'],
    ['response', 'own', 'mastra.metadata.body'],
    ['request', 'body', 'mastra.model_step.input mastra.model_generation.input'],
    ['response', 'body', 'mastra.model_step.output mastra.model_generation.output'],
    ['toolArguments', 'body', 'mastra.tool_call.input mastra.mcp_tool_call.input'],
    ['toolResult', 'body', 'mastra.tool_call.output mastra.mcp_tool_call.output'],
    [
      'input',
      'own',
      'mastra.agent_run.input mastra.workflow_run.input mastra.workflow_step.input mastra.model_generation.input mastra.processor_run.input mastra.generic.input',
    ],
    [
      'output',
      'own',
      'mastra.agent_run.output mastra.workflow_run.output mastra.workflow_step.output mastra.model_generation.output mastra.processor_run.output mastra.generic.output',
    ],
    ['session', 'own', 'mastra.metadata.sessionId'],
    ['session', 'hint', 'mastra.metadata.threadId'],
    ['user', 'own', 'mastra.metadata.userId'],
    ['metadata', 'own', 'mastra.metadata.'],
  ],
};
