/**
 * Answers that say what they are only by the path of their request: texts and bytes of speech, predictions of
 * Google, operations that take long. They are passed on in the shapes that `sdk/llm` reads.
 */
import { type Fields, fieldOf, hasFields, isList, isText } from '../platform/values.ts';
import type { OperationName } from './protocols.ts';

/** The answer of a request, in a shape that tells its kind. */
export function asReply(operation: OperationName, result: Fields): Fields {
  const isMedia = result.type === 'media';
  switch (operation) {
    case 'speech':
      return isMedia ? { ...result, type: 'speech' } : result;
    case 'transcription':
    case 'translation':
      return isText(result.text) ? { ...result, type: 'transcript' } : result;
    case 'image_generation':
      return isMedia ? { generatedImages: [{ ...result, image: true }] } : predictionsOf(result);
    case 'batch':
      return isText(result.name) ? operationOf(result) : result;
    default:
      return result;
  }
}

/** `{predictions: [{bytesBase64Encoded, mimeType}]}`; on Vertex AI also of embeddings. */
function predictionsOf(result: Fields): Fields {
  const { predictions } = result;
  if (!isList(predictions) || predictions.length === 0) return result;
  const embeddings = predictions.map((one) => fieldOf(one, 'embeddings')).filter(hasFields);
  if (embeddings.length > 0) {
    const counts = embeddings.map((one) => Number(fieldOf(one.statistics, 'token_count')));
    const prompt_tokens = counts.reduce((sum, count) => sum + count, 0);
    return { embeddings: [{ values: true }], usage: { prompt_tokens } };
  }
  const images = predictions.filter((one) => isText(fieldOf(one, 'bytesBase64Encoded')));
  return images.length > 0 ? { generatedImages: images.map((image) => ({ image })) } : result;
}

/** An operation of Google: `{name, metadata: {state}}`. */
function operationOf({ name, metadata }: Fields): Fields {
  return { object: 'batch', id: name, status: fieldOf(metadata, 'state') };
}

/** The places of documents in the order of their relevance: of Cohere, Jina and Voyage. */
export function rankingIn({ results, data }: Fields): unknown[] | undefined {
  const list = results ?? data;
  if (!isList(list) || typeof fieldOf(list[0], 'relevance_score') !== 'number') return undefined;
  return list;
}
