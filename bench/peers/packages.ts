/**
 * The products for comparison, each with the packages that its documentation names. They are installed
 * only on request, each in a separate folder that git ignores, because their versions of OpenTelemetry
 * are not compatible.
 */
import { execFileSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const PACKAGES: Record<string, readonly string[]> = {
  // The previous major version of OpenTelemetry; the benchmark otherwise compares with version 3.
  'opentelemetry-2': [
    '@opentelemetry/api@1.9.1',
    '@opentelemetry/sdk-trace-node@2.12.0',
    '@opentelemetry/exporter-trace-otlp-proto@0.223.1',
  ],
  langfuse: [
    '@langfuse/tracing@5.11.1',
    '@langfuse/otel@5.11.1',
    '@opentelemetry/sdk-node@0.223.0',
    '@opentelemetry/exporter-trace-otlp-http@0.223.0',
    '@opentelemetry/api@1.9.1',
    '@opentelemetry/core@2',
    '@opentelemetry/sdk-trace-base@2',
  ],
  traceloop: ['@traceloop/node-server-sdk@0.27'],
  laminar: ['@lmnr-ai/lmnr@0.8'],
  langsmith: ['langsmith@0.12'],
  braintrust: ['braintrust@3.35'],
  opik: ['opik@2.0'],
};

export const PEERS: readonly string[] = Object.keys(PACKAGES);

/** Below `node_modules`, so that linters, compilers and git ignore them. */
const FOLDER = join(import.meta.dirname, 'node_modules');

/** The adapter of a product, next to its packages, which are installed if they are missing. */
export function adapterOf(peer: string): string {
  const folder = join(FOLDER, peer);
  mkdirSync(folder, { recursive: true });
  if (!existsSync(join(folder, 'node_modules'))) {
    console.error(`installing ${peer} …`);
    writeFileSync(join(folder, 'package.json'), '{ "private": true, "type": "module" }');
    const options = ['--no-audit', '--no-fund', '--loglevel=error', '--ignore-scripts'];
    execFileSync('npm', ['install', ...options, ...(PACKAGES[peer] ?? [])], {
      cwd: folder,
      stdio: 'inherit',
    });
  }
  const adapter = join(folder, 'adapter.mjs');
  copyFileSync(join(import.meta.dirname, 'adapters', `${peer}.mjs`), adapter);
  return adapter;
}

/** Environment of the products: no telemetry of their own, and only loopback addresses. */
export const peerEnvironment = (port: number): Record<string, string> => ({
  NODE_ENV: 'production',
  OTEL_METRICS_EXPORTER: 'none',
  OTEL_LOGS_EXPORTER: 'none',
  TRACELOOP_TELEMETRY: 'false',
  LANGSMITH_TRACING: 'true',
  LANGSMITH_ENDPOINT: `http://127.0.0.1:${port}`,
  LANGSMITH_API_KEY: 'x',
  BRAINTRUST_APP_URL: `http://127.0.0.1:${port}`,
  BRAINTRUST_API_KEY: 'x',
  OPIK_URL_OVERRIDE: `http://127.0.0.1:${port}/api`,
  OPIK_API_KEY: 'x',
  OPIK_WORKSPACE: 'default',
  OPIK_PROJECT_NAME: 'bench',
  OPIK_LOG_LEVEL: 'ERROR',
  LMNR_PROJECT_API_KEY: 'x',
  LMNR_BASE_URL: 'http://127.0.0.1',
});
