/** The spool and the mode `local` are files of their own: in the package, and in bundles of programs. */
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { promisify } from 'node:util';
import { type BuildOptions, build } from 'esbuild';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const run = promisify(execFile);
const dist = join(import.meta.dirname, '../../dist');
let folder: string;

beforeAll(() => {
  if (!existsSync(join(dist, 'agensight.js'))) throw new Error('first: npm run build');
  folder = mkdtempSync(join(tmpdir(), 'agensight-parts-'));
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** How a program reaches the SDK: installed, or inside a bundle that is away from the package. */
const ways: readonly [name: string, extension: 'mjs' | 'cjs', bundle: BuildOptions | null][] = [
  ['installed, by import', 'mjs', null],
  ['installed, by require', 'cjs', null],
  ['in one ES module', 'mjs', { format: 'esm' }],
  ['in a bundle with several files', 'mjs', { format: 'esm', splitting: true }],
  ['in one CommonJS file, by import', 'cjs', { format: 'cjs' }],
  ['in one CommonJS file, by require', 'cjs', { format: 'cjs', alias: {} }],
];

/** Writes a program, bundled if asked for, and returns its file. */
async function program(index: number, name: string, text: string): Promise<string> {
  const [, extension, bundle] = ways[index] as (typeof ways)[number];
  const isRequired = extension === 'cjs' && (bundle === null || bundle.alias !== undefined);
  const names = '{ flush, init, span, status }';
  const head = isRequired
    ? `const ${names} = require(${JSON.stringify(join(dist, 'agensight.cjs'))});`
    : `import ${names} from ${JSON.stringify(join(dist, 'agensight.js'))};`;
  const source = join(folder, `${name}-${index}.${isRequired ? 'cjs' : 'mjs'}`);
  writeFileSync(source, `${head}\n${text}`);
  if (bundle === null) return source;
  const outdir = join(folder, `${name}-${index}`);
  await build({
    ...bundle,
    entryPoints: { main: source },
    outdir,
    outExtension: { '.js': `.${extension}` },
    bundle: true,
    minify: true,
    platform: 'node',
    logLevel: 'error',
  });
  return join(outdir, `main.${extension}`);
}

describe.each(ways.map(([name], index) => ({ name, index })))('the SDK $name', ({ index }) => {
  it('writes the local file', async () => {
    const file = join(folder, `local-${index}.db`);
    const main = await program(
      index,
      'local',
      `init({ mode: 'local', localFile: ${JSON.stringify(file)} });
       span('step', (value) => value + 1)(1);
       void flush().then(({ sent }) => console.log(sent));`,
    );
    const { stdout } = await run(process.execPath, ['--no-warnings', main]);
    expect(stdout.trim()).toBe('2');
    const database = new DatabaseSync(file, { readOnly: true });
    expect(database.prepare('select name, input, output from spans').get()).toEqual({
      name: 'step',
      input: '1',
      output: '2',
    });
    database.close();
  });

  it('keeps the records of a killed process in the spool, and sends them at the next start', async () => {
    const spool = join(folder, `spool-${index}`);
    const main = await program(
      index,
      'spool',
      `init({ mode: 'prod', token: 't', endpoint: 'http://127.0.0.1:1', spool: ${JSON.stringify(spool)} });
       if (process.argv[2] === 'first') {
         span('step', (value) => value + 1)(1);
         setTimeout(() => console.log('recorded'), 50);
         setInterval(() => undefined, 1_000);
       } else {
         setTimeout(() => {
           console.log(status().pending);
           process.exit();
         }, 50);
       }`,
    );
    const first = spawn(process.execPath, ['--no-warnings', main, 'first']);
    await once(first.stdout, 'data');
    first.kill('SIGKILL');
    await once(first, 'exit');
    const files = readdirSync(spool, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => readFileSync(join(entry.parentPath, entry.name), 'latin1'));
    expect(files.join()).toContain('"name":"step"');
    const { stdout } = await run(process.execPath, ['--no-warnings', main, 'second']);
    expect(stdout.trim()).toBe('2');
  });
});

it('loads neither of them unless an option asks for it', async () => {
  const text = (options: string): string =>
    `import { createRequire } from 'node:module';
     init({ token: 't', ${options} });
     const loaded = Object.keys(createRequire(import.meta.url).cache);
     console.log(loaded.map((file) => file.split(/[\\\\/]/).at(-1)).join());`;
  const run3 = async (name: string, options: string): Promise<string> => {
    const main = await program(0, name, text(options));
    return (await run(process.execPath, ['--no-warnings', main], { cwd: folder })).stdout.trim();
  };
  expect(await run3('plain', "mode: 'prod'")).toBe('');
  expect(await run3('spooled', "mode: 'prod', spool: true")).toBe('spool.cjs');
  expect(await run3('stored', "mode: 'local'")).toBe('sqlite-exporter.cjs');
});
