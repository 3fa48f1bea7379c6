import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ConfigError } from '../../../lambda/runtime/config.ts';
import { readSecret } from '../../../lambda/store/secret.ts';

describe('readSecret', () => {
  let server: Server;
  let asked: { headers: IncomingMessage['headers']; body: string }[];
  let answer: { status: number; body: unknown };
  let endpointUrl: string;

  beforeEach(async () => {
    asked = [];
    server = createServer(async (request, response) => {
      asked.push({ headers: request.headers, body: await text(request) });
      response.writeHead(answer.status, { 'content-type': 'application/x-amz-json-1.1' });
      response.end(JSON.stringify(answer.body));
    });
    await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
    endpointUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });

  afterEach(async () => {
    server.closeAllConnections();
    await new Promise((closed) => server.close(closed));
  });

  const read = () =>
    readSecret('arn:secret', {
      region: 'eu-west-1',
      accessKeyId: 'AKID',
      secretAccessKey: 'shh',
      sessionToken: 'session',
      endpointUrl,
    });
  const holding = (secret: string) => ({ status: 200, body: { SecretString: secret } });

  it('sends one signed request', async () => {
    const values = { SUPABASE_URL: 'https://x.supabase.co', SUPABASE_SECRET_KEY: 'sb_secret_x' };
    answer = holding(JSON.stringify({ ...values, unused: 'y' }));
    expect(await read()).toEqual({ url: 'https://x.supabase.co', secretKey: 'sb_secret_x' });
    expect(asked).toMatchObject([
      {
        body: '{"SecretId":"arn:secret"}',
        headers: {
          'x-amz-target': 'secretsmanager.GetSecretValue',
          'x-amz-security-token': 'session',
          authorization: expect.stringMatching(
            /^AWS4-HMAC-SHA256 Credential=AKID\/\d{8}\/eu-west-1\/secretsmanager\/aws4_request/,
          ),
        },
      },
    ]);
  });

  it.each([
    ['as the stack makes it', '{"SUPABASE_URL":"","SUPABASE_SECRET_KEY":""}', 'SUPABASE_URL'],
    ['without a key', '{"SUPABASE_URL":"https://x.co"}', 'SUPABASE_SECRET_KEY'],
    ['with no address', '{"SUPABASE_URL":"x","SUPABASE_SECRET_KEY":"k"}', 'SUPABASE_URL'],
    ['that is no JSON', 'sb_secret_hunter2', 'docs/cloud-setup.md'],
    ['that is a list', '[]', 'docs/cloud-setup.md'],
  ])('reports an invalid secret %s without quoting it', async (_name, secret, expected) => {
    answer = holding(secret);
    const error = await read().catch((reason: Error) => reason);
    expect(error).toBeInstanceOf(ConfigError);
    expect((error as Error).message).toContain(expected);
    expect((error as Error).message).not.toContain('hunter2');
  });

  it('reports that it may not read the secret', async () => {
    answer = { status: 400, body: { __type: 'AccessDeniedException' } };
    await expect(read()).rejects.toThrow('Secrets Manager answered 400.');
  });
});
