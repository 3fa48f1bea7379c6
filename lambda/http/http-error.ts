import { HTTP_ERRORS, type HttpErrorCode } from '../../wire/errors.ts';

/**
 * An error answer as a value: each step of a request returns its result or an `HttpError`, and the
 * handler answers with the first one. It is not thrown; only {@link DecodeError} carries one through
 * the call stack of a decoder.
 */
export class HttpError {
  readonly code: HttpErrorCode;
  /** Shown to the client. Contains nothing that the client sent. */
  readonly message: string;
  readonly headers: Readonly<Record<string, string>>;
  /** Logged, never sent: the cause of an error that the client cannot correct. Quotes no content. */
  readonly detail: string;

  constructor(
    code: HttpErrorCode,
    message: string,
    headers: Readonly<Record<string, string>> = {},
    detail = '',
  ) {
    this.code = code;
    this.message = message;
    this.headers = headers;
    this.detail = detail;
  }

  /** The HTTP status of the code. */
  get status(): number {
    return HTTP_ERRORS[this.code].status;
  }
}

/** 400: the request or its body cannot be read. The same request would fail again. */
export function malformed(message: string, detail = ''): HttpError {
  return new HttpError('malformed', message, {}, detail);
}

/** 401, with one message for unknown, revoked and expired tokens. */
export function unauthorized(message = 'Unknown, revoked or expired token.'): HttpError {
  return new HttpError('unauthorized', message, { 'www-authenticate': 'Bearer' });
}

/** 403: a valid token without the required scope. */
export function forbidden(message: string): HttpError {
  return new HttpError('forbidden', message);
}

/** 404: no route has this path. */
export function notFound(): HttpError {
  return new HttpError('not_found', 'No route has this path.');
}

/** 405, with the method that the route accepts. */
export function methodNotAllowed(allowed: string): HttpError {
  return new HttpError('method_not_allowed', `Use ${allowed}.`, { allow: allowed });
}

/** 413: a limit is exceeded; the message names it. */
export function tooLarge(message: string): HttpError {
  return new HttpError('too_large', message);
}

/** 415: an unsupported content type or content encoding. */
export function unsupported(message: string): HttpError {
  return new HttpError('unsupported', message);
}

/** 429: a rate limit is reached; the client should retry after `retry-after`. */
export function tooManyRequests(message: string, afterSeconds: number): HttpError {
  return new HttpError('too_many_requests', message, { 'retry-after': String(afterSeconds) });
}

/** 503: the request is valid but cannot be served now; the client should retry. */
export function unavailable(message: string, afterSeconds: number, detail: string): HttpError {
  return new HttpError('unavailable', message, { 'retry-after': String(afterSeconds) }, detail);
}

/** Carries an {@link HttpError} through the call stack of a decoder, whose entry returns it. */
export class DecodeError extends Error {
  override readonly name = 'DecodeError';
  readonly code: HttpErrorCode;
  readonly httpError: HttpError;

  constructor(httpError: HttpError) {
    super(httpError.message);
    this.code = httpError.code;
    this.httpError = httpError;
  }
}
