/**
 * Replies of Ollama, Cohere, and of Google's embeddings as they are on the wire, in the shapes that
 * `sdk/llm` reads. Other replies are passed on as they are.
 */
import { type Fields, fieldOf, hasFields, isList, isText } from '../platform/values.ts';

/** A whole reply, or an item of a stream; undefined for an item that adds nothing to the reply. */
export function fromWire(value: Fields): Fields | undefined {
  const { done, embedding, embeddings, generation_id, finish_reason, message } = value;
  if (typeof done === 'boolean') return fromOllama(value);
  if (hasFields(embedding)) return { ...value, embeddings: [embedding] };
  if (isList(embeddings) && isList(embeddings[0])) {
    // The vectors are not recorded.
    const { prompt_eval_count: tokens, model } = value;
    return {
      model,
      embeddings: [{ values: true }],
      usage: { prompt_tokens: tokens ?? billed(value) },
    };
  }
  const isCohere = isText(generation_id) || (isText(finish_reason) && hasFields(message));
  return isCohere ? fromCohere(value) : fromCohereEvent(value);
}

/** `{model, message | response, done, done_reason, prompt_eval_count, eval_count}` */
function fromOllama(value: Fields): Fields {
  const { model, message, response, done_reason, prompt_eval_count, eval_count } = value;
  const said = hasFields(message) ? message : { role: 'assistant', content: response };
  const [input, output] = [Number(prompt_eval_count), Number(eval_count)];
  const usage = { prompt_tokens: input || null, completion_tokens: output || null };
  return {
    model,
    choices: [{ index: 0, delta: said, finish_reason: done_reason }],
    ...(value.done ? { usage: { ...usage, total_tokens: input + output || null } } : {}),
  };
}

/** Version 2, `{id, message, finish_reason, usage}`, and 1, `{generation_id, text, meta}`. */
function fromCohere(value: Fields): Fields {
  const { id, generation_id, message, text, tool_calls, finish_reason } = value;
  const said = message ?? { role: 'assistant', content: text, tool_calls };
  return {
    id: id ?? generation_id,
    model: value.model,
    choices: [{ index: 0, message: said, finish_reason }],
    usage: tokensOf(value.usage ?? value.meta),
  };
}

/** An event of version 2: `{type: 'content-delta', delta: {message: {content: {text}}}}`. */
function fromCohereEvent(value: Fields): Fields | undefined {
  const { type, delta, id } = value;
  if (!isText(type) || !/^(message|content|tool)-/.test(type)) return value;
  const message = fieldOf(delta, 'message');
  const text = fieldOf(fieldOf(message, 'content'), 'text');
  const called = fieldOf(message, 'tool_calls');
  return {
    id,
    choices: [
      {
        index: 0,
        delta: {
          role: 'assistant',
          ...(isText(text) ? { content: text } : {}),
          ...(hasFields(called) ? { tool_calls: [{ ...called, index: value.index ?? 0 }] } : {}),
        },
        finish_reason: fieldOf(delta, 'finish_reason'),
      },
    ],
    ...(type === 'message-end' ? { usage: tokensOf(fieldOf(delta, 'usage')) } : {}),
  };
}

/** `{tokens: {input_tokens, output_tokens}}` */
const tokensOf = (usage: unknown): unknown => fieldOf(usage, 'tokens');

const billed = (value: Fields): unknown =>
  fieldOf(fieldOf(value.meta, 'billed_units'), 'input_tokens');
