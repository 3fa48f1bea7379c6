/**
 * Port 4317, on which OpenTelemetry exporters send by gRPC unless they are told otherwise. The ingest
 * function takes HTTP alone, and an exporter that is not answered reports UNAVAILABLE for ever; so the
 * local stack answers there with what to set.
 */
import { createServer as createHttp1, type Server as Http1 } from 'node:http';
import { createServer as createHttp2, type Http2Server } from 'node:http2';
import { connect, createServer, type Server, type Socket } from 'node:net';

/** The port of OTLP over gRPC. @see https://opentelemetry.io/docs/specs/otlp/#otlpgrpc-default-port */
export const GRPC_PORT = 4317;

/** UNIMPLEMENTED: exporters do not repeat the request. @see https://grpc.io/docs/guides/status-codes/ */
const UNIMPLEMENTED = '12';

/** What an exporter is told. */
export const grpcHint = (endpoint: string): string =>
  `Agensight does not take OTLP by gRPC. Set OTEL_EXPORTER_OTLP_PROTOCOL=http/protobuf and OTEL_EXPORTER_OTLP_ENDPOINT=${endpoint}`;

/** Answers on a port until it is closed; undefined where the port is in use, as by a Collector. */
export async function answerGrpc(
  endpoint: string,
  port = GRPC_PORT,
): Promise<{ readonly port: number; close(): Promise<void> } | undefined> {
  const hint = grpcHint(endpoint);
  const grpc = grpcServer(hint);
  const http = httpServer(hint);
  const sockets = new Set<Socket>();
  const keep = (socket: Socket): Socket => {
    sockets.add(socket);
    return socket.once('close', () => sockets.delete(socket)).on('error', () => socket.destroy());
  };
  // Which protocol a connection speaks, its first bytes say. A server of HTTP/2 reads the connection
  // itself, so that it must be another one.
  const server = createServer((socket) => {
    keep(socket).once('data', (first) => {
      // The preface of HTTP/2 (RFC 9113, section 3.4).
      const isHttp2 = first.toString('latin1', 0, 3) === 'PRI';
      const inner = keep(connect(portOf(isHttp2 ? grpc : http), '127.0.0.1'));
      inner.write(first);
      socket.pipe(inner).pipe(socket);
    });
  });
  if (!(await listens(server, port))) return undefined;
  await Promise.all([listens(grpc, 0), listens(http, 0)]);
  return {
    port: portOf(server),
    close: async () => {
      const closed = [server, grpc, http].map(
        (each) => new Promise<void>((resolve) => each.close(() => resolve())),
      );
      for (const socket of sockets) socket.destroy();
      await Promise.all(closed);
    },
  };
}

function portOf(server: Server | Http1 | Http2Server): number {
  const address = server.address();
  return typeof address === 'object' && address !== null ? address.port : 0;
}

function grpcServer(hint: string): Http2Server {
  const server = createHttp2();
  server.on('stream', (stream) => {
    stream.on('error', () => stream.destroy());
    stream.respond(
      {
        ':status': 200,
        'content-type': 'application/grpc',
        'grpc-status': UNIMPLEMENTED,
        'grpc-message': encodeURI(hint),
      },
      { endStream: true },
    );
  });
  server.on('sessionError', () => undefined);
  return server;
}

function httpServer(hint: string): Http1 {
  return createHttp1((request, response) => {
    request.resume();
    response.writeHead(404, { 'content-type': 'text/plain' });
    response.end(`${hint}\n`);
  });
}

const listens = (server: Server | Http1 | Http2Server, port: number): Promise<boolean> =>
  new Promise((resolve) => {
    server.once('error', () => resolve(false));
    server.listen(port, '127.0.0.1', () => resolve(true));
  });
