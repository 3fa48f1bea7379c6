/** Gateway events, payload format 2.0, read into the one request shape that the handler knows. */
import type { APIGatewayProxyEventV2, LambdaFunctionURLEvent } from 'aws-lambda';

/** What a function URL or an HTTP API hands to the Lambda. */
export type HttpEvent = LambdaFunctionURLEvent | APIGatewayProxyEventV2;

export interface Request {
  readonly id: string;
  /** Upper case. */
  readonly method: string;
  /** Without query, stage and closing slash. */
  readonly path: string;
  /** By lower-case name. */
  readonly headers: Readonly<Record<string, string | undefined>>;
  /** Size of the body in bytes, known without decoding it. */
  readonly bodyBytes: number;
  /** Decodes the body. Costs its size in memory, so ask only for a caller who may send one. */
  readBody(): Buffer;
}

/** Reads an event; what is missing in it reads as empty, so that no event can make this throw. */
export function readEvent(sent: HttpEvent | null | undefined): Request {
  const event = sent ?? ({} as HttpEvent);
  const context = event.requestContext;
  const body = typeof event.body === 'string' ? event.body : '';
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

function headersOf(event: HttpEvent): Record<string, string | undefined> {
  const headers: Record<string, string | undefined> = Object.create(null);
  for (const [name, value] of Object.entries(event.headers ?? {})) {
    headers[name.toLowerCase()] = textOf(value);
  }
  return headers;
}

function pathOf(event: HttpEvent): string {
  const path = withoutStage(textOf(event.rawPath), event.requestContext);
  return path.length > 1 && path.endsWith('/') ? path.slice(0, -1) : path;
}

/**
 * An HTTP API puts the name of a named stage before the path, but only on its own address: a custom
 * domain maps it away, and there a stage called `v1` must not cost `/v1/traces` its first part.
 */
function withoutStage(path: string, context: HttpEvent['requestContext'] | undefined): string {
  const stage = textOf(context?.stage);
  const isOwnAddress = textOf(context?.domainName).includes('.execute-api.');
  if (stage === '' || stage === '$default' || !isOwnAddress) return path;
  return path.startsWith(`/${stage}/`) ? path.slice(stage.length + 1) : path;
}

/** Lambda can also be invoked by hand, with anything. */
function textOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}
