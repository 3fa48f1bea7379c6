import type { Producer } from './producer.ts';

export const springAi: Producer = {
  name: 'spring-ai',
  prefixes: ['spring.ai.'],
  rows: [
    ['kind', 'flat', 'spring.ai.kind'],
    ['toolName', 'flat', 'spring.ai.tool.definition.name'],
    ['toolCallId', 'flat', 'spring.ai.tool.call.id'],
    ['toolArguments', 'flat', 'spring.ai.tool.call.arguments'],
    ['toolResult', 'flat', 'spring.ai.tool.call.result'],
    ['input', 'copy', 'spring.ai.vectorstore.query'],
    ['session', 'copy', 'spring.ai.chat.client.conversation.id'],
  ],
};

export const haystack: Producer = {
  name: 'haystack',
  prefixes: ['haystack.'],
  rows: [
    ['kind', 'copy', 'haystack.component.type'],
    ['modelAsked', 'copy', 'haystack.component.input#model'],
    ['request', 'copy', 'haystack.component.input haystack.agent.step.llm.input'],
    ['response', 'copy', 'haystack.component.output haystack.agent.step.llm.output'],
    ['toolName', 'copy', 'haystack.tool.name'],
    ['toolArguments', 'copy', 'haystack.agent.step.tool.input haystack.component.input'],
    ['toolResult', 'copy', 'haystack.agent.step.tool.output'],
    ['input', 'copy', 'haystack.component.input haystack.agent.input haystack.pipeline.input_data'],
    [
      'output',
      'copy',
      'haystack.component.output haystack.agent.output haystack.pipeline.output_data',
    ],
  ],
};

export const liveKit: Producer = {
  name: 'livekit',
  prefixes: ['lk.'],
  rows: [
    ['modelAsked', 'flat', 'lk.llm_metrics#metadata.model_name'],
    ['modelAnswered', 'copy', 'lk.llm_metrics#metadata.model_name'],
    ['provider', 'copy', 'lk.llm_metrics#metadata.model_provider'],
    ['secondsToFirst', 'flat', 'lk.response.ttft'],
    ['prompts', 'copy', 'lk.pii.chat_ctx lk.chat_ctx'],
    ['choices', 'copy', 'lk.pii.response. lk.response.'],
    ['usage', 'flat', 'lk.llm_metrics'],
    ['toolName', 'flat', 'lk.function_tool.name'],
    ['toolCallId', 'flat', 'lk.function_tool.id'],
    ['toolArguments', 'flat', 'lk.pii.function_tool.arguments lk.function_tool.arguments'],
    ['toolResult', 'flat', 'lk.pii.function_tool.output lk.function_tool.output'],
    ['input', 'copy', 'lk.pii.user_input lk.pii.input_text lk.user_input lk.input_text'],
    ['output', 'hint', 'lk.pii.response.text lk.response.text'],
  ],
};

export const pipecat: Producer = {
  name: 'pipecat',
  rows: [['secondsToFirst', 'copy', 'metrics.ttfb']],
};

export const llamaIndex: Producer = {
  name: 'llama-index',
  rows: [
    ['toolName', 'copy', 'llamaindex.step.input_summary#tool_name'],
    ['toolCallId', 'copy', 'llamaindex.step.input_summary#tool_id'],
    ['toolArguments', 'own', 'llamaindex.step.input_summary#tool_kwargs'],
  ],
};

export const semanticKernel: Producer = {
  name: 'semantic-kernel',
  rows: [['toolName', 'copy', 'semantic_kernel.function.invocation.name']],
};

/** Anthropic's client and agent, GitHub's Copilot, OpenAI's Codex, MCP. */
export const clients: Producer = {
  name: 'clients',
  rows: [
    ['kind', 'hint', 'sdk_span_type'],
    ['finishReasons', 'flat', 'anthropic.message.stop_reason stop_reason finish_reason'],
    ['millisToFirst', 'flat', 'copilot_chat.time_to_first_token ttft_ms'],
    ['millisToFirst', 'copy', 'llm.latency.time_to_first_token_ms'],
    ['toolResult', 'copy', 'anthropic.tool_result.content'],
    ['toolName', 'copy', 'mcp.tool.name mcp_data#name'],
    ['responseId', 'copy', 'openai.response.id'],
    ['usage', 'copy', 'codex.usage.'],
  ],
};

export const otherProducts: Producer = {
  name: 'other-products',
  rows: [
    ['kind', 'hint', 'span.type patronus.span_type ml_app.kind ddapm.kind meta.kind'],
    ['request', 'hint', 'weave.inputs #meta.input'],
    ['response', 'hint', 'weave.output #meta.output'],
    ['toolArguments', 'hint', 'weave.inputs #meta.input'],
    ['toolResult', 'hint', 'weave.output #meta.output'],
    ['input', 'hint', 'weave.inputs #meta.input workflow.input'],
    ['output', 'hint', 'weave.output #meta.output'],
  ],
};
