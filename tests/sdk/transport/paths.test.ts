/** The paths by which requests to models are known. */
import { describe, expect, it } from 'vitest';
import { protocolOf } from '../../../sdk/transport/protocols.ts';

describe('a path', () => {
  it.each([
    ['/v1/chat/completions', 'openai', 'chat'],
    ['/openai/deployments/gpt/chat/completions', 'openai', 'chat'],
    ['/v1/responses', 'openai', 'chat'],
    ['/v1/completions', 'openai', 'text_completion'],
    ['/v1/embeddings', 'openai', 'embeddings'],
    ['/v1/messages', 'anthropic', 'chat'],
    ['/v1beta/models/g:generateContent', 'gcp.gemini', 'generate_content'],
    [
      '/v1beta1/projects/p/locations/l/publishers/google/models/g:streamGenerateContent',
      'gcp.gemini',
      'generate_content',
    ],
    ['/v1beta/models/g:batchEmbedContents', 'gcp.gemini', 'embeddings'],
    [
      '/v1/projects/p/locations/l/publishers/anthropic/models/c:streamRawPredict',
      'gcp.vertex_ai',
      'chat',
    ],
    ['/model/anthropic.claude-v1%3A0/invoke-with-response-stream', 'aws.bedrock', 'chat'],
    ['/model/amazon.nova/converse', 'aws.bedrock', 'chat'],
    ['/api/chat', 'ollama', 'chat'],
    ['/v2/chat', 'cohere', 'chat'],
    ['/v1/images/generations', 'openai', 'image_generation'],
    ['/openai/deployments/gpt-image-1/images/edits', 'openai', 'image_generation'],
    ['/v1/audio/speech', 'openai', 'speech'],
    ['/v1/audio/transcriptions', 'openai', 'transcription'],
    ['/v1/audio/translations', 'openai', 'translation'],
    ['/v1/moderations', 'openai', 'moderation'],
    ['/v1/batches', 'openai', 'batch'],
    ['/v1/messages/batches', 'anthropic', 'batch'],
    ['/v1beta/models/imagen:predict', 'gcp.gemini', 'image_generation'],
    ['/v1beta/models/veo:predictLongRunning', 'gcp.gemini', 'video_generation'],
    ['/v1beta/models/g:batchGenerateContent', 'gcp.gemini', 'batch'],
    ['/v2/rerank', 'cohere', 'rerank'],
  ])('%s is of %s', (path, by, operation) => {
    expect(protocolOf('POST', path)).toMatchObject({ provider: by, operation });
  });

  it.each([
    '/v1/models',
    '/chat',
    '/v1/files',
    '/v1/messages/count_tokens',
    '/v1beta/models/g:countTokens',
    '/v1/batches/batch_1/cancel',
  ])('%s is of none', (path) => {
    expect(protocolOf('POST', path)).toBeUndefined();
  });

  it.each([
    ['GET', '/v1/responses/resp_1', true],
    ['GET', '/openai/v1/responses/resp_1', true],
    ['GET', '/v1/responses/resp_1/input_items', false],
    ['GET', '/v1/responses', false],
    ['GET', '/forms/1/responses/2', false],
    ['GET', '/v1/chat/completions', false],
    ['GET', '/v1/batches/batch_1', true],
    ['GET', '/v1/messages/batches/msgbatch_1/results', true],
    ['GET', '/v1/messages/batches/msgbatch_1', false],
    ['DELETE', '/v1/responses/resp_1', false],
    ['POST', '/v1/responses/resp_1/cancel', false],
  ])('%s %s is a lookup of a response: %s', (method, path, isLookup) => {
    expect(protocolOf(method, path)?.isLookup === true).toBe(isLookup);
  });
});
