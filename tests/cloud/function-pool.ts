import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type FunctionUrlHandler, functionUrlListener } from '../../local/function-url.ts';
import { type DeployedFunction, type Invocation, LocalLambda } from './local-lambda.ts';

/**
 * A function URL in front of instances of one function: each takes one request at a time, and what
 * comes when all are busy waits, up to a bound, where AWS would start another instance.
 */
export class FunctionPool {
  readonly url: string;
  /** Everything that the function wrote, line by line. */
  readonly lines: string[];
  readonly invocations: Invocation[] = [];
  readonly #instances: LocalLambda[];
  readonly #idle: LocalLambda[];
  readonly #waiting: ((instance: LocalLambda) => void)[] = [];
  readonly #server: Server;

  private constructor(instances: LocalLambda[], lines: string[], server: Server) {
    this.#instances = instances;
    this.#idle = [...instances];
    this.lines = lines;
    this.#server = server;
    this.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  }

  static async start(fn: DeployedFunction, size: number): Promise<FunctionPool> {
    const lines: string[] = [];
    const instances: LocalLambda[] = [];
    for (let i = 0; i < size; i++) {
      instances.push(await LocalLambda.start(fn, (line) => lines.push(line)));
    }
    let pool: FunctionPool | null = null;
    const handler: FunctionUrlHandler = async (event) => {
      if (pool === null) throw new Error('too early');
      const invocation = await pool.invoke(event);
      return invocation.ok
        ? (invocation.payload as Awaited<ReturnType<FunctionUrlHandler>>)
        : { statusCode: 502, body: invocation.errorMessage };
    };
    const server = createServer(functionUrlListener(handler));
    await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
    pool = new FunctionPool(instances, lines, server);
    return pool;
  }

  /** The processes of its instances. */
  get pids(): number[] {
    return this.#instances.flatMap(({ pid }) => (pid === null ? [] : [pid]));
  }

  async invoke(event: unknown): Promise<Invocation> {
    const instance =
      this.#idle.pop() ??
      (await new Promise<LocalLambda>((resolve) => this.#waiting.push(resolve)));
    try {
      const invocation = await instance.invoke(event);
      this.invocations.push(invocation);
      return invocation;
    } finally {
      const next = this.#waiting.shift();
      if (next) next(instance);
      else this.#idle.push(instance);
    }
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((closed) => this.#server.close(closed));
    await Promise.all(this.#instances.map((instance) => instance.stop()));
  }
}
