import type { Producer } from './producer.ts';

/** LiteLLM, its proxy and its exporters. */
export const liteLlm: Producer = {
  name: 'litellm',
  rows: [
    ['kind', 'hint', 'litellm.call_type'],
    ['provider', 'hint', 'litellm.provider.name'],
    ['usage', 'copy', 'metadata.usage_object metadata#usage_object'],
    ['session', 'copy', 'metadata#session_id'],
    ['session', 'hint', 'metadata#thread_id metadata#conversation_id'],
    [
      'user',
      'copy',
      'llm.user metadata.user_api_key_end_user_id metadata#user_id metadata.user_api_key_user_id',
    ],
  ],
};

/** Keys with the name of a provider in their middle (`llm.openai.messages`), and those of Langtrace. */
export const langtrace: Producer = {
  name: 'langtrace',
  rows: [
    ['kind', 'hint', 'langtrace.service.type'],
    ['modelAsked', 'flat', 'llm.model llm.model.name'],
    ['modelAnswered', 'flat', 'llm.openai.model'],
    ['provider', 'copy', 'langtrace.service.name'],
    ['responseId', 'flat', 'llm.openai.id'],
    ['prompts', 'flat', 'llm.openai.messages'],
    ['choices', 'flat', 'llm.choices llm.openai.choices'],
    ['usage', 'flat', 'llm.openai.usage'],
    ['user', 'hint', 'llm.openai.user'],
  ],
};

export const mlflow: Producer = {
  name: 'mlflow',
  prefixes: ['mlflow.'],
  jsonKeys: ['mlflow.'],
  rows: [
    ['kind', 'flat', 'mlflow.spanType'],
    ['modelAsked', 'flat', 'mlflow.llm.model'],
    ['provider', 'flat', 'mlflow.llm.provider'],
    ['request', 'body', 'mlflow.spanInputs'],
    ['response', 'body', 'mlflow.spanOutputs'],
    ['usage', 'flat', 'mlflow.chat.tokenUsage'],
    ['toolArguments', 'body', 'mlflow.spanInputs'],
    ['toolResult', 'body', 'mlflow.spanOutputs'],
    ['input', 'body', 'mlflow.spanInputs'],
    ['output', 'body', 'mlflow.spanOutputs'],
    ['session', 'own', 'mlflow.trace.session'],
    ['session', 'hint', 'mlflow.traceMetadata.session'],
    ['user', 'own', 'mlflow.trace.user'],
  ],
};

export const honeyHive: Producer = {
  name: 'honeyhive',
  prefixes: ['honeyhive'],
  rows: [
    ['kind', 'flat', 'honeyhive_event_type'],
    ['modelAsked', 'hint', 'honeyhive_config.model'],
    ['provider', 'hint', 'honeyhive_config.provider'],
    ['request', 'body', 'honeyhive_inputs. honeyhive_inputs'],
    ['response', 'body', 'honeyhive_outputs.'],
    ['usage', 'copy', 'honeyhive_metadata.'],
    ['toolArguments', 'body', 'honeyhive_inputs.'],
    ['toolResult', 'body', 'honeyhive_outputs.result honeyhive_outputs.'],
    ['input', 'body', 'honeyhive_inputs. honeyhive_inputs'],
    ['output', 'body', 'honeyhive_outputs.result honeyhive_outputs. honeyhive_outputs'],
    ['session', 'hint', 'honeyhive.session_id honeyhive_metadata.session_id'],
    ['user', 'hint', 'honeyhive_user_properties.user_id'],
  ],
};

export const braintrust: Producer = {
  name: 'braintrust',
  prefixes: ['braintrust.'],
  rows: [
    ['kind', 'flat', 'braintrust.span_attributes#type'],
    ['modelAsked', 'hint', 'braintrust.metadata#model'],
    ['prompts', 'copy', 'braintrust.input_json'],
    ['choices', 'copy', 'braintrust.output_json'],
    ['request', 'body', 'braintrust.input_json'],
    ['response', 'body', 'braintrust.output_json'],
    ['usage', 'copy', 'braintrust.metrics'],
    ['toolArguments', 'body', 'braintrust.input_json'],
    ['toolResult', 'body', 'braintrust.output_json'],
    ['input', 'body', 'braintrust.input_json'],
    ['output', 'body', 'braintrust.output_json'],
    ['session', 'hint', 'braintrust.metadata#session_id'],
    ['user', 'hint', 'braintrust.metadata#user_id'],
    ['tags', 'hint', 'braintrust.tags'],
  ],
};

export const agentOps: Producer = {
  name: 'agentops',
  prefixes: ['agentops.'],
  rows: [
    ['kind', 'flat', 'agentops.span.kind'],
    ['request', 'copy', 'agentops.entity.input'],
    ['response', 'copy', 'agentops.entity.output'],
    ['toolArguments', 'copy', 'agentops.tool.input agentops.entity.input agentops.task.input'],
    ['toolResult', 'copy', 'agentops.tool.output agentops.entity.output agentops.task.output'],
    ['input', 'copy', 'agentops.entity.input agentops.task.input'],
    ['output', 'copy', 'agentops.entity.output agentops.task.output'],
    ['tags', 'hint', 'agentops.tags'],
  ],
};
