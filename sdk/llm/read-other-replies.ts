/** Shapes of replies that are no chat: embeddings, images, transcriptions, moderations, batches, models of Bedrock. */

import { type Fields, fieldOf, hasFields, isList, isText } from '../platform/values.ts';
import { readCompletion } from './messages.ts';
import { type ReadShape, replyOf } from './reply.ts';

/**
 * Embeddings of OpenAI, `{object: 'list', data: [{embedding}], model, usage}`, of Google,
 * `{embeddings: [{values, statistics: {tokenCount}}]}`, of the Vercel AI SDK, `{embeddings: [[…]], usage:
 * {tokens}}`, and of Amazon, `{embedding: […], inputTextTokenCount}`. The vectors are not recorded.
 */
const readEmbeddings: ReadShape = (result, hints) => {
  const { data, embeddings, embedding, usage } = result;
  const list = data ?? embeddings;
  const first = isList(list) ? list[0] : undefined;
  const isListed = !!fieldOf(first, 'embedding') || !!fieldOf(first, 'values');
  // A list of numbers alone may be anything.
  const vector = isList(first) ? first : embedding;
  const isCounted = fieldOf(usage, 'tokens') ?? result.inputTextTokenCount;
  if (!isListed && !(isVector(vector) && isCounted !== undefined)) return undefined;
  const completion = readCompletion({}, null, result, hints);
  completion.role = null;
  const counts = usage ?? (isListed ? sumOfTokens(list as unknown[]) : result);
  return replyOf([completion], counts, null, 'embedding');
};

const isVector = (value: unknown): boolean => isList(value) && typeof value[0] === 'number';

function sumOfTokens(list: readonly unknown[]): Fields | undefined {
  const counts = list.map((item) => fieldOf(fieldOf(item, 'statistics'), 'tokenCount'));
  const known = counts.filter((count): count is number => typeof count === 'number');
  if (known.length === 0) return undefined;
  return { prompt_tokens: known.reduce((sum, count) => sum + count, 0) };
}

/** Images of OpenAI, `{created, data: [{b64_json | url}], usage}`, and of Google, `{generatedImages}`. */
const readImages: ReadShape = (result, hints) => {
  const { created, data, generatedImages, usage, object } = result;
  const list = generatedImages ?? data;
  const [first] = isList(list) ? list : [];
  const isImage = fieldOf(first, 'b64_json') ?? fieldOf(first, 'url') ?? fieldOf(first, 'image');
  const isSure = typeof created === 'number' || object === 'image' || generatedImages !== undefined;
  if (!isImage || !(isSure || hints.isDeclared)) return undefined;
  const content = (list as unknown[]).map((image) => ({ type: 'image', ...(image as Fields) }));
  return replyOf([readCompletion({ content }, null, result, hints)], usage);
};

/** Transcriptions: `{text, usage: {type: 'tokens' | 'duration'}}`. */
const readTranscription: ReadShape = (result, hints) => {
  const { text, usage, type, duration } = result;
  if (type === 'speech') {
    const { media_type, bytes } = result;
    const content = [{ type: 'audio', media_type, bytes }];
    return replyOf([readCompletion({ content }, null, result, hints)], usage);
  }
  const isSure =
    type === 'transcript' || /^(tokens|duration)$/.test(String(fieldOf(usage, 'type')));
  if (!isText(text) || !(isSure || (hints.isDeclared && duration !== undefined))) return undefined;
  return replyOf([readCompletion({ content: text }, null, result, hints)], usage);
};

/** Moderations: `{id, model, results: [{flagged, categories, category_scores}]}`. */
const readModeration: ReadShape = (result, hints) => {
  const { results, usage } = result;
  const [first] = isList(results) ? results : [];
  if (typeof fieldOf(first, 'flagged') !== 'boolean' || !hasFields(fieldOf(first, 'categories'))) {
    return undefined;
  }
  const content = (results as Fields[]).map(({ flagged, categories }) => ({
    type: 'moderation',
    flagged,
    categories,
  }));
  return replyOf([readCompletion({ content }, null, result, hints)], usage);
};

/** A batch, `{object: 'batch', status, usage}`: its usage is known when it is completed. */
const readBatch: ReadShape = (result, hints) => {
  const { object, type, status, processing_status, usage, request_counts, id } = result;
  const isBatch = object === 'batch' || type === 'message_batch';
  if (!isBatch || !isText(id)) return undefined;
  const state = status ?? processing_status;
  const attributes = {
    'gen_ai.response.id': id,
    'gen_ai.batch.status': state,
    'gen_ai.batch.request_counts': request_counts,
  };
  const isDone = state === 'completed' && hasFields(usage);
  const completions = isDone ? [readCompletion({}, state, result, hints)] : [];
  return { ...replyOf(completions, usage), attributes };
};

/** Bodies of models of Amazon Bedrock: Llama, Titan, Mistral. */
const readInvoked: ReadShape = (result, hints) => {
  const { generation, stop_reason, results, outputs, outputText, completionReason } = result;
  const [first] = isList(results) ? results : isList(outputs) ? outputs : [];
  const said = generation ?? outputText ?? fieldOf(first, 'outputText');
  const isMistral = isText(fieldOf(first, 'text')) && 'stop_reason' in (first as Fields);
  if (!isText(said) && !isMistral) return undefined;
  const reason = stop_reason ?? completionReason ?? fieldOf(first, 'completionReason');
  const content = isText(said) ? said : fieldOf(first, 'text');
  const completion = readCompletion(
    { content },
    reason ?? fieldOf(first, 'stop_reason'),
    result,
    hints,
  );
  const written = fieldOf(first, 'tokenCount') ?? result.totalOutputTextTokenCount;
  return replyOf([completion], written === undefined ? result : { ...result, tokenCount: written });
};

export const OTHER_SHAPES: readonly ReadShape[] = [
  readEmbeddings,
  readImages,
  readTranscription,
  readModeration,
  readBatch,
  readInvoked,
];
