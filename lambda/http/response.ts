/** HTTP responses in the format of function URLs and HTTP APIs. */
import type { ErrorReply } from '../../wire/reply.ts';
import type { HttpError } from './http-error.ts';

export interface HttpResponse {
  statusCode: number;
  headers: Record<string, string>;
  body: string;
  isBase64Encoded: boolean;
}

export function jsonResponse(
  statusCode: number,
  body: unknown,
  headers: Readonly<Record<string, string>> = {},
): HttpResponse {
  return {
    statusCode,
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify(body),
    isBase64Encoded: false,
  };
}

export function errorResponse({ status, code, message, headers }: HttpError): HttpResponse {
  const body: ErrorReply = { error: { code, message } };
  return jsonResponse(status, body, headers);
}
