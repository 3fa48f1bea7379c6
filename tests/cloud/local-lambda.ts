import { type ChildProcess, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { dirname, join } from 'node:path';
import { json } from 'node:stream/consumers';
import { RUNTIME_CLIENT } from './needs.ts';

export interface DeployedFunction {
  name: string;
  /** Folder of the unpacked code. */
  code: string;
  handler: string;
  memoryMib: number;
  timeoutMillis: number;
  env: Record<string, string>;
}

export type Invocation = {
  requestId: string;
  /** From the first byte of the process to its first request for work; null when it was warm. */
  initMillis: number | null;
  millis: number;
} & ({ ok: true; payload: unknown } | { ok: false; errorType: string; errorMessage: string });

interface Waiting {
  id: string;
  event: unknown;
  timer?: NodeJS.Timeout;
  settle(result: { ok: true; payload: unknown } | { ok: false; error: Fault }): void;
}

interface Fault {
  errorType?: string;
  errorMessage?: string;
}

const API = '/2018-06-01/runtime';
const GUARD = join(import.meta.dirname, 'loopback-only.cjs');

/**
 * One instance of a function: its deployed code in the real Lambda runtime client, a process of its
 * own, which asks this for work by the documented Runtime API. One invocation at a time. A time-out
 * or an exit ends the process, and the next invocation begins with a new one, as in Lambda.
 */
export class LocalLambda {
  readonly #fn: DeployedFunction;
  readonly #server: Server;
  readonly #onLine: (line: string) => void;
  #child: ChildProcess | null = null;
  #startedAtMillis = 0;
  #initMillis: number | null = null;
  #idle: ServerResponse | null = null;
  #current: Waiting | null = null;
  #last: Promise<unknown> = Promise.resolve();
  #sentAtMillis = 0;

  private constructor(fn: DeployedFunction, onLine: (line: string) => void) {
    this.#fn = fn;
    this.#onLine = onLine;
    this.#server = createServer((request, response) => void this.#serve(request, response));
    this.#server.keepAliveTimeout = 0;
  }

  static async start(
    fn: DeployedFunction,
    onLine: (line: string) => void = () => {},
  ): Promise<LocalLambda> {
    const instance = new LocalLambda(fn, onLine);
    await new Promise<void>((listening) => instance.#server.listen(0, '127.0.0.1', listening));
    return instance;
  }

  /** Of its process; null while there is none. */
  get pid(): number | null {
    return this.#child?.pid ?? null;
  }

  invoke(event: unknown): Promise<Invocation> {
    const turn = this.#last.then(() => this.#run(event));
    this.#last = turn.catch(() => {});
    return turn;
  }

  /** Whether the process is at work. */
  get isBusy(): boolean {
    return this.#current !== null && this.#idle === null && this.#initMillis !== null;
  }

  /** Ends the process at once, in the middle of whatever it does. */
  kill(): void {
    this.#child?.kill('SIGKILL');
  }

  async stop(): Promise<void> {
    const child = this.#child;
    this.#child = null;
    if (child && child.exitCode === null) {
      const ended = new Promise((resolve) => child.once('exit', resolve));
      child.kill('SIGKILL');
      await ended;
    }
    this.#server.closeAllConnections();
    await new Promise((closed) => this.#server.close(closed));
  }

  async #run(event: unknown): Promise<Invocation> {
    const isCold = this.#child === null;
    if (isCold) this.#spawn();
    const id = randomUUID();
    const result = await new Promise<Parameters<Waiting['settle']>[0]>((settle) => {
      this.#current = { id, event, settle };
      this.#current.timer = setTimeout(
        () => {
          this.#end({ errorType: 'Sandbox.Timedout', errorMessage: 'Task timed out' });
          this.#child?.kill('SIGKILL');
          this.#child = null;
        },
        this.#fn.timeoutMillis + (isCold ? 10_000 : 0),
      );
      this.#hand();
    });
    const millis = performance.now() - this.#sentAtMillis;
    const facts = { requestId: id, millis, initMillis: isCold ? this.#initMillis : null };
    if (result.ok) return { ...facts, ok: true, payload: result.payload };
    const { errorType = 'unknown', errorMessage = '' } = result.error;
    return { ...facts, ok: false, errorType, errorMessage };
  }

  #settle(result: Parameters<Waiting['settle']>[0]): void {
    const current = this.#current;
    if (current === null) return;
    this.#current = null;
    clearTimeout(current.timer);
    current.settle(result);
  }

  #end(error: Fault): void {
    this.#settle({ ok: false, error });
  }

  #spawn(): void {
    const { port } = this.#server.address() as AddressInfo;
    const { name, code, handler, memoryMib, env } = this.#fn;
    this.#startedAtMillis = performance.now();
    this.#initMillis = null;
    const child = spawn(process.execPath, ['--require', GUARD, RUNTIME_CLIENT, handler], {
      cwd: code,
      stdio: ['ignore', 'pipe', 'pipe'],
      // Nothing of this process's environment: a function sees what Lambda gives it.
      env: {
        PATH: '/usr/local/bin:/usr/bin:/bin',
        LANG: 'en_US.UTF-8',
        TZ: ':UTC',
        HOME: '/tmp',
        AWS_LAMBDA_RUNTIME_API: `127.0.0.1:${port}`,
        _HANDLER: handler,
        LAMBDA_TASK_ROOT: code,
        LAMBDA_RUNTIME_DIR: dirname(RUNTIME_CLIENT),
        AWS_LAMBDA_FUNCTION_NAME: name,
        AWS_LAMBDA_FUNCTION_VERSION: '$LATEST',
        AWS_LAMBDA_FUNCTION_MEMORY_SIZE: String(memoryMib),
        AWS_LAMBDA_LOG_GROUP_NAME: `/aws/lambda/${name}`,
        AWS_LAMBDA_LOG_STREAM_NAME: 'local',
        AWS_LAMBDA_INITIALIZATION_TYPE: 'on-demand',
        AWS_EXECUTION_ENV: 'AWS_Lambda_nodejs24.x',
        AWS_SESSION_TOKEN: 'test',
        ...env,
      },
    });
    this.#child = child;
    for (const stream of [child.stdout, child.stderr]) {
      let rest = '';
      stream.setEncoding('utf8').on('data', (text: string) => {
        const lines = (rest + text).split('\n');
        rest = lines.pop() ?? '';
        for (const line of lines) if (line !== '') this.#onLine(line);
      });
    }
    child.on('exit', (exitCode, signal) => {
      if (this.#child !== child) return;
      this.#child = null;
      this.#idle = null;
      const errorMessage = `Runtime exited (code ${exitCode}, signal ${signal})`;
      this.#end({ errorType: 'Runtime.ExitError', errorMessage });
    });
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const path = (request.url ?? '').replace(API, '');
    if (request.method === 'GET' && path === '/invocation/next') {
      this.#initMillis ??= performance.now() - this.#startedAtMillis;
      this.#idle = response;
      this.#hand();
      return;
    }
    const body: unknown = await json(request).catch(() => null);
    response.writeHead(202, { 'content-type': 'application/json' }).end('{"status":"OK"}');
    if (path === `/invocation/${this.#current?.id}/response`) {
      this.#settle({ ok: true, payload: body });
    } else if (path.endsWith('/error')) {
      this.#end((body ?? {}) as Fault);
    }
  }

  /** Hands the work to the process when there are both. */
  #hand(): void {
    const response = this.#idle;
    const current = this.#current;
    if (response === null || current === null) return;
    this.#idle = null;
    this.#sentAtMillis = performance.now();
    response.writeHead(200, {
      'content-type': 'application/json',
      'lambda-runtime-aws-request-id': current.id,
      'lambda-runtime-deadline-ms': String(Date.now() + this.#fn.timeoutMillis),
      'lambda-runtime-invoked-function-arn': `arn:aws:lambda:us-east-1:123456789012:function:${this.#fn.name}`,
      'lambda-runtime-trace-id': 'Root=1-00000000-000000000000000000000000;Sampled=0',
    });
    response.end(JSON.stringify(current.event));
  }
}
