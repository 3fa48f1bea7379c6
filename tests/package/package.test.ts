/** The package as a stranger gets it: packed, installed elsewhere, compiled strictly, and run. */
import { execFile } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { build } from 'esbuild';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const run = promisify(execFile);
const root = join(import.meta.dirname, '../..');
const modules = join(root, 'node_modules');
let project: string;
let installed: string;

beforeAll(async () => {
  if (!existsSync(join(root, 'dist/agensight.js'))) throw new Error('first: npm run build');
  project = mkdtempSync(join(tmpdir(), 'agensight-consumer-'));
  const { stdout } = await run(
    'npm',
    ['pack', '--json', '--ignore-scripts', '--pack-destination', project],
    { cwd: root },
  );
  const [{ filename }] = JSON.parse(stdout) as [{ filename: string }];
  await run('tar', ['-xzf', filename], { cwd: project });
  // Unpacked by hand, beside a link to the one dependency: no network is needed.
  installed = join(project, 'node_modules/agensight');
  mkdirSync(join(project, 'node_modules/@opentelemetry'), { recursive: true });
  cpSync(join(project, 'package'), installed, { recursive: true });
  symlinkSync(
    join(modules, '@opentelemetry/api'),
    join(project, 'node_modules/@opentelemetry/api'),
  );
});

afterAll(() => rmSync(project, { recursive: true, force: true }));

function write(name: string, text: string): string {
  const file = join(project, name);
  writeFileSync(file, text);
  return file;
}

async function node(...args: string[]): Promise<string> {
  const { stdout } = await run(process.execPath, args, { cwd: project });
  return stdout.trim();
}

describe('the types', () => {
  it.each([
    ['ESM', 'module', 'use', false],
    ['CommonJS', 'commonjs', 'use', false],
    ['ESM with standard decorators', 'module', 'decorators', false],
    ['ESM with legacy decorators', 'module', 'decorators', true],
  ])('hold in a strict project: %s', async (_, type, source, isLegacy) => {
    write('package.json', JSON.stringify({ type }));
    cpSync(join(import.meta.dirname, `consumers/${source}.ts`), join(project, `${source}.ts`));
    const compilerOptions = {
      strict: true,
      exactOptionalPropertyTypes: true,
      noUncheckedIndexedAccess: true,
      skipLibCheck: false,
      module: 'nodenext',
      target: 'es2022',
      // No types of Node: ours must not need them.
      types: [],
      lib: ['es2022', 'dom'],
      noEmit: true,
      experimentalDecorators: isLegacy,
    };
    write('tsconfig.json', JSON.stringify({ compilerOptions, files: [`${source}.ts`] }));
    const require = createRequire(import.meta.url);
    const tsc = join(dirname(require.resolve('typescript/package.json')), 'bin/tsc');
    const { stdout } = await run(process.execPath, [tsc, '-p', project]).catch(
      (error: { stdout: string }) => error,
    );
    expect(stdout).toBe('');
  });
});

