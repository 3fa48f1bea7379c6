/** Workers of Cloudflare, in workerd: bundled as wrangler does it, with an endpoint and a provider. */
import { cpSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { build } from 'esbuild';
import { Edge } from '../sdk/support/edge.ts';
import { Programs } from '../sdk/support/programs.ts';
import { ProviderServer } from '../sdk/support/provider-server.ts';
import { MODULES } from './runtimes.ts';

/** The part of miniflare that is used. */
interface Miniflare {
  dispatchFetch(url: string, init?: { signal?: AbortSignal }): Promise<Response>;
  getWorker(): Promise<{
    scheduled(options: { cron: string }): Promise<unknown>;
    queue(name: string, messages: readonly object[]): Promise<unknown>;
  }>;
  dispose(): Promise<void>;
}

export interface WorkerOptions {
  readonly flags?: readonly string[];
  readonly date?: string;
  readonly options?: object;
}

export class Worker {
  readonly edge: Edge;
  readonly runtime: Miniflare;
  /** What the runtime wrote to its log. */
  readonly log: string[];
  readonly #close: () => Promise<void>;

  private constructor(edge: Edge, runtime: Miniflare, log: string[], close: () => Promise<void>) {
    this.edge = edge;
    this.runtime = runtime;
    this.log = log;
    this.#close = close;
  }

  /** Starts a Worker of `consumers/workers`. */
  static async start(
    name: string,
    { flags = ['nodejs_compat'], date = '2026-07-30', options = {} }: WorkerOptions = {},
  ): Promise<Worker> {
    const programs = new Programs(['openai'], MODULES);
    const [edge, provider] = await Promise.all([new Edge().open(), new ProviderServer().open()]);
    cpSync(join(import.meta.dirname, 'consumers'), join(programs.folder, 'src'), {
      recursive: true,
    });
    const outfile = join(programs.folder, 'worker.mjs');
    await build({
      entryPoints: [join(programs.folder, `src/workers/${name}.mjs`)],
      outfile,
      bundle: true,
      format: 'esm',
      platform: 'browser',
      target: 'es2024',
      conditions: ['workerd', 'worker', 'browser'],
      external: ['node:*', 'cloudflare:*'],
      logLevel: 'error',
    });
    const log: string[] = [];
    const { Miniflare } = (await import(
      pathToFileURL(join(MODULES, 'miniflare/dist/src/index.js')).href
    )) as { Miniflare: new (options: object) => Miniflare };
    const runtime = new Miniflare({
      modules: true,
      modulesRoot: programs.folder,
      scriptPath: outfile,
      compatibilityDate: date,
      compatibilityFlags: flags,
      bindings: { TOKEN: 'token', ENDPOINT: edge.url, PROVIDER: `${provider.url}/v1` },
      handleRuntimeStdio: (...streams: NodeJS.ReadableStream[]) => {
        for (const stream of streams) stream.on('data', (chunk) => log.push(String(chunk)));
      },
      ...options,
    });
    return new Worker(edge, runtime, log, async () => {
      await runtime.dispose();
      await Promise.all([edge.close(), provider.close()]);
      programs.close();
    });
  }

  async get(path = '/'): Promise<string> {
    return (await this.runtime.dispatchFetch(`http://localhost${path}`)).text();
  }

  close(): Promise<void> {
    return this.#close();
  }
}
