/** TLS in front of a Postgres server, as `ssl = on` has it: `S` to the request, then the handshake. */
import { type AddressInfo, connect, createServer } from 'node:net';
import { TLSSocket } from 'node:tls';
import { SELF_SIGNED } from '../support/self-signed.ts';

export interface TlsProxy {
  readonly port: number;
  /** Connections whose handshake succeeded. */
  handshakes(): number;
  close(): Promise<void>;
}

export async function startTlsProxy(serverUrl: string): Promise<TlsProxy> {
  const { hostname, port } = new URL(serverUrl);
  let handshakes = 0;
  const server = createServer((socket) => {
    socket.on('error', () => {});
    // The first message of a client with TLS is the SSLRequest.
    socket.once('data', () => {
      socket.write('S');
      const secure = new TLSSocket(socket, { isServer: true, ...SELF_SIGNED });
      secure.once('secure', () => {
        handshakes += 1;
      });
      const upstream = connect(Number(port), hostname);
      secure.on('error', () => upstream.destroy());
      upstream.on('error', () => secure.destroy());
      secure.pipe(upstream).pipe(secure);
    });
  });
  await new Promise<void>((resolve) => {
    server.listen(0, resolve);
  });
  return {
    port: (server.address() as AddressInfo).port,
    handshakes: () => handshakes,
    close: () => new Promise((resolve) => server.close(() => resolve())),
  };
}
