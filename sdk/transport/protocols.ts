/**
 * The protocols of model providers as data: the end of a request's path, and what is spoken there. The
 * host plays no part, because gateways and other providers serve the same protocols.
 */
import type { ProviderPackage } from '../config/provider-packages.ts';
import { type Fields, hasFields, isText, textOf } from '../platform/values.ts';

export type OperationName =
  | 'chat'
  | 'text_completion'
  | 'embeddings'
  | 'generate_content'
  | 'image_generation'
  | 'video_generation'
  | 'speech'
  | 'transcription'
  | 'translation'
  | 'moderation'
  | 'rerank'
  | 'batch';

export interface Protocol {
  /** Matches the end of the path of a request. */
  readonly path: RegExp;
  /** `gen_ai.operation.name` */
  readonly operation: OperationName;
  /** `gen_ai.provider.name` for hosts that are not known. */
  readonly provider: string;
  /** The name by which `autoInstrument` selects it; null for those that only `true` selects. */
  readonly package: ProviderPackage | null;
  /**
   * Whether no other API has such a path. On a `shared` one, a request is recorded only when its
   * response is that of a model.
   */
  readonly isOwn: boolean;
  /** Whether a stream has usage only if the request asks for it. */
  readonly omitsUsage?: true;
  /** Returns the response of an earlier request; it is recorded only when that is complete. */
  readonly isLookup?: true;
  /** Whether a request need not name a model. */
  readonly hasDefaultModel?: true;
}

const own = (
  path: RegExp,
  operation: Protocol['operation'],
  provider: string,
  name: ProviderPackage | null,
): Protocol => ({ path, operation, provider, package: name, isOwn: true });
const shared = (
  path: RegExp,
  operation: Protocol['operation'],
  provider: string,
  name: ProviderPackage | null,
): Protocol => ({ ...own(path, operation, provider, name), isOwn: false });

const lookup = (...row: Parameters<typeof own>): Protocol => ({
  ...shared(...row),
  isLookup: true,
});
/** The model may be the default of the server, or that of each request of a batch. */
const unnamed = (protocol: Protocol): Protocol => ({ ...protocol, hasDefaultModel: true });

/** The first row that matches a path is its protocol. */
const PROTOCOLS: readonly Protocol[] = /* @__PURE__ */ [
  // OpenAI, Azure (`/openai/deployments/{deployment}/…`), and the many servers that speak the same.
  { ...own(/\/chat\/completions$/, 'chat', 'openai', 'openai'), omitsUsage: true },
  own(/\/responses$/, 'chat', 'openai', 'openai'),
  own(/\/embeddings$/, 'embeddings', 'openai', 'openai'),
  { ...own(/\/completions$/, 'text_completion', 'openai', 'openai'), omitsUsage: true },
  own(/\/messages$/, 'chat', 'anthropic', '@anthropic-ai/sdk'),
  own(/\/complete$/, 'text_completion', 'anthropic', '@anthropic-ai/sdk'),
  own(/:(streamG|g)enerateContent$/, 'generate_content', 'gcp.gemini', '@google/genai'),
  own(/:(batchE|e)mbedContents?$/, 'embeddings', 'gcp.gemini', '@google/genai'),
  // Models of other providers on Vertex AI and Bedrock, in the protocol of their provider.
  own(/:(streamR|r)awPredict$/, 'chat', 'gcp.vertex_ai', '@anthropic-ai/sdk'),
  own(
    /\/model\/[^/]+\/invoke(-with-response-stream)?$/,
    'chat',
    'aws.bedrock',
    '@anthropic-ai/sdk',
  ),
  own(/\/model\/[^/]+\/converse(-stream)?$/, 'chat', 'aws.bedrock', null),
  // Ollama and Cohere. Applications have routes of the same names.
  shared(/\/api\/chat$/, 'chat', 'ollama', null),
  shared(/\/api\/generate$/, 'text_completion', 'ollama', null),
  shared(/\/api\/embed(dings)?$/, 'embeddings', 'ollama', null),
  shared(/\/v[12]\/chat$/, 'chat', 'cohere', null),
  shared(/\/v[12]\/embed$/, 'embeddings', 'cohere', null),
  // Images, speech, moderation: OpenAI and the servers that speak the same.
  unnamed(own(/\/images\/(generations|edits|variations)$/, 'image_generation', 'openai', 'openai')),
  unnamed(own(/\/audio\/speech$/, 'speech', 'openai', 'openai')),
  unnamed(own(/\/audio\/transcriptions$/, 'transcription', 'openai', 'openai')),
  unnamed(own(/\/audio\/translations$/, 'translation', 'openai', 'openai')),
  unnamed(shared(/\/moderations$/, 'moderation', 'openai', 'openai')),
  unnamed(shared(/\/messages\/batches$/, 'batch', 'anthropic', '@anthropic-ai/sdk')),
  unnamed(shared(/\/batches$/, 'batch', 'openai', 'openai')),
  shared(/:predict$/, 'image_generation', 'gcp.gemini', '@google/genai'),
  own(/:predictLongRunning$/, 'video_generation', 'gcp.gemini', '@google/genai'),
  shared(/:batchGenerateContent$/, 'batch', 'gcp.gemini', '@google/genai'),
  // Cohere, Jina, Voyage.
  shared(/\/rerank$/, 'rerank', 'cohere', null),
];

/** `GET` of what an earlier request began: a response in the background, or a batch. */
const LOOKUPS: readonly Protocol[] = /* @__PURE__ */ [
  lookup(/\/responses\/resp_[^/]+$/, 'chat', 'openai', 'openai'),
  lookup(/\/messages\/batches\/[^/]+\/results$/, 'batch', 'anthropic', '@anthropic-ai/sdk'),
  lookup(/\/batches\/batch_[^/]+$/, 'batch', 'openai', 'openai'),
];

/** The protocol of a method and a path without its query; undefined when it is that of no provider. */
export const protocolOf = (method: string, path: string): Protocol | undefined =>
  (method === 'POST' ? PROTOCOLS : method === 'GET' ? LOOKUPS : []).find((protocol) =>
    protocol.path.test(path),
  );

/** Whether a failed request, whose body nobody saw, can only be one to a model. */
export const isCertain = ({ isOwn, operation, path }: Protocol): boolean =>
  isOwn && (operation === 'generate_content' || path.source.includes('chat'));

/** The model that a request names in its path, as Azure, Google and Bedrock have it. */
const modelIn = (path: string): string | null => {
  const found = /\/(?:models|deployments|model)\/([^/:]+)/.exec(path)?.[1];
  try {
    return found ? decodeURIComponent(found) : null;
  } catch {
    return found ?? null;
  }
};

export const modelOf = (path: string, body: Fields | undefined): string | null =>
  textOf(body?.model) ?? modelIn(path);

/** Fields that hold what a model is asked; each protocol has one of them. */
const QUESTIONS = [
  'messages',
  'message',
  'input',
  'inputText',
  'inputs',
  'contents',
  'content',
  'prompt',
  'requests',
  'texts',
  'previous_response_id',
  'conversation',
  'file',
  'image',
  'instances',
  'query',
  'input_file_id',
  'batch',
];

/** Whether a body asks a model: other APIs have paths of the same names. */
export function asksModel({ hasDefaultModel }: Protocol, path: string, body: Fields): boolean {
  const hasModel =
    hasDefaultModel || isText(body.model) || modelIn(path) !== null || hasFields(body.prompt);
  return hasModel && QUESTIONS.some((name) => body[name] != null);
}
