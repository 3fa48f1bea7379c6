/** The same figures for other products: `npm run bench -- sdk --peers`. */
import { type ChildProcess, execFileSync, fork } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { build } from 'esbuild';
import { median } from './measure.ts';
import { peerEnvironment } from './peers/packages.ts';
import type { Measured, Run } from './tracer-process.ts';
import { TRACERS } from './tracers.ts';
import { contestants, Sink } from './watch.ts';

const ROUNDS = 7;
const IMPORTS = 7;
/** Some products take minutes for a run that others finish in a second. */
const CAP_MILLIS = 60_000;
const RUN: Run = { kind: 'async', isNew: false, chunks: 6 };
const REFERENCE = 'opentelemetry-2';

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));

/** Prints a table with one line per product that starts. */
export async function benchPeers(): Promise<void> {
  const sink = await Sink.open();
  await sink.order({ answer: 'ok', keepsNothing: true });
  const { port } = sink;
  const children = new Map<string, ChildProcess>();
  const start = async (name: string, tracer: string, compression: string): Promise<void> => {
    const child = fork(here('./tracer-process.ts'), [tracer, String(port)], {
      env: {
        ...process.env,
        ...peerEnvironment(port),
        OTEL_EXPORTER_OTLP_COMPRESSION: compression,
      },
      stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
    });
    const said = await Promise.race([once(child, 'message'), once(child, 'exit')]);
    if (said[0] === 'ready') children.set(name, child);
    else console.error(`${name} does not start`);
  };
  for (const [name, tracer] of contestants()) {
    await start(name, tracer, 'none');
    const packed = compressedTracer(name, tracer);
    if (packed) await start(name + COMPRESSED, packed, 'gzip');
  }
  const taken = new Map<string, Measured[]>();
  for (let round = -2; round < ROUNDS; round++) {
    for (const [name, child] of children) {
      const measured = await measure(child);
      if (measured === undefined) {
        console.error(`${name} did not deliver within ${CAP_MILLIS / 1000} s and is left out`);
        child.kill('SIGKILL');
        children.delete(name);
        taken.delete(name);
      } else if (round >= 0) taken.set(name, [...(taken.get(name) ?? []), measured]);
    }
  }
  for (const child of children.values()) child.kill('SIGKILL');
  await sink.close();

  const reference = taken.get(REFERENCE) ?? [];
  const packedReference = taken.get(REFERENCE + COMPRESSED) ?? [];
  const cell = (
    measured: readonly Measured[] | undefined,
    what: keyof Measured,
    reference: readonly Measured[],
  ): string => {
    if (!measured) return '–';
    const micros = median(measured.map((one) => one[what])) / 1000;
    const ratio = median(
      measured.map((one, i) => one[what] / (reference[i]?.[what] ?? Number.NaN)),
    );
    return `${micros.toFixed(1)} µs (${ratio.toFixed(2)})`;
  };
  console.log(`\n### Other products; in brackets the ratio to raw OpenTelemetry 2.12\n`);
  console.log(
    '| tracer | async, per span | processor time with export | the same, compressed | import | packages | bundle |',
  );
  console.log('| --- | --- | --- | --- | --- | --- | --- |');
  for (const [name, measured] of taken) {
    if (name.endsWith(COMPRESSED)) continue;
    const packed = taken.get(name + COMPRESSED);
    const adapter = contestants().get(name) ?? '';
    const rest = adapter.endsWith('.mjs') ? await weigh(adapter) : ['–', '–', '–'];
    const cells = [
      name,
      cell(measured, 'nanos', reference),
      cell(measured, 'cpuNanos', reference),
      cell(packed, 'cpuNanos', packedReference),
      ...rest,
    ];
    console.log(`| ${cells.join(' | ')} |`);
  }
}

/** The end of the name of a tracer that compresses what it sends. */
const COMPRESSED = ' compressed';
/** Products that read `OTEL_EXPORTER_OTLP_COMPRESSION`. */
const COMPRESSING: readonly string[] = [REFERENCE, 'langfuse', 'traceloop'];

/** The tracer that compresses; undefined for a product that cannot be told to. */
function compressedTracer(name: string, tracer: string): string | undefined {
  if (COMPRESSING.includes(name)) return tracer;
  return `${tracer}${COMPRESSED}` in TRACERS ? `${tracer}${COMPRESSED}` : undefined;
}

async function measure(child: ChildProcess): Promise<Measured | undefined> {
  const answer = once(child, 'message', { signal: AbortSignal.timeout(CAP_MILLIS) });
  child.send(RUN);
  return answer.then(
    ([measured]) => measured as Measured,
    () => undefined,
  );
}

/** Import time, number of packages, and bundle size of a product's adapter. */
async function weigh(adapter: string): Promise<string[]> {
  const url = JSON.stringify(pathToFileURL(adapter).href);
  const code = `const t=performance.now();await import(${url});process.stdout.write(String(performance.now()-t));process.exit(0)`;
  const millis = Array.from({ length: IMPORTS }, () =>
    Number(
      execFileSync(process.execPath, ['--input-type=module', '-e', code], {
        encoding: 'utf8',
        env: { ...process.env, ...peerEnvironment(9) },
        stdio: ['ignore', 'pipe', 'ignore'],
      })
        .split('\n')
        .at(-1),
    ),
  );
  const lock = join(adapter, '../node_modules/.package-lock.json');
  const { packages } = JSON.parse(readFileSync(lock, 'utf8')) as { packages: object };
  return [
    `${median(millis).toFixed(0)} ms`,
    String(Object.keys(packages).length),
    await bundleOf(adapter),
  ];
}

async function bundleOf(adapter: string): Promise<string> {
  try {
    const { outputFiles } = await build({
      entryPoints: [adapter],
      bundle: true,
      minify: true,
      write: false,
      platform: 'node',
      format: 'esm',
      loader: { '.node': 'empty' },
      logLevel: 'silent',
    });
    return `${Math.round((outputFiles[0]?.contents.length ?? 0) / 1000)} kB`;
  } catch {
    return 'cannot be bundled';
  }
}