describe('the package', () => {
  const PROGRAM = `
    const wrapped = span('f', (value) => value + 1);
    init({ mode: 'prod', token: 't', flushIntervalMillis: 60000 });
    console.log(wrapped(1), status().created);
    shutdown({ timeoutMillis: 0 });
  `;

  it.each([
    ['import', 'use.mjs', `import { init, shutdown, span, status } from 'agensight'; ${PROGRAM}`],
    [
      'require',
      'use.cjs',
      `const { init, shutdown, span, status } = require('agensight'); ${PROGRAM}`,
    ],
  ])('runs by %s', async (_, name, text) => {
    expect(await node('--no-warnings', write(name, text))).toBe('2 2');
  });

  it('has one state for both builds', async () => {
    const file = write(
      'both.mjs',
      `import { createRequire } from 'node:module';
       import * as esm from 'agensight';
       const cjs = createRequire(import.meta.url)('agensight');
       esm.init({ mode: 'prod', token: 't', flushIntervalMillis: 60000 });
       const outer = esm.trace('outer', () => cjs.span('inner', () => esm.currentSpan())());
       const inner = outer();
       console.log(cjs !== esm, cjs.status().created, inner.parentId !== null, cjs.status().enabled);
       await cjs.shutdown({ timeoutMillis: 0 });
       console.log(esm.status().enabled);`,
    );
    expect(await node('--no-warnings', file)).toBe('true 3 true true\nfalse');
  });

  it('knows its version', async () => {
    const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
      version: string;
    };
    expect(readFileSync(join(installed, 'dist/agensight.js'), 'utf8')).toContain(`"${version}"`);
  });

  it('has the commands in one file that runs by its name, and needs no other package', async () => {
    const { version, bin } = JSON.parse(readFileSync(join(installed, 'package.json'), 'utf8')) as {
      version: string;
      bin: { agensight: string };
    };
    const cli = join(installed, bin.agensight);
    const { stdout } = await run(cli, ['--version'], {
      env: { PATH: `${dirname(process.execPath)}:${process.env.PATH}` },
    });
    expect(stdout.trim()).toBe(version);
    const status = await run(process.execPath, [cli, 'status', '--json'], {
      cwd: project,
      env: {},
    });
    expect(JSON.parse(status.stdout)).toEqual({ local: null, spool: null, cloud: null });
    const failed = await run(process.execPath, [cli, 'push'], { cwd: project, env: {} }).catch(
      (error: { code: number; stderr: string }) => error,
    );
    expect(failed).toMatchObject({ code: 1 });
    expect(failed.stderr).toContain('no token is set');
  });

  it('has the migrations and a Postgres driver for its commands', async () => {
    const cli = join(installed, 'dist/cli.js');
    const url = 'postgresql://user:password@127.0.0.1:1/app';
    const failed = await run(process.execPath, [cli, 'migrate', '--database-url', url, '--json'], {
      cwd: project,
      env: {},
    }).catch((error: { code: number; stderr: string }) => error);
    expect(failed).toMatchObject({ code: 1 });
    expect(JSON.parse(failed.stderr)).toMatchObject({
      error: {
        code: 'AGENSIGHT_CLI_UNREACHABLE',
        message: expect.stringContaining('cannot use the database app at 127.0.0.1:1'),
      },
    });
    expect(failed.stderr).not.toContain('password@');
    await run(process.execPath, [cli, 'init-cloud', '--migrations'], { cwd: project, env: {} });
    expect(readdirSync(join(project, 'supabase/migrations'))).toEqual(
      readdirSync(join(root, 'migrations')),
    );
  });

  it('depends on the OpenTelemetry API alone', () => {
    const { dependencies } = JSON.parse(readFileSync(join(installed, 'package.json'), 'utf8')) as {
      dependencies: object;
    };
    expect(Object.keys(dependencies)).toEqual(['@opentelemetry/api']);
  });

  it.each(['agensight.js', 'agensight.cjs'])('%s imports nothing and holds no library', (name) => {
    const code = readFileSync(join(installed, 'dist', name), 'utf8');
    expect(code).not.toMatch(/zod|@supabase|@aws|\bfrom ['"]|\brequire\(['"]/);
  });

  it('takes no more than 153 kB of a minified bundle, of which the parts are further files', async () => {
    write(
      'hello.mjs',
      "import { flush, init, span, trace } from 'agensight'; console.log(flush, init, span, trace);",
    );
    const { outputFiles } = await build({
      absWorkingDir: project,
      entryPoints: ['hello.mjs'],
      bundle: true,
      splitting: true,
      minify: true,
      write: false,
      outdir: 'bundle',
      format: 'esm',
      platform: 'node',
      charset: 'utf8',
    });
    const [hello, ...parts] = outputFiles;
    // What reads OpenTelemetry and what patches providers is for those who import it.
    expect(hello?.text).not.toMatch(/openinference|fetchWithTimeout|journal_mode|AGSPOOL1/);
    expect(hello?.contents.byteLength).toBeLessThanOrEqual(153_000);
    expect(parts.map(({ path }) => basename(path).replace(/-.*/, '')).sort()).toEqual([
      'spool',
      'sqlite',
    ]);
    const all = outputFiles.reduce((sum, { contents }) => sum + contents.byteLength, 0);
    expect(all).toBeLessThanOrEqual(167_000);
  });
});
