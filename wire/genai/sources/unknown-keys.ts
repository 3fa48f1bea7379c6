/** Keys that nobody has listed: their last words say what the value is. The lowest rank of all. */
import type { Slot } from './producer.ts';

const WORDS: readonly (readonly [RegExp, readonly Slot[]])[] = /* @__PURE__ */ (
  [
    [
      'inputs? request prompts? messages request_body body input_(data|json|value|messages)',
      'request input toolArguments',
    ],
    ['arguments args parameters', 'toolArguments'],
    [
      'outputs? response completions? answer result response_body generation replies output_(data|json|value|messages)',
      'response output toolResult',
    ],
    ['(span|observation|event|run|operation)_(kind|type) subtype', 'kind'],
    ['model model_name model_id', 'modelAsked'],
    ['usage token_usage usage_details usage_metadata tokens', 'usage'],
    ['provider', 'provider'],
    ['(tool|function)(_invocation)?_name', 'toolName'],
    ['(tool_)?call_id', 'toolCallId'],
    ['(session|conversation)_id', 'session'],
    ['user_id', 'user'],
    ['finish_reasons?', 'finishReasons'],
  ] as const
).map(([words, slots]) => [
  new RegExp(`(?:^|_)(?:${words.replaceAll(' ', '|')})$`),
  slots.split(' ') as Slot[],
]);

/** Conventions for other things than models, whose words mean something else. */
const ELSEWHERE =
  /^(code|thread|http|url|server|network|net|db|rpc|process|host|os|k8s|cloud|container|telemetry|service|faas|messaging|exception|error|user_agent|peer|client|otel|aws|logfire)\./;

const MAX_LENGTH = 100;

/** The values that an unknown key may hold; empty for most keys. */
export function slotsOfWords(key: string): readonly Slot[] {
  if (key.length > MAX_LENGTH || ELSEWHERE.test(key) || /\.\d/.test(key)) return [];
  const words = key
    .replace(/([a-z])([A-Z])/g, '$1_$2')
    .toLowerCase()
    .replace(/[._:\-/ ]+/g, '_');
  return WORDS.find(([form]) => form.test(words))?.[1] ?? [];
}
