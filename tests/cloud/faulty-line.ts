import {
  type AddressInfo,
  createServer,
  connect as dial,
  type Server,
  type Socket,
} from 'node:net';

/** How a line behaves: it works, refuses connections, or takes them and never says a word. */
export type LineState = 'up' | 'refusing' | 'silent';

/** A TCP line on the loopback between two parts, which can be cut. */
export class FaultyLine {
  readonly port: number;
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  #state: LineState = 'up';

  private constructor(server: Server) {
    this.#server = server;
    this.port = (server.address() as AddressInfo).port;
  }

  static async to(port: number): Promise<FaultyLine> {
    let line: FaultyLine | null = null;
    const server = createServer((socket) => line?.accept(socket, port));
    await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
    line = new FaultyLine(server);
    return line;
  }

  /** Connections that are open break. */
  become(state: LineState): void {
    this.#state = state;
    for (const socket of this.#sockets) socket.destroy();
  }

  accept(socket: Socket, port: number): void {
    this.#keep(socket);
    if (this.#state === 'refusing') socket.resetAndDestroy();
    if (this.#state !== 'up') return;
    const target = this.#keep(dial(port, '127.0.0.1'));
    socket.pipe(target).pipe(socket);
    socket.on('close', () => target.destroy());
    target.on('close', () => socket.destroy());
  }

  async close(): Promise<void> {
    this.become('refusing');
    await new Promise((closed) => this.#server.close(closed));
  }

  #keep(socket: Socket): Socket {
    this.#sockets.add(socket);
    socket.on('close', () => this.#sockets.delete(socket));
    // A broken connection is what this is for.
    socket.on('error', () => {});
    return socket;
  }
}
