import { expect, it } from 'vitest';
import { checkExporter } from '../../cli/doctor/exporter-check.ts';

const E = 'OTEL_EXPORTER_OTLP_ENDPOINT';
const P = 'OTEL_EXPORTER_OTLP_PROTOCOL';

it.each([
  [{}, []],
  [{ [E]: 'http://127.0.0.1:4318', [P]: 'http/protobuf' }, ['ok']],
  [{ [E]: 'http://127.0.0.1:4318' }, ['failed']],
  [{ [E]: 'http://127.0.0.1:4317', [P]: 'http/json' }, ['failed']],
  [{ [P]: 'grpc' }, ['failed']],
  [{ OTEL_EXPORTER_OTLP_TRACES_PROTOCOL: 'grpc', [P]: 'http/protobuf' }, ['failed']],
  [{ [E]: 'no address', [P]: 'http/protobuf' }, ['ok']],
])('the exporter in %o is %o', (environment, statuses) => {
  const checks = checkExporter(environment);
  expect(checks.map(({ status }) => status)).toEqual(statuses);
  for (const { status, hint } of checks) {
    if (status === 'failed') expect(hint).toContain('OTEL_EXPORTER_OTLP_PROTOCOL=http/protobuf');
  }
});
