/** Who serves a model: many serve OpenAI's or Anthropic's protocol, and their host tells which. */

/** Ends of host names, and the provider as OpenTelemetry's GenAI conventions write it. */
const HOSTS: readonly (readonly [end: string, provider: string])[] = [
  ['api.openai.com', 'openai'],
  ['openai.azure.com', 'azure.ai.openai'],
  ['cognitiveservices.azure.com', 'azure.ai.openai'],
  ['services.ai.azure.com', 'azure.ai.inference'],
  ['models.inference.ai.azure.com', 'azure.ai.inference'],
  ['api.anthropic.com', 'anthropic'],
  ['generativelanguage.googleapis.com', 'gcp.gemini'],
  ['aiplatform.googleapis.com', 'gcp.vertex_ai'],
  ['amazonaws.com', 'aws.bedrock'],
  ['api.groq.com', 'groq'],
  ['api.deepseek.com', 'deepseek'],
  ['api.mistral.ai', 'mistral_ai'],
  ['api.perplexity.ai', 'perplexity'],
  ['api.x.ai', 'x_ai'],
  ['api.cohere.ai', 'cohere'],
  ['api.cohere.com', 'cohere'],
  ['openrouter.ai', 'openrouter'],
  ['api.together.xyz', 'together_ai'],
  ['api.together.ai', 'together_ai'],
  ['api.fireworks.ai', 'fireworks_ai'],
  ['api.cerebras.ai', 'cerebras'],
  ['api.moonshot.ai', 'moonshot_ai'],
  ['dashscope.aliyuncs.com', 'alibaba_cloud'],
  ['huggingface.co', 'huggingface'],
];

/** Where a client sends its requests. */
export interface Server {
  readonly provider: string;
  /** Null when the client does not say. */
  readonly host: string | null;
  readonly port: number | null;
}

/** The server behind a base URL; `fallback` is the provider whose client it is. */
export function serverOf(baseUrl: unknown, fallback: string): Server {
  if (typeof baseUrl !== 'string' || !URL.canParse(baseUrl)) {
    return { provider: fallback, host: null, port: null };
  }
  const { hostname, port, protocol } = new URL(baseUrl);
  const known = HOSTS.find(([end]) => hostname === end || hostname.endsWith(`.${end}`));
  const isVertex = hostname.endsWith('-aiplatform.googleapis.com');
  const provider = isVertex ? 'gcp.vertex_ai' : (known?.[1] ?? fallback);
  return { provider, host: hostname, port: Number(port) || (protocol === 'http:' ? 80 : 443) };
}
