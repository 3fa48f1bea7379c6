/** The secret with URL and key of the database, read from Secrets Manager. */
import { AwsV4Signer } from 'aws4fetch';
import * as z from 'zod/mini';
import {
  type AwsAccess,
  ConfigError,
  readSupabaseAccess,
  type SupabaseAccess,
} from '../runtime/config.ts';
import { httpFetch } from './http-fetch.ts';

/** Timeout of the request. */
const TIMEOUT_MILLIS = 3_000;

const responseSchema = z.object({ SecretString: z.string() });
const secretSchema = z.record(z.string(), z.unknown());

/**
 * Reads the secret with one signed request. An AWS client would do the same and take twice as long
 * to load as everything else in this function together.
 *
 * @throws ConfigError when the secret is not an object with URL and key; Error when it cannot be
 * read. No message quotes the content of the secret.
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
  const response = await httpFetch(url, { method, headers, body: String(body), signal });
  if (!response.ok) throw new Error(`Secrets Manager answered ${response.status}.`);
  const answer = responseSchema.safeParse(await response.json());
  const values = secretSchema.safeParse(
    answer.success ? parseJson(answer.data.SecretString) : null,
  );
  if (!values.success) {
    throw new ConfigError(
      'AGENSIGHT_SECRET_INVALID',
      'The secret must be a JSON object: see docs/cloud-setup.md.',
    );
  }
  return readSupabaseAccess(values.data, `secret ${secretArn}`);
}

/** The value of a JSON text; null for any other, because the error of JSON.parse quotes the text. */
function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
