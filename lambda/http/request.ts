/** Gateway events, payload format 2.0, converted into the request type of the handler. */
import type { APIGatewayProxyEventV2, LambdaFunctionURLEvent } from 'aws-lambda';

/** The event of a function URL or an HTTP API. */
export type HttpEvent = LambdaFunctionURLEvent | APIGatewayProxyEventV2;

export interface Request {
  readonly id: string;
  /** Upper case. */
  readonly method: string;
  /** Without query, stage, trailing slash, and repeated slashes: base URLs may end in one. */
  readonly path: string;
  /** By lower-case name. */
  readonly headers: Readonly<Record<string, string | undefined>>;
  /** Size of the body in bytes, known without decoding it. */
  readonly bodyBytes: number;
  /** Decodes the body. Allocates its size, so call it only for an authorized caller. */
  readBody(): Buffer;
}

/** Reads an event. Missing parts read as empty, so no event makes this throw. */
export function readEvent(sent: HttpEvent | null | undefined): Request {
  const event = sent ?? ({} as HttpEvent);
  const context = event.requestContext;
  const body = textOf(event.body);
  const encoding = event.isBase64Encoded ? 'base64' : 'utf8';
  return {
    id: textOf(context?.requestId),
    method: textOf(context?.http?.method).toUpperCase(),
    path: pathOf(event),
    headers: headersOf(event),
    bodyBytes: Buffer.byteLength(body, encoding),
    readBody: () => Buffer.from(body, encoding),
  };
}

/** The content type without its parameters, in lower case; empty when there is none. */
export function mediaTypeOf(request: Request): string {
  return (request.headers['content-type'] ?? '').split(';', 1)[0]?.trim().toLowerCase() ?? '';
}

function headersOf(event: HttpEvent): Record<string, string | undefined> {
  const headers: Record<string, string | undefined> = Object.create(null);
  for (const [name, value] of Object.entries(event.headers ?? {})) {
    headers[name.toLowerCase()] = textOf(value);
  }
  return headers;
}

function pathOf(event: HttpEvent): string {
  const rawPath = textOf(event.rawPath).replace(/\/{2,}/g, '/');
  const path = withoutStage(rawPath, event.requestContext);
  return path.length > 1 && path.endsWith('/') ? path.slice(0, -1) : path;
}

/**
 * An HTTP API prefixes the path with the name of a named stage, but only on its own domain. A custom
 * domain maps the stage away; there, a stage called `v1` must not strip `/v1/traces`.
 */
function withoutStage(path: string, context: HttpEvent['requestContext'] | undefined): string {
  const stage = textOf(context?.stage);
  const isOwnDomain = textOf(context?.domainName).includes('.execute-api.');
  if (stage === '' || stage === '$default' || !isOwnDomain) return path;
  return path.startsWith(`/${stage}/`) ? path.slice(stage.length + 1) : path;
}

/** Lambda can also be invoked directly, with any event. */
function textOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}
