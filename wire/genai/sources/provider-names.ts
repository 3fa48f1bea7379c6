/** Names of providers, as the table of prices has them. */

/** What the Vercel AI SDK and Mastra append to the name of the provider. */
const CLIENT_KINDS = /* @__PURE__ */ new Set(
  'chat responses completion embedding messages image speech transcription generative-ai'.split(
    ' ',
  ),
);

/** `OpenAI` and `openai.chat` are the same provider; `gcp.gen_ai` and `aws.bedrock` are names. */
export function providerName(value: string | null): string | null {
  if (value === null) return null;
  const name = value.toLowerCase();
  const dot = name.indexOf('.');
  if (dot < 0) return name;
  const [vendor = name, product = ''] = name.split('.', 2);
  return CLIENT_KINDS.has(product) ? vendor : name;
}
