/** Runs one tracer against one server and returns what was delivered. */
import { type ChildProcess, fork, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import type { Arrived, Orders } from './counting-sink.ts';
import { adapterOf, PEERS, peerEnvironment } from './peers/packages.ts';
import type { Said, Watch } from './watched-process.ts';

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

/** Agensight, raw OpenTelemetry and, with `--peers`, the other products: the name, and the tracer to open. */
export function contestants(): Map<string, string> {
  const { values } = parseArgs({ options: { peers: { type: 'boolean' } }, strict: false });
  const all = new Map([
    ['agensight', 'agensight'],
    ['agensight with spool', 'spooled'],
    ['OpenTelemetry 3.1', 'opentelemetry'],
  ]);
  if (values.peers) for (const peer of PEERS) all.set(peer, adapterOf(peer));
  return all;
}

export class Sink {
  readonly port: number;
  readonly #child: ChildProcess;

  private constructor(child: ChildProcess, port: number) {
    this.#child = child;
    this.port = port;
  }

  /** On a free port, or on a given one that was used before. */
  static async open(port?: number): Promise<Sink> {
    const child = fork(here('./counting-sink.ts'), port === undefined ? [] : [String(port)]);
    const [opened] = (await once(child, 'message')) as [number];
    return new Sink(child, opened);
  }

  async order(orders: Orders): Promise<void> {
    await this.#ask(orders);
  }

  async count(): Promise<Arrived> {
    return (await this.#ask('count')) as Arrived;
  }

  async close(): Promise<void> {
    const closed = once(this.#child, 'exit');
    this.#child.kill('SIGKILL');
    await closed;
  }

  async #ask(what: Orders | 'count'): Promise<unknown> {
    const answer = once(this.#child, 'message');
    this.#child.send(what);
    return (await answer)[0];
  }
}

export interface Watched {
  readonly said: Required<Said>;
  /** From the last span to the end of the process, without the flush; NaN if the process was killed. */
  readonly heldMillis: number;
}

/** Some products never exit while the server hangs. */
const CAP_MILLIS = 120_000;

export async function watched(watch: Watch, spool?: string): Promise<Watched> {
  const child = spawn(process.execPath, [here('./watched-process.ts'), JSON.stringify(watch)], {
    env: { ...process.env, ...peerEnvironment(watch.port), AGENSIGHT_SPOOL: spool },
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  let output = '';
  child.stdout.on('data', (chunk: Buffer) => {
    output += chunk.toString();
  });
  let isCapped = false;
  const cap = setTimeout(() => {
    isCapped = true;
    child.kill('SIGKILL');
  }, CAP_MILLIS);
  await once(child, 'close');
  clearTimeout(cap);
  const lines = output
    .split('\n')
    .filter((line) => /^\{"(startedAt|flushMillis|peakBytes)/.test(line));
  const nothing = { startedAt: 0, madeAt: 0, loopMillis: 0, flushMillis: 0, peakBytes: 0 };
  const said: Required<Said> = Object.assign(nothing, ...lines.map((line) => JSON.parse(line)));
  const heldMillis = isCapped ? Number.NaN : Date.now() - said.madeAt - said.flushMillis;
  return { said, heldMillis };
}
