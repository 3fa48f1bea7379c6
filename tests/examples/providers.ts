/** Mock providers for the examples, which find them by environment variables. */
import { createServer } from 'node:http2';
import type { AddressInfo } from 'node:net';
import { ProviderServer } from '../sdk/support/provider-server.ts';

export interface Providers {
  /** The environment that makes the clients call the mock providers. */
  env: Record<string, string>;
  close(): Promise<void>;
}

const CONVERSE = {
  output: { message: { role: 'assistant', content: [{ text: 'It is 27 °C.' }] } },
  stopReason: 'end_turn',
  usage: { inputTokens: 11, outputTokens: 7, totalTokens: 18 },
  metrics: { latencyMs: 1 },
};

export async function startProviders(): Promise<Providers> {
  const providers = await new ProviderServer().open();
  // Bedrock's client speaks HTTP/2.
  const bedrock = createServer((request, response) => {
    request.resume().on('end', () => {
      const isConverse = /^\/model\/[^/]+\/converse$/.test(request.url ?? '');
      response.writeHead(isConverse ? 200 : 404, { 'content-type': 'application/json' });
      response.end(JSON.stringify(isConverse ? CONVERSE : {}));
    });
  });
  await new Promise<void>((resolve) => {
    bedrock.listen(0, '127.0.0.1', resolve);
  });
  return {
    env: {
      OPENAI_API_KEY: 'k',
      OPENAI_BASE_URL: `${providers.url}/v1`,
      ANTHROPIC_API_KEY: 'k',
      ANTHROPIC_BASE_URL: providers.url,
      GEMINI_API_KEY: 'k',
      GOOGLE_GEMINI_BASE_URL: providers.url,
      AWS_REGION: 'eu-central-1',
      AWS_ACCESS_KEY_ID: 'k',
      AWS_SECRET_ACCESS_KEY: 's',
      AWS_ENDPOINT_URL_BEDROCK_RUNTIME: `http://127.0.0.1:${(bedrock.address() as AddressInfo).port}`,
    },
    close: async () => {
      bedrock.close();
      await providers.close();
    },
  };
}
