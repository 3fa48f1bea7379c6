import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import { describe, expect, it } from 'vitest';
import { type HttpEvent, readEvent } from '../../../lambda/http/request.ts';
import { functionUrlEvent } from '../support/http-event.ts';

/** The same request as an HTTP API sends it. */
function httpApiEvent(path: string, stage: string, domainName: string): APIGatewayProxyEventV2 {
  const event = functionUrlEvent({ path });
  return {
    ...event,
    routeKey: 'POST /{proxy+}',
    requestContext: { ...event.requestContext, domainName, stage },
  };
}

const OWN_ADDRESS = 'abcdefghij.execute-api.eu-west-1.amazonaws.com';

describe('readEvent', () => {
  it.each([
    ['text', { body: '{"é":1}' }],
    ['base64', { body: '{"é":1}', isBase64Encoded: true }],
    ['bytes', { body: Buffer.from('{"é":1}') }],
  ])('reads the same bytes from a body in %s', (_name, parts) => {
    const request = readEvent(functionUrlEvent(parts));
    expect(request.readBody().toString('utf8')).toBe('{"é":1}');
    expect(request.bodyBytes).toBe(8);
  });

  it('keeps bytes that are not text', () => {
    const body = Buffer.from([0, 1, 0xff, 0xfe, 0x80]);
    const request = readEvent(functionUrlEvent({ body }));
    expect(request.readBody().equals(body)).toBe(true);
    expect(request.bodyBytes).toBe(5);
  });

  it('finds headers by their lower-case name', () => {
    const headers = { 'Content-Type': 'a', AUTHORIZATION: 'b', __proto__: 'c' };
    const request = readEvent(functionUrlEvent({ headers }));
    expect(request.headers['content-type']).toBe('a');
    expect(request.headers.authorization).toBe('b');
    expect(request.headers.constructor).toBeUndefined();
  });

  it.each([
    ['a function URL', functionUrlEvent({ path: '/v1/traces' })],
    ['an HTTP API without a stage', httpApiEvent('/v1/traces', '$default', OWN_ADDRESS)],
    ['an HTTP API with a stage', httpApiEvent('/live/v1/traces', 'live', OWN_ADDRESS)],
    ['a stage called v1', httpApiEvent('/v1/v1/traces', 'v1', OWN_ADDRESS)],
    ['a stage called v1 behind a domain', httpApiEvent('/v1/traces', 'v1', 'in.example.com')],
    ['a closing slash', functionUrlEvent({ path: '/v1/traces/' })],
  ])('reads the same path from %s', (_name, event) => {
    expect(readEvent(event).path).toBe('/v1/traces');
  });

  it('reads missing parts as empty', () => {
    const request = readEvent({} as HttpEvent);
    expect(request).toMatchObject({ method: '', path: '', bodyBytes: 0 });
    expect(request.readBody()).toHaveLength(0);
  });
});
