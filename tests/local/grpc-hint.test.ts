import { connect } from 'node:http2';
import { expect, it } from 'vitest';
import { answerGrpc } from '../../local/grpc-hint.ts';

const ENDPOINT = 'http://127.0.0.1:4318';
const HINT =
  /OTEL_EXPORTER_OTLP_PROTOCOL=http\/protobuf .*OTEL_EXPORTER_OTLP_ENDPOINT=http:\/\/127/;

/** The headers with which a gRPC server answers an export. */
async function exportTo(port: number): Promise<Record<string, unknown>> {
  const session = connect(`http://127.0.0.1:${port}`);
  const request = session.request({
    ':method': 'POST',
    ':path': '/opentelemetry.proto.collector.trace.v1.TraceService/Export',
    'content-type': 'application/grpc',
    te: 'trailers',
  });
  request.end(Buffer.alloc(100_000));
  const headers = await new Promise<Record<string, unknown>>((resolve, reject) => {
    request.once('response', resolve).once('error', reject);
  });
  session.destroy();
  return headers;
}

it('tells an exporter that sends by gRPC what to set', async () => {
  const answering = await answerGrpc(ENDPOINT, 0);
  try {
    const headers = await exportTo(answering?.port ?? 0);
    expect(headers).toMatchObject({ ':status': 200, 'grpc-status': '12' });
    expect(decodeURI(String(headers['grpc-message']))).toMatch(HINT);
    const response = await fetch(`http://127.0.0.1:${answering?.port}/v1/traces`, {
      method: 'POST',
      body: '{}',
    });
    expect([response.status, await response.text()]).toEqual([404, expect.stringMatching(HINT)]);
  } finally {
    await answering?.close();
  }
});

it('leaves a port alone that another program uses', async () => {
  const first = await answerGrpc(ENDPOINT, 0);
  try {
    expect(await answerGrpc(ENDPOINT, first?.port ?? 0)).toBeUndefined();
  } finally {
    await first?.close();
  }
});
