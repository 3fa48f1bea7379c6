import type { LambdaFunctionURLEvent } from 'aws-lambda';
import type { HttpResponse } from '../../../lambda/http/response.ts';

export interface EventParts {
  method?: string;
  path?: string;
  headers?: Record<string, string>;
  body?: string | Uint8Array;
  /** Default: true for bytes, false for text, as AWS decides by content type. */
  isBase64Encoded?: boolean;
}

/** An event as a function URL sends it. */
export function functionUrlEvent(parts: EventParts = {}): LambdaFunctionURLEvent {
  const { method = 'POST', path = '/v1/batch', headers = {}, body } = parts;
  const isBase64Encoded = parts.isBase64Encoded ?? typeof body === 'object';
  const encoded = isBase64Encoded
    ? Buffer.from(body ?? '').toString('base64')
    : Buffer.from(body ?? '').toString('utf8');
  return {
    version: '2.0',
    routeKey: '$default',
    rawPath: path,
    rawQueryString: '',
    headers,
    requestContext: {
      accountId: 'anonymous',
      apiId: 'abcdefghij',
      domainName: 'abcdefghij.lambda-url.eu-west-1.on.aws',
      domainPrefix: 'abcdefghij',
      http: { method, path, protocol: 'HTTP/1.1', sourceIp: '192.0.2.1', userAgent: 'test' },
      requestId: '3a6c7f0e-0000-4000-8000-000000000000',
      routeKey: '$default',
      stage: '$default',
      time: '02/Jan/2026:03:04:05 +0000',
      timeEpoch: 1767323045000,
    },
    ...(body === undefined ? {} : { body: encoded }),
    isBase64Encoded,
  };
}

/** The body of a response in bytes. */
export function bodyOf(answer: HttpResponse): Buffer {
  return Buffer.from(answer.body, answer.isBase64Encoded ? 'base64' : 'utf8');
}
