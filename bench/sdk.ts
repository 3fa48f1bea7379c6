/** The cost of tracing, compared with raw OpenTelemetry in the same run: overhead, import time, bundle size. */
import { type ChildProcess, execFileSync, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { build } from 'esbuild';
import { type Figure, median, printFigures } from './measure.ts';
import { oddValues } from './odd-values.ts';
import { benchPeers } from './sdk-peers.ts';
import type { Measured, Run } from './tracer-process.ts';

const ROUNDS = 9;
const CHUNKS = 6;
const IMPORTS = 11;
const NAMES = ['agensight', 'opentelemetry'] as const;
type Name = (typeof NAMES)[number];

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));

export async function benchSdk(): Promise<void> {
  printFigures('SDK, against raw OpenTelemetry 3.1 with a BatchSpanProcessor', [
    ...(await overhead()),
    ...(await oddValues()),
    importTime(),
    await bundleSize(),
  ]);
  const { values } = parseArgs({ options: { peers: { type: 'boolean' } }, strict: false });
  if (values.peers) await benchPeers();
}

type Kind = Omit<Run, 'chunks'>;

/** The processes of both tracers, with the server of each. */
class Pair {
  readonly #children: ChildProcess[] = [];
  readonly #tracers = {} as Record<Name, ChildProcess>;

  async open(suffix: string): Promise<this> {
    for (const name of NAMES) {
      const { message: port } = await this.#start('./sink.ts', []);
      const started = await this.#start('./tracer-process.ts', [name + suffix, String(port)]);
      this.#tracers[name] = started.child;
    }
    return this;
  }

  close(): void {
    for (const child of this.#children) child.kill('SIGKILL');
  }

  /** Medians of ours, and of the ratios to the other, over interleaved rounds. */
  async measure(run: Kind): Promise<(what: keyof Measured) => { ours: string; ratio: string }> {
    const taken: Record<Name, Measured[]> = { agensight: [], opentelemetry: [] };
    for (const name of NAMES) for (let i = 0; i < 2; i++) await this.#ask(name, run);
    for (let round = 0; round < ROUNDS; round++) {
      for (const name of NAMES) taken[name].push(await this.#ask(name, run));
    }
    const { agensight, opentelemetry } = taken;
    return (what) => ({
      ours: `${(median(agensight.map((one) => one[what])) / 1000).toFixed(1)} µs`,
      ratio: median(
        agensight.map((ours, i) => ours[what] / (opentelemetry[i]?.[what] ?? Number.NaN)),
      ).toFixed(2),
    });
  }

  async #start(script: string, args: string[]): Promise<{ child: ChildProcess; message: unknown }> {
    const child = fork(here(script), args);
    this.#children.push(child);
    return { child, message: (await once(child, 'message'))[0] };
  }

  async #ask(name: Name, run: Kind): Promise<Measured> {
    const answer = once(this.#tracers[name], 'message');
    this.#tracers[name].send({ ...run, chunks: CHUNKS });
    return (await answer)[0];
  }
}

async function overhead(): Promise<Figure[]> {
  const plain = await new Pair().open('');
  const compressed = await new Pair().open(' compressed');
  const figures: Figure[] = [];
  for (const [kind, isNew, target] of [
    ['async', false, '≤ 0.60'],
    ['sync', false, '≤ 0.55'],
    ['async', true, '–'],
    ['sync', true, '–'],
  ] as const) {
    const texts = isNew ? ', every text new' : '';
    const of = await plain.measure({ kind, isNew });
    figures.push({
      figure: `${kind} wrapper with snapshot of input and output, per span${texts}`,
      ...of('nanos'),
      target,
    });
    figures.push({
      figure: `processor time per span with export, ${kind}${texts}`,
      ...of('cpuNanos'),
      target: isNew ? '–' : '≤ 0.50',
    });
    const packed = await compressed.measure({ kind, isNew });
    figures.push({
      figure: `the same, compressed (zstd; OpenTelemetry gzip), ${kind}${texts}`,
      ...packed('cpuNanos'),
      target: '≤ 0.50',
    });
  }
  plain.close();
  compressed.close();
  return figures;
}

function importTime(): Figure {
  const millisOf = (modules: string[]) => {
    const code = `const t=performance.now();${modules
      .map((module) => `await import(${JSON.stringify(module)});`)
      .join('')}process.stdout.write(String(performance.now()-t))`;
    const times = Array.from({ length: IMPORTS }, () =>
      Number(
        execFileSync(process.execPath, ['--input-type=module', '-e', code], { encoding: 'utf8' }),
      ),
    );
    return median(times);
  };
  const ours = millisOf([new URL('../dist/agensight.js', import.meta.url).href]);
  const raw = millisOf([
    '@opentelemetry/api',
    '@opentelemetry/sdk-trace',
    '@opentelemetry/context-async-hooks',
    '@opentelemetry/exporter-trace-otlp-proto',
  ]);
  return {
    figure: 'import time, in a fresh process',
    ours: `${ours.toFixed(0)} ms`,
    ratio: (ours / raw).toFixed(2),
    target: '≤ 40 ms',
  };
}

async function bundleSize(): Promise<Figure> {
  const sizeOf = async (contents: string) => {
    const { metafile } = await build({
      stdin: { contents, resolveDir: here('..') },
      bundle: true,
      // What is loaded on demand is in further files.
      splitting: true,
      outdir: 'bundle',
      metafile: true,
      minify: true,
      write: false,
      platform: 'node',
      format: 'esm',
    });
    const outputs = Object.entries(metafile.outputs);
    // What is imported on demand is an entry point, too.
    const isStart = ([, { entryPoint }]: (typeof outputs)[number]) => entryPoint === '<stdin>';
    const loaded = new Set(outputs.filter(isStart).map(([path]) => path));
    for (const path of loaded) {
      for (const { kind, path: imported } of metafile.outputs[path]?.imports ?? []) {
        if (kind === 'import-statement') loaded.add(imported);
      }
    }
    return (
      outputs.reduce((sum, [path, { bytes }]) => sum + (loaded.has(path) ? bytes : 0), 0) / 1000
    );
  };
  const ours = await sizeOf(
    "import { init, trace, span, flush } from './dist/agensight.js'; init(); trace('a', span('b', () => 1))(); flush();",
  );
  const raw = await sizeOf(
    `import { trace } from '@opentelemetry/api';
     import { TracerProvider, BatchSpanProcessor } from '@opentelemetry/sdk-trace';
     import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
     import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-proto';
     new AsyncLocalStorageContextManager();
     trace.setGlobalTracerProvider(new TracerProvider({ spanProcessors: [
       new BatchSpanProcessor({ exporter: new OTLPTraceExporter() })] }));`,
  );
  return {
    figure: 'bundle of a hello-world, minified',
    ours: `${ours.toFixed(0)} kB`,
    ratio: (ours / raw).toFixed(2),
    target: '≤ 80 kB',
  };
}
