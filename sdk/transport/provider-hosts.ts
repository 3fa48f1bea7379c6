/** Detects the provider by its host, because many providers serve OpenAI's or Anthropic's protocol. */

/** Suffixes of host names, and `gen_ai.provider.name` of OpenTelemetry's GenAI conventions. */
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

/** The server that receives a client's requests. */
export interface Server {
  readonly provider: string;
  /** Null when the base URL is unknown. */
  readonly host: string | null;
  readonly port: number | null;
}

/** The server of a base URL; `fallback` is the provider of the client. */
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
