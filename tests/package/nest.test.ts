/** The built package in a NestJS application, compiled by tsc as Nest's own starter is. */
import { execFile } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Edge } from '../sdk/support/edge.ts';

const run = promisify(execFile);
const root = join(import.meta.dirname, '../..');
const require = createRequire(import.meta.url);
const tsc = join(dirname(require.resolve('typescript/package.json')), 'bin/tsc');
let project: string;
let edge: Edge;

beforeAll(async () => {
  edge = await new Edge().open();
  project = mkdtempSync(join(tmpdir(), 'agensight-nest-'));
  const modules = join(project, 'node_modules');
  mkdirSync(join(modules, 'agensight'), { recursive: true });
  cpSync(join(root, 'dist'), join(modules, 'agensight/dist'), { recursive: true });
  cpSync(join(root, 'package.json'), join(modules, 'agensight/package.json'));
  for (const name of ['@nestjs', '@opentelemetry', '@types', 'reflect-metadata', 'rxjs']) {
    symlinkSync(join(root, 'node_modules', name), join(modules, name));
  }
  writeFileSync(join(project, 'package.json'), '{ "type": "module" }');
});

afterAll(async () => {
  await edge.close();
  rmSync(project, { recursive: true, force: true });
});

/** Compiles files of `consumers/` and runs some code; gives back what it printed. */
async function compiled(files: string[], isLegacy: boolean, code: string): Promise<string> {
  const out = isLegacy ? 'legacy' : 'standard';
  for (const file of files) {
    cpSync(join(import.meta.dirname, 'consumers', file), join(project, file));
  }
  const compilerOptions = {
    strict: true,
    skipLibCheck: true,
    module: 'nodenext',
    target: 'es2023',
    types: ['node'],
    rewriteRelativeImportExtensions: true,
    rootDir: '.',
    outDir: out,
    experimentalDecorators: isLegacy,
    emitDecoratorMetadata: isLegacy,
  };
  writeFileSync(join(project, 'tsconfig.json'), JSON.stringify({ compilerOptions, files }));
  const { stdout } = await run(process.execPath, [tsc, '-p', project]).catch(
    (error: { stdout: string }) => error,
  );
  expect(stdout).toBe('');
  writeFileSync(join(project, out, 'main.js'), code);
  const env = { PATH: process.env.PATH, AGENSIGHT_ENDPOINT: edge.url, AGENSIGHT_TOKEN: 't' };
  const result = await run(process.execPath, ['--no-warnings', join(project, out, 'main.js')], {
    env,
  });
  return result.stdout;
}

describe('a NestJS application', () => {
  it('keeps routes, guards, interceptors and injection, and mixes no sessions', async () => {
    const printed = await compiled(['nest.ts', 'service.ts'], true, "import './nest.js';");
    const { answers, kept, pending } = JSON.parse(printed);
    expect(pending).toBe(0);
    expect(answers).toMatchObject({
      above: [200, 'nest', 'recalled Porto 1'],
      below: [200, null, 'recalled Lagos 1'],
      create: [202, null, '{"stored":"Faro"}'],
      remove: [403, null, expect.anything()],
      missing: [404, null, expect.stringContaining('no such trip')],
    });
    expect(answers.many).toHaveLength(60);
    expect(kept).toEqual({ name: 'above', length: 1, types: ['Memory'] });

    const { traces, spans } = edge.records();
    const named = (name: string) => traces.filter((one) => one.name === name);
    expect(named('forbidden')).toEqual([]);
    expect(named('missing')).toMatchObject([{ session_id: 'e', status: 'error' }]);
    expect(named('create')).toMatchObject([{ session_id: 'c', input: { city: 'Faro' } }]);
    for (let i = 0; i < 60; i++) {
      const handler = i % 2 ? 'above' : 'below';
      const [run, ...others] = spans.filter(
        ({ name, input }) => name === handler && input === `city-${i}`,
      );
      expect(others).toEqual([]);
      const [trace] = traces.filter(({ id }) => id === run?.trace_id);
      expect(trace?.session_id).toBe(`session-${i}`);
      const all = spans.filter((one) => one.trace_id === trace?.id);
      // Nest runs what an interceptor hands on in the interceptor's context.
      expect(all.map(({ name, kind }) => `${name} ${kind}`).sort()).toEqual(
        [
          `${handler} span`,
          'find tool',
          'recall retriever',
          'recall span',
          ...(i % 2 ? [] : ['intercept span']),
        ].sort(),
      );
      for (const { name, input } of all) {
        if (name !== 'intercept') expect(input).toBe(`city-${i}`);
      }
    }
    expect(spans.filter(({ name }) => name === 'intercept')).toHaveLength(31);
  });
});

describe('a service', () => {
  it.each([
    ['legacy', true],
    ['standard', false],
  ])('works the same compiled with %s decorators', async (_, isLegacy) => {
    const before = edge.records().spans.length;
    const code = `
      import { flush, init } from 'agensight';
      import { Memory } from './service.js';
      init({ name: 'service', mode: 'prod' });
      const memory = new Memory();
      const said = [memory.recall('a'), memory.size, await Memory.all('b', 'c')];
      await flush();
      console.log(JSON.stringify([said, Memory.prototype.recall.name, Memory.all.length]));`;
    expect(JSON.parse(await compiled(['service.ts'], isLegacy, code))).toEqual([
      ['recalled a 1', 1, ['recalled b 1', 'recalled c 1']],
      'recall',
      0,
    ]);
    const spans = edge.records().spans.slice(before);
    expect(spans.map(({ name, kind }) => `${name} ${kind}`)).toEqual([
      'recall span',
      'recall retriever',
      'size span',
      'recall span',
      'recall retriever',
      'recall span',
      'recall retriever',
      'all span',
    ]);
    const all = spans.at(-1);
    const own = spans.filter((one) => one.parent_id === all?.id);
    expect(own.map(({ input }) => input)).toEqual(['b', 'c']);
  });
});
