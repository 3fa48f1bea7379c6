/** Answers in the shape that function URLs and HTTP APIs take, and in JSON. */
import type { ErrorReply } from '../../wire/reply.ts';
import type { Refusal } from './refusal.ts';

export interface Answer {
  statusCode: number;
  headers: Record<string, string>;
  body: string;
  isBase64Encoded: boolean;
}

export function jsonAnswer(
  statusCode: number,
  body: unknown,
  headers: Readonly<Record<string, string>> = {},
): Answer {
  return {
    statusCode,
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify(body),
    isBase64Encoded: false,
  };
}

export function refusalAnswer(refusal: Refusal): Answer {
  const body: ErrorReply = { error: { code: refusal.code, message: refusal.message } };
  return jsonAnswer(refusal.status, body, refusal.headers);
}
