/**
 * Items of the streams of Ollama and Cohere as pieces of a chat completion, which `sdk/llm` accumulates.
 * Items of other streams are passed on as they are.
 */
import { type Fields, fieldOf, hasFields, isText } from '../platform/values.ts';

/** An item of a stream. */
export const fromWire = (item: Fields): Fields =>
  typeof item.done === 'boolean' ? fromOllama(item) : fromCohere(item);

/** `{model, message | response, done, done_reason, prompt_eval_count, eval_count}` */
function fromOllama(item: Fields): Fields {
  const { model, message, response, done_reason, done } = item;
  const delta = hasFields(message) ? message : { role: 'assistant', content: response };
  return {
    model,
    choices: [{ index: 0, delta, finish_reason: done_reason }],
    ...(done ? { usage: countsOf(item) } : {}),
  };
}

const countsOf = ({ prompt_eval_count, eval_count }: Fields): Fields => ({
  prompt_eval_count,
  eval_count,
});

/** An event of version 2: `{type: 'content-delta', delta: {message: {content: {text}}}}`. */
function fromCohere(item: Fields): Fields {
  const { type, delta, id } = item;
  if (!isText(type) || !/^(message|content|tool)-/.test(type)) return item;
  const message = fieldOf(delta, 'message');
  const text = fieldOf(fieldOf(message, 'content'), 'text');
  const plan = fieldOf(message, 'tool_plan');
  const called = fieldOf(message, 'tool_calls');
  return {
    id,
    choices: [
      {
        index: 0,
        delta: {
          role: 'assistant',
          ...(isText(text) ? { content: text } : {}),
          ...(isText(plan) ? { reasoning_content: plan } : {}),
          ...(hasFields(called) ? { tool_calls: [{ ...called, index: item.index ?? 0 }] } : {}),
        },
        finish_reason: fieldOf(delta, 'finish_reason'),
      },
    ],
    ...(type === 'message-end' ? { usage: fieldOf(delta, 'usage') } : {}),
  };
}
