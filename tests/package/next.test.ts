/** The built package in an application of Next.js, built and started by each of its bundlers. */
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { Edge } from '../sdk/support/edge.ts';
import { ProviderServer } from '../sdk/support/provider-server.ts';
import { install } from '../support/install.ts';
import { factsOf } from './rows.ts';

const root = join(import.meta.dirname, '../..');
const folder = join(import.meta.dirname, 'next');
const next = join(folder, 'node_modules/next/dist/bin/next');
const BUILD_MILLIS = 600_000;

beforeAll(() => install(new URL('./next/', import.meta.url)), BUILD_MILLIS);

describe.each(['turbopack', 'webpack'])('an application of Next.js, built by %s', (bundler) => {
  let project: string;
  let edge: Edge;
  let provider: ProviderServer;
  let server: ChildProcess | undefined;
  let log = '';
  let url = '';

  beforeAll(async () => {
    if (!existsSync(join(root, 'dist/agensight.js'))) throw new Error('first: npm run build');
    [edge, provider] = await Promise.all([new Edge().open(), new ProviderServer().open()]);
    // Below the packages of Next.js, because its bundlers follow no link out of their root.
    project = mkdtempSync(join(folder, 'project-'));
    cpSync(join(import.meta.dirname, 'consumers/next'), project, { recursive: true });
    const installed = join(project, 'node_modules/agensight');
    mkdirSync(installed, { recursive: true });
    cpSync(join(root, 'package.json'), join(installed, 'package.json'));
    for (const file of readdirSync(join(root, 'dist')).filter((name) => /\.c?js$/.test(name))) {
      cpSync(join(root, 'dist', file), join(installed, 'dist', file));
    }
    writeFileSync(join(project, 'package.json'), '{ "private": true }');
    const options = {
      cwd: project,
      env: {
        PATH: process.env.PATH,
        NEXT_TELEMETRY_DISABLED: '1',
        AGENSIGHT_TOKEN: 'token',
        AGENSIGHT_ENDPOINT: edge.url,
        PROVIDER: provider.url,
      },
    };
    await promisify(execFile)(process.execPath, [next, 'build', `--${bundler}`], options);
    const start = [next, 'start', '--port', '0', '--hostname', '127.0.0.1'];
    server = spawn(process.execPath, start, options);
    for (const stream of [server.stdout, server.stderr]) {
      stream?.on('data', (chunk) => {
        log += chunk;
      });
    }
    await vi.waitFor(() => expect(log).toContain('Ready'), 60_000);
    url = /http:\/\/127\.0\.0\.1:\d+/.exec(log)?.[0] ?? '';
  }, BUILD_MILLIS);

  afterAll(async () => {
    if (server?.exitCode === null) {
      server.kill();
      await once(server, 'exit');
    }
    await Promise.all([edge?.close(), provider?.close()]);
    rmSync(project, { recursive: true, force: true });
  });

  /** The spans and completions of one request, beside those of the proxy. */
  async function recordsOf(method: string, path: string): Promise<Record<string, unknown[]>> {
    edge.requests.length = 0;
    const body = method === 'POST' ? { body: 'How warm is it?' } : {};
    const response = await fetch(`${url}/api/${path}`, { method, ...body });
    expect(response.status).toBe(200);
    expect(response.headers.get('x-checked')).toBe('true');
    expect(await response.text()).toContain('It is ');
    await vi.waitFor(() => expect(edge.records().traces).toHaveLength(2), 20_000);
    const { spans, completions } = factsOf(edge.records());
    return {
      services: edge.records().traces.map(({ name, service_name }) => `${service_name}: ${name}`),
      spans: paths(spans).filter((path) => path !== '/check'),
      completions: paths(completions),
    };
  }
  const paths = (rows: unknown[] | undefined): string[] =>
    (rows ?? []).map((row) => (JSON.parse(row as string) as { path: string }).path);

  it('records a client in the bundle that nobody instruments', async () => {
    const { services, spans, completions } = await recordsOf('POST', 'chat');
    expect(services?.sort()).toEqual(['nodejs: check', 'nodejs: node chat']);
    expect(spans).toEqual(['/node chat', '/node chat/chat gpt-asked']);
    expect(completions).toEqual(['/node chat/chat gpt-asked']);
  });

  it('records a stream that ends after the response has begun', async () => {
    const { spans, completions } = await recordsOf('GET', 'fetch');
    expect(spans).toEqual(['/stream', '/stream/chat gpt-asked']);
    expect(completions).toEqual(['/stream/chat gpt-asked']);
  });

  it('records an instrumented client in the edge runtime, once', async () => {
    const { services, spans, completions } = await recordsOf('POST', 'edge');
    expect(services?.sort()).toEqual(['edge: edge chat', 'nodejs: check']);
    expect(spans).toEqual(['/edge chat', '/edge chat/chat gpt-asked', '/edge chat/step']);
    expect(completions).toEqual(['/edge chat/chat gpt-asked']);
  });

  it('reports no warning', () => {
    expect(log).not.toContain('AgensightWarning');
  });
});
