import { randomUUID } from 'node:crypto';
import type { RequestListener } from 'node:http';
import type { APIGatewayProxyStructuredResultV2, LambdaFunctionURLEvent } from 'aws-lambda';

/** The handler behind a function URL. */
export type FunctionUrlHandler = (
  event: LambdaFunctionURLEvent,
) => Promise<APIGatewayProxyStructuredResultV2>;

/** Lambda rejects larger requests; base64 turns 4.5 MB into 6 MB. */
const MAX_REQUEST_BYTES = 6 * 1024 * 1024;

/**
 * Converts HTTP requests into the events of a Lambda function URL (payload format 2.0), so that the
 * local stack runs the same handler as a deployment.
 */
export function functionUrlListener(handler: FunctionUrlHandler): RequestListener {
  return async (request, response) => {
    const chunks: Buffer[] = [];
    let bytes = 0;
    for await (const chunk of request as AsyncIterable<Buffer>) {
      bytes += chunk.length;
      if (bytes <= MAX_REQUEST_BYTES) chunks.push(chunk);
    }
    if (bytes > MAX_REQUEST_BYTES) {
      response.writeHead(413, { 'content-type': 'application/json' });
      response.end('{"Message":"Request must be smaller than 6291456 bytes"}');
      return;
    }
    const event = toEvent(
      request.method ?? 'GET',
      new URL(request.url ?? '/', 'http://127.0.0.1'),
      flatten(request.headers),
      Buffer.concat(chunks),
    );
    const result = await handler(event);
    response.writeHead(result.statusCode ?? 200, result.headers as Record<string, string>);
    response.end(
      result.isBase64Encoded ? Buffer.from(result.body ?? '', 'base64') : (result.body ?? ''),
    );
  };
}

/** A function URL event as AWS documents it: the body is base64 unless the content is text. */
export function toEvent(
  method: string,
  url: URL,
  headers: Record<string, string>,
  body: Buffer,
): LambdaFunctionURLEvent {
  const now = new Date();
  const isText = /^(text\/|application\/json)/.test(headers['content-type'] ?? '');
  const isBase64Encoded = !isText || headers['content-encoding'] !== undefined;
  return {
    version: '2.0',
    routeKey: '$default',
    rawPath: url.pathname,
    rawQueryString: url.search.slice(1),
    headers,
    requestContext: {
      accountId: 'anonymous',
      apiId: 'local',
      domainName: url.host,
      domainPrefix: 'local',
      http: {
        method,
        path: url.pathname,
        protocol: 'HTTP/1.1',
        sourceIp: '127.0.0.1',
        userAgent: headers['user-agent'] ?? '',
      },
      requestId: randomUUID(),
      routeKey: '$default',
      stage: '$default',
      time: now.toUTCString(),
      timeEpoch: now.getTime(),
    },
    ...(body.length > 0 ? { body: body.toString(isBase64Encoded ? 'base64' : 'utf8') } : {}),
    isBase64Encoded: body.length > 0 && isBase64Encoded,
  } as LambdaFunctionURLEvent;
}

function flatten(headers: NodeJS.Dict<string | string[]>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers).flatMap(([name, value]) =>
      value === undefined ? [] : [[name, Array.isArray(value) ? value.join(',') : value]],
    ),
  );
}
