/** Why a call failed, as its span records it. The transport sees no error class of the client. */
import { type Fields, fieldOf, textOf } from '../platform/values.ts';

export interface Failure {
  readonly type: string;
  readonly message: string;
  /** The attribute `error.type`: the code of the provider, or else of the transport. */
  readonly code: string;
}

/** What is known of a failed request. */
export interface FailedRequest {
  /** The status of the response; 0 when there was none. */
  readonly status: number;
  /** An error in the body of the response. */
  readonly inBody: Fields | undefined;
  /** The error of the transport. */
  readonly thrown: unknown;
  /** Whether the client is one of those that Stainless generates: OpenAI's, Anthropic's and others. */
  readonly isStainless: boolean;
  readonly hasTimedOut: boolean;
}

/** The error classes of Stainless's clients, by status. */
const CLASSES: Readonly<Record<number, string>> = {
  400: 'BadRequestError',
  401: 'AuthenticationError',
  403: 'PermissionDeniedError',
  404: 'NotFoundError',
  409: 'ConflictError',
  422: 'UnprocessableEntityError',
  429: 'RateLimitError',
};

/** Whether the caller aborted a request: errors of the transport have a text as code. */
export const isAbort = (thrown: unknown): boolean =>
  /^(Abort|Timeout)Error$/.test(String(fieldOf(thrown, 'name'))) ||
  typeof fieldOf(thrown, 'code') !== 'string';

export function failureOf(request: FailedRequest): Failure {
  const { inBody, thrown } = request;
  const { type, message } = describe(request);
  const { code } = inBody ?? {};
  const known = textOf(code) ?? textOf(inBody?.type) ?? textOf(inBody?.status);
  // OpenRouter has nothing but a number.
  const number = typeof code === 'number' ? String(code) : null;
  return { type, message, code: known ?? number ?? textOf(fieldOf(thrown, 'code')) ?? type };
}

function describe(request: FailedRequest): { type: string; message: string } {
  const { status, inBody, thrown, isStainless, hasTimedOut } = request;
  const message = textOf(inBody?.message) ?? textOf(fieldOf(thrown, 'message')) ?? '';
  if (status >= 300) {
    const group = status >= 500 ? 'InternalServerError' : 'APIError';
    const type = isStainless ? (CLASSES[status] ?? group) : 'HTTPError';
    return { type, message: `${status} ${message}`.trim() };
  }
  if (inBody) return { type: textOf(inBody.type) ?? textOf(inBody.code) ?? 'APIError', message };
  const name = textOf(fieldOf(thrown, 'name')) ?? 'Error';
  if (!isStainless) return { type: name, message };
  if (!isAbort(thrown))
    return { type: 'APIConnectionError', message: message || 'Connection error.' };
  return hasTimedOut
    ? { type: 'APIConnectionTimeoutError', message: 'Request timed out.' }
    : { type: 'APIUserAbortError', message: 'Request was aborted.' };
}

/** Whether clients send a failed request again. */
export const isRetryable = (status: number): boolean =>
  status === 0 || status === 408 || status === 409 || status === 429 || status >= 500;
