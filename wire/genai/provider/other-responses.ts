/** Responses of servers with forms of their own, and those that are no chat. */

import { isList } from '../../json.ts';
import type { JsonObject, JsonValue } from '../../records.ts';
import { isObject } from '../../values.ts';
import { answer, choiceOf, type ReadForm } from './response-form.ts';

/** Ollama: `{model, message | response, done, done_reason, prompt_eval_count, eval_count}` */
const readOllama: ReadForm = (body) => {
  const said = isObject(body.message) ? body.message : body.response;
  const isSaid = isObject(said) || typeof said === 'string';
  if (typeof body.done !== 'boolean' || typeof body.model !== 'string' || !isSaid) return null;
  return answer({ ...body, usage: body }, choiceOf(said, body.done_reason));
};

/** Cohere: version 2, `{id, message, finish_reason, usage}`, and 1, `{generation_id, text, meta}`. */
const readCohere: ReadForm = (body) => {
  const { message, generation_id, text, tool_calls, finish_reason, usage, meta } = body;
  const isSecond =
    isObject(message) && typeof finish_reason === 'string' && typeof body.id === 'string';
  if (!isSecond && typeof generation_id !== 'string') return null;
  const said = isSecond ? message : { content: text ?? null, tool_calls: tool_calls ?? null };
  const id = body.id ?? body.response_id ?? generation_id ?? null;
  return answer({ ...body, id, usage: usage ?? meta ?? null }, choiceOf(said, finish_reason));
};

/**
 * Embeddings of OpenAI, `{object: 'list', data: [{embedding}], model, usage}`, of Google,
 * `{embeddings: [{values, statistics: {tokenCount}}]}`, of the Vercel AI SDK, `{embeddings: [[…]], usage:
 * {tokens}}`, of Ollama, and of Amazon, `{embedding: […], inputTextTokenCount}`. The vectors are not
 * recorded.
 */
const readEmbeddings: ReadForm = (body) => {
  const { data, embeddings, embedding, usage, meta } = body;
  const list = data ?? embeddings ?? embedding;
  const first = isList(list) ? list[0] : list;
  const isListed = isObject(first) && ('embedding' in first || 'values' in first);
  // A list of numbers alone may be anything.
  const isVector = typeof (isList(first) ? first[0] : first) === 'number';
  const isCounted =
    (isObject(usage) && 'tokens' in usage) ||
    'inputTextTokenCount' in body ||
    'prompt_eval_count' in body;
  if (!isListed && !(isVector && (isCounted || isObject(meta)))) return null;
  const counts = usage ?? meta ?? (isListed && isList(list) ? sumOfTokens(list) : body);
  const found = answer({ ...body, usage: counts }, []);
  if (found.usage !== null) found.usage.total ??= found.usage.prompt;
  return { ...found, kind: 'embedding' };
};

function sumOfTokens(list: readonly JsonValue[]): JsonObject {
  const counts = list.map((item) => {
    const { tokenCount } = isObject(item) && isObject(item.statistics) ? item.statistics : {};
    return typeof tokenCount === 'number' ? tokenCount : 0;
  });
  return { prompt_tokens: counts.reduce((sum, count) => sum + count, 0) || null };
}

/** Images of OpenAI, `{created, data: [{b64_json | url}], usage}`, and of Google, `{generatedImages}`. */
const readImages: ReadForm = (body, place) => {
  const { created, data, generatedImages, object } = body;
  const list = generatedImages ?? data;
  const first = isList(list) ? list[0] : undefined;
  if (!isList(list) || !isObject(first) || !(first.b64_json ?? first.url ?? first.image))
    return null;
  const isSure = typeof created === 'number' || object === 'image' || generatedImages !== undefined;
  if (!isSure && place !== 'result of a call') return null;
  const content = list.filter(isObject).map((image) => ({ ...image, type: 'image' }));
  return answer(body, choiceOf({ content }, null));
};

/** Transcriptions, `{text, usage: {type: 'tokens' | 'duration'}}`, and speech, whose bytes are not read. */
const readTranscription: ReadForm = (body, place) => {
  const { text, usage, type, duration, media_type, bytes } = body;
  if (type === 'speech') {
    const data = bytes === undefined ? {} : { data: { byteLength: bytes } };
    const content = [{ type: 'audio', media_type: media_type ?? null, ...data }];
    return answer(body, choiceOf({ content }, null));
  }
  const kind = isObject(usage) ? usage.type : undefined;
  const isSure = type === 'transcript' || kind === 'tokens' || kind === 'duration';
  const isDeclared = place === 'result of a call' && duration !== undefined;
  if (typeof text !== 'string' || !(isSure || isDeclared)) return null;
  return answer(body, choiceOf(text, null));
};

/** Moderations: `{id, model, results: [{flagged, categories, category_scores}]}`. */
const readModeration: ReadForm = (body) => {
  const { results } = body;
  const first = isList(results) ? results[0] : undefined;
  if (!isList(results) || !isObject(first)) return null;
  if (typeof first.flagged !== 'boolean' || !isObject(first.categories)) return null;
  const content = results.filter(isObject).map(({ flagged, categories }) => ({
    type: 'moderation',
    flagged: flagged ?? null,
    categories: categories ?? null,
  }));
  return answer(body, choiceOf({ content }, null));
};

/** A batch, `{object: 'batch', status, usage}`: its usage is known when it is completed. */
const readBatch: ReadForm = (body) => {
  const { object, type, status, processing_status, usage, request_counts, id } = body;
  const isBatch = object === 'batch' || type === 'message_batch';
  if (!isBatch || typeof id !== 'string') return null;
  const state = status ?? processing_status ?? null;
  const attributes = {
    'gen_ai.response.id': id,
    'gen_ai.batch.status': state,
    'gen_ai.batch.request_counts': request_counts ?? null,
  };
  const isDone = state === 'completed' && isObject(usage);
  const choices = isDone ? choiceOf({}, state) : [];
  return { ...answer(body, choices), attributes, isPending: !isDone };
};

/** Every such body has one of these. */
const INVOKED = [
  'stop_reason',
  'finish_reason',
  'completionReason',
  'tokenCount',
  'generation_token_count',
  'inputTextTokenCount',
] as const;

/** Bodies of models of Amazon Bedrock: Llama, Titan, Mistral, Cohere. */
const readInvoked: ReadForm = (body) => {
  const { generation, stop_reason, results, outputs, outputText, completionReason, generations } =
    body;
  const list = [results, outputs, generations].find(isList);
  const first = list !== undefined && isObject(list[0]) ? list[0] : {};
  const isAlone = 'stop_reason' in first || (list === generations && 'finish_reason' in first);
  const said = generation ?? outputText ?? first.outputText ?? (isAlone ? first.text : undefined);
  const isCounted = INVOKED.some((key) => key in body || key in first);
  if (typeof said !== 'string' || !isCounted) return null;
  const reason = stop_reason ?? completionReason ?? first.completionReason;
  return answer(
    {
      ...body,
      usage: { ...body, tokenCount: first.tokenCount ?? body.totalOutputTextTokenCount ?? null },
    },
    choiceOf(said, reason ?? first.stop_reason ?? first.finish_reason),
  );
};

export const OTHER_FORMS: readonly ReadForm[] = [
  readOllama,
  readCohere,
  readEmbeddings,
  readImages,
  readTranscription,
  readModeration,
  readBatch,
  readInvoked,
];
