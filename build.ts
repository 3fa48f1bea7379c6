/** `npm run build`: the SDK in both module formats with its types, the commands, and the Lambda. */
import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { basename, dirname, join } from 'node:path';
import { type BuildOptions, build, type Plugin } from 'esbuild';
import { COLUMNS } from './wire/columns.ts';
import { KEYS } from './wire/redaction/key-patterns.ts';

const root = import.meta.dirname;
const dist = join(root, 'dist');
const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
  version: string;
};

const sdk: BuildOptions = {
  absWorkingDir: root,
  entryPoints: ['sdk/index.ts'],
  bundle: true,
  platform: 'neutral',
  target: 'node22',
  sourcemap: true,
  external: ['@opentelemetry/api'],
  define: {
    AGENSIGHT_VERSION: JSON.stringify(version),
    AGENSIGHT_COLUMNS: JSON.stringify(COLUMNS),
    AGENSIGHT_KEYS: JSON.stringify(KEYS),
  },
  logLevel: 'warning',
};

const cjs: BuildOptions = {
  format: 'cjs',
  define: { ...sdk.define, 'import.meta.url': '__filename' },
};

/**
 * Files of the SDK that are files of the package, too: `loadPart` of `sdk/platform/parts.ts` loads them.
 * Each is bundled alone, with its own copy of what it imports, so that it needs no other file.
 */
const PARTS = ['sdk/batch/spool.ts', 'sdk/delivery/sqlite-exporter.ts'];
const nameOf = (file: string): string => basename(file, '.ts');

/** Leaves the imports of parts as they are, for bundlers to find. */
const leaveParts = (extension: 'js' | 'cjs'): Plugin => ({
  name: 'parts',
  setup({ onResolve }) {
    onResolve({ filter: /./ }, ({ kind, path }) =>
      kind === 'dynamic-import' && PARTS.some((part) => nameOf(part) === nameOf(path))
        ? { path: `./${nameOf(path)}.${extension}`, external: true }
        : undefined,
    );
  },
});

// Bundled CommonJS packages call `require`, which an ES module has to create for them.
const REQUIRE =
  "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);";

/** Notices of the packages in the bundle of the CLI, as the MIT licence asks for. */
const LICENCES = `/*! Contains zod (MIT, (c) Colin McDonnell) and pg, pg-protocol, pg-types, pg-pool, pg-connection-string
 * (MIT, (c) Brian Carlson), pgpass, split2, postgres-* (MIT and ISC, their authors). */`;

rmSync(dist, { recursive: true, force: true });
for (const entry of ['sdk/index.ts', ...PARTS]) {
  const outfile = `dist/${entry === 'sdk/index.ts' ? 'agensight' : nameOf(entry)}`;
  const one = { ...sdk, entryPoints: [entry] };
  await build({ ...one, format: 'esm', plugins: [leaveParts('js')], outfile: `${outfile}.js` });
  await build({ ...one, ...cjs, plugins: [leaveParts('cjs')], outfile: `${outfile}.cjs` });
}
const database = { ...sdk, sourcemap: false, entryPoints: ['supabase/database.types.ts'] };
await build({ ...database, format: 'esm', outfile: 'dist/database.js' });
await build({ ...database, format: 'cjs', outfile: 'dist/database.cjs' });
// Of its own, so that a program which is bundled, where it can find nothing, does not carry it.
await build({
  ...sdk,
  ...cjs,
  entryPoints: ['sdk/instrument/auto-instrument.ts'],
  platform: 'node',
  outfile: 'dist/auto-instrument.cjs',
});
await bundleCli();
await bundleCdk();
declare();
for (const name of ['ingest', 'drain', 'maintain']) {
  const entry = `lambda/${name}.ts`;
  if (existsSync(join(root, entry))) await bundleLambda(entry, name);
}

/** Types for `import`, and the same for `require`: TypeScript reads them by the nearest package.json. */
function declare(): void {
  const require = createRequire(import.meta.url);
  const tsc = join(dirname(require.resolve('typescript/package.json')), 'bin', 'tsc');
  execFileSync(process.execPath, [tsc, '-p', 'tsconfig.build.json'], {
    cwd: root,
    stdio: 'inherit',
  });
  mkdirSync(join(dist, 'cjs'));
  for (const folder of ['sdk', 'wire', 'supabase', 'infra']) {
    cpSync(join(dist, folder), join(dist, 'cjs', folder), { recursive: true });
  }
  writeFileSync(join(dist, 'cjs', 'package.json'), '{ "type": "commonjs" }\n');
}

/**
 * One executable file with its libraries (zod, pg), so that the package depends on nothing but
 * the OpenTelemetry API. It also starts on a Node that is too old, to report that.
 */
async function bundleCli(): Promise<void> {
  const outfile = join(dist, 'cli.js');
  await build({
    ...sdk,
    entryPoints: ['cli/main.ts'],
    platform: 'node',
    target: 'node20',
    format: 'esm',
    sourcemap: false,
    external: ['@opentelemetry/api', 'pg-native'],
    mainFields: ['module', 'main'],
    banner: { js: `${LICENCES}\n${REQUIRE}` },
    outfile,
  });
  chmodSync(outfile, 0o755);
}

/** `agensight/cdk`, beside the functions that it deploys. The CDK is a peer dependency. */
async function bundleCdk(): Promise<void> {
  const cdk: BuildOptions = {
    absWorkingDir: root,
    entryPoints: ['infra/index.ts'],
    bundle: true,
    platform: 'node',
    target: 'node22',
    packages: 'external',
    logLevel: 'warning',
  };
  await build({ ...cdk, format: 'esm', outfile: 'dist/cdk/index.js' });
  await build({
    ...cdk,
    format: 'cjs',
    define: { 'import.meta.dirname': '__dirname' },
    outfile: 'dist/cdk/index.cjs',
  });
}

async function bundleLambda(entry: string, name: string): Promise<void> {
  await build({
    absWorkingDir: root,
    entryPoints: { index: entry },
    outdir: `dist/lambda/${name}`,
    outExtension: { '.js': '.mjs' },
    bundle: true,
    platform: 'node',
    target: 'node24',
    format: 'esm',
    minify: true,
    splitting: true,
    mainFields: ['module', 'main'],
    alias: Object.fromEntries(
      ['auth-js', 'realtime-js', 'storage-js'].map((name) => [
        `@supabase/${name}`,
        join(root, 'lambda/store/unused-clients.ts'),
      ]),
    ),
    sourcemap: true,
    sourcesContent: false,
    define: { AGENSIGHT_KEYS: JSON.stringify(KEYS) },
    banner: { js: REQUIRE },
    logLevel: 'warning',
  });
}
