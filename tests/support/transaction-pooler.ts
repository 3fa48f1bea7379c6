/**
 * A transaction pooler for Postgres, like PgBouncer with `pool_mode = transaction`: consecutive
 * transactions of a client run on different server connections, so session state does not carry over.
 * It implements only as much of the protocol as that takes: no TLS, cleartext passwords.
 */
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

export interface TransactionPooler {
  /** The URL of the database through the pooler. */
  readonly url: string;
  /** The number of the server connection of each transaction, in order. */
  readonly transactions: readonly number[];
  close(): Promise<void>;
}

/** Connections to keep idle, so that the next transaction gets another one. */
const MINIMUM_IDLE = 2;

/** Splits a stream into messages: an optional type byte, a length and a body. */
class Framer {
  #rest = Buffer.alloc(0);
  /** Only the first messages of a client have no type. */
  hasType: boolean;

  constructor(hasType: boolean) {
    this.hasType = hasType;
  }

  *push(chunk: Buffer): Generator<Buffer> {
    this.#rest = Buffer.concat([this.#rest, chunk]);
    for (;;) {
      const offset = this.hasType ? 1 : 0;
      if (this.#rest.length < offset + 4) return;
      const length = offset + this.#rest.readInt32BE(offset);
      if (this.#rest.length < length) return;
      const message = this.#rest.subarray(0, length);
      this.#rest = this.#rest.subarray(length);
      yield message;
    }
  }
}

const typeOf = (message: Buffer): string => String.fromCharCode(message[0] ?? 0);

/** Messages that the server answers with ReadyForQuery: Query, Sync, FunctionCall. */
const ENDS_WITH_READY = new Set(['Q', 'S', 'F']);

class ServerConnection {
  readonly number: number;
  readonly socket: Socket;
  /** ParameterStatus, BackendKeyData and ReadyForQuery, sent after authentication. */
  readonly greeting: Buffer[] = [];
  onMessage: (message: Buffer) => void = (message) => this.greeting.push(message);

  private constructor(number: number, socket: Socket) {
    this.number = number;
    this.socket = socket;
  }

  static async open(number: number, target: URL): Promise<ServerConnection> {
    const socket = connect(Number(target.port), target.hostname);
    await once(socket, 'connect');
    const server = new ServerConnection(number, socket);
    const framer = new Framer(true);
    const ready = new Promise<void>((resolve, reject) => {
      socket.once('close', () => reject(new Error('The server closed the connection.')));
      socket.on('data', (chunk) => {
        for (const message of framer.push(chunk)) {
          if (typeOf(message) !== 'R') server.onMessage(message);
          else if (message.readInt32BE(5) === 3) socket.write(password(target));
          if (typeOf(message) === 'Z') resolve();
        }
      });
    });
    socket.write(startup(target));
    await ready;
    return server;
  }
}

function startup(target: URL): Buffer {
  const parameters = ['user', target.username, 'database', target.pathname.slice(1)];
  const body = Buffer.from(`${parameters.join('\0')}\0\0`);
  const head = Buffer.alloc(8);
  head.writeInt32BE(body.length + 8, 0);
  head.writeInt32BE(196_608, 4);
  return Buffer.concat([head, body]);
}

function password(target: URL): Buffer {
  const body = Buffer.from(`${target.password}\0`);
  const head = Buffer.from('p\0\0\0\0');
  head.writeInt32BE(body.length + 4, 1);
  return Buffer.concat([head, body]);
}

const AUTHENTICATION_OK = Buffer.from([0x52, 0, 0, 0, 8, 0, 0, 0, 0]);

/** Starts a pooler for the database of a URL; every client acts as the user of that URL. */
export async function startTransactionPooler(databaseUrl: string): Promise<TransactionPooler> {
  const target = new URL(databaseUrl);
  const idle: ServerConnection[] = [];
  const sockets = new Set<Socket>();
  const transactions: number[] = [];
  let opened = 0;

  async function take(): Promise<ServerConnection> {
    while (idle.length < MINIMUM_IDLE) {
      opened += 1;
      const server = await ServerConnection.open(opened, target);
      sockets.add(server.socket);
      idle.push(server);
    }
    return idle.shift() as ServerConnection;
  }

  function serve(client: Socket): void {
    sockets.add(client);
    const framer = new Framer(false);
    let server: ServerConnection | undefined;
    let pending = 0;
    let queue = Promise.resolve();

    const onServerMessage = (message: Buffer): void => {
      client.write(message);
      if (typeOf(message) !== 'Z') return;
      pending -= 1;
      if (pending > 0 || String.fromCharCode(message[5] ?? 0) !== 'I') return;
      if (server) idle.push(server);
      server = undefined;
    };
    const onClientMessage = async (message: Buffer): Promise<void> => {
      if (!framer.hasType) {
        // An SSLRequest has only a length and a code; "N" makes the client continue without TLS.
        if (message.length === 8) return void client.write('N');
        framer.hasType = true;
        const first = await take();
        client.write(Buffer.concat([AUTHENTICATION_OK, ...first.greeting]));
        idle.unshift(first);
        return;
      }
      if (typeOf(message) === 'X') return void client.end();
      if (!server) {
        server = await take();
        server.onMessage = onServerMessage;
        transactions.push(server.number);
      }
      if (ENDS_WITH_READY.has(typeOf(message))) pending += 1;
      server.socket.write(message);
    };
    client.on('data', (chunk) => {
      for (const message of framer.push(chunk)) queue = queue.then(() => onClientMessage(message));
    });
    client.on('error', () => {});
    // A client that disappears within a transaction: its server connection is closed, which rolls back.
    client.on('close', () => server?.socket.destroy());
  }

  const listener = createServer(serve);
  await new Promise<void>((resolve) => listener.listen(0, '127.0.0.1', resolve));
  const url = new URL(databaseUrl);
  url.host = `127.0.0.1:${(listener.address() as AddressInfo).port}`;
  return {
    url: url.href,
    transactions,
    close: async () => {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => listener.close(resolve));
    },
  };
}
