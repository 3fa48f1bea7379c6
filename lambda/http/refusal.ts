/**
 * A request that is turned away whole, as a value: every step gives what it should or a Refusal,
 * and the handler answers with the first one it meets.
 */
export class Refusal {
  readonly status: number;
  readonly code: string;
  readonly message: string;
  readonly headers: Readonly<Record<string, string>>;
  /** For the log alone: what the client cannot help. Contains nothing that the client sent. */
  readonly detail: string;

  constructor(
    status: number,
    code: string,
    message: string,
    headers: Readonly<Record<string, string>> = {},
    detail = '',
  ) {
    this.status = status;
    this.code = code;
    this.message = message;
    this.headers = headers;
    this.detail = detail;
  }
}

/** 400: the body, or the request around it, cannot be understood. Sending it again cannot help. */
export function malformed(message: string, detail = ''): Refusal {
  return new Refusal(400, 'malformed', message, {}, detail);
}

/** 401, with one answer for unknown, revoked and expired tokens. */
export function unauthorized(message: string): Refusal {
  return new Refusal(401, 'unauthorized', message, { 'www-authenticate': 'Bearer' });
}

/** 403: a good token that may not do this. */
export function forbidden(message: string): Refusal {
  return new Refusal(403, 'forbidden', message);
}

/** 413: over one of the limits, which the message names. */
export function tooLarge(message: string): Refusal {
  return new Refusal(413, 'too_large', message);
}

/** 415: a content type or content encoding that this server does not read. */
export function unsupported(message: string): Refusal {
  return new Refusal(415, 'unsupported', message);
}

/** 429: too much at once; the client should keep it and come back. */
export function tooMany(message: string, afterSeconds: number): Refusal {
  const headers = { 'retry-after': String(afterSeconds) };
  return new Refusal(429, 'too_many_requests', message, headers);
}

/** 503: nothing is wrong with the request; the client should keep it and come back. */
export function unavailable(message: string, afterSeconds: number, detail: string): Refusal {
  const headers = { 'retry-after': String(afterSeconds) };
  return new Refusal(503, 'unavailable', message, headers, detail);
}

/** Carries a refusal out of the depths of a decoder, whose entry turns it back into a value. */
export class DecodeStop extends Error {
  override readonly name = 'DecodeStop';
  readonly refusal: Refusal;

  constructor(refusal: Refusal) {
    super(refusal.message);
    this.refusal = refusal;
  }
}
