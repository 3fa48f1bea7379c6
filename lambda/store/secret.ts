/** The secret with the address and key of the database, read from Secrets Manager. */
import { AwsV4Signer } from 'aws4fetch';
import {
  type AwsAccess,
  ConfigError,
  readSupabaseAccess,
  type SupabaseAccess,
} from '../runtime/config.ts';
import { httpFetch } from './http-fetch.ts';

/** How long reading it may take. */
const TIMEOUT_MILLIS = 3_000;

/**
 * One signed request. An AWS client would do the same and take twice as long to load as everything
 * else in this function together.
 *
 * @throws ConfigError when the secret holds no address or key; Error when it cannot be read. Neither
 * message quotes anything that the secret holds.
 */
export async function readSecret(secretArn: string, aws: AwsAccess): Promise<SupabaseAccess> {
  const { region, accessKeyId, secretAccessKey, sessionToken, endpointUrl } = aws;
  const suffix = region.startsWith('cn-') ? 'amazonaws.com.cn' : 'amazonaws.com';
  const signer = new AwsV4Signer({
    url: endpointUrl || `https://secretsmanager.${region}.${suffix}/`,
    method: 'POST',
    headers: {
      'content-type': 'application/x-amz-json-1.1',
      'x-amz-target': 'secretsmanager.GetSecretValue',
    },
    body: JSON.stringify({ SecretId: secretArn }),
    accessKeyId,
    secretAccessKey,
    sessionToken,
    region,
    service: 'secretsmanager',
  });
  const { url, method, headers, body } = await signer.sign();
  const signal = AbortSignal.timeout(TIMEOUT_MILLIS);
  const response = await httpFetch(url, { method, headers, body: body as string, signal });
  if (!response.ok) throw new Error(`Secrets Manager answered ${response.status}.`);
  const { SecretString: text } = (await response.json()) as { SecretString?: string };
  return readSupabaseAccess(valuesIn(text), `entry of the secret ${secretArn}:`);
}

function valuesIn(text: string | undefined): Record<string, string | undefined> {
  try {
    const values: unknown = JSON.parse(text ?? '');
    if (typeof values === 'object' && values !== null) {
      const texts = Object.entries(values).filter(([, value]) => typeof value === 'string');
      return Object.fromEntries(texts);
    }
  } catch {
    // Below: an error of JSON.parse quotes what it could not read.
  }
  throw new ConfigError('The secret must be a JSON object: see docs/cloud-setup.md.');
}
