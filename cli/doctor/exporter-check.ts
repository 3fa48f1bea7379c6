/** Checks the variables of OpenTelemetry's exporters, where any is set: the ingest function takes HTTP alone. */
import { type Check, failed, passed } from './check.ts';

/** The port of OTLP over gRPC. */
const GRPC_PORT = '4317';

const HINT =
  'Set OTEL_EXPORTER_OTLP_PROTOCOL=http/protobuf and OTEL_EXPORTER_OTLP_ENDPOINT to the endpoint of Agensight. Many exporters send by gRPC where the protocol is not set.';

/** The check of the variables; none where the environment has no exporter. */
export function checkExporter(environment: Readonly<Record<string, string | undefined>>): Check[] {
  const address =
    environment.OTEL_EXPORTER_OTLP_TRACES_ENDPOINT || environment.OTEL_EXPORTER_OTLP_ENDPOINT;
  const protocol =
    environment.OTEL_EXPORTER_OTLP_TRACES_PROTOCOL || environment.OTEL_EXPORTER_OTLP_PROTOCOL;
  if (!address && !protocol) return [];
  const url = address && URL.canParse(address) ? new URL(address) : undefined;
  if (protocol === 'grpc') {
    return [failed('exporter', 'OTEL_EXPORTER_OTLP_PROTOCOL is grpc', HINT)];
  }
  if (url?.port === GRPC_PORT) {
    return [failed('exporter', `OTEL_EXPORTER_OTLP_ENDPOINT has the port of gRPC, 4317`, HINT)];
  }
  if (!protocol) {
    return [failed('exporter', 'OTEL_EXPORTER_OTLP_PROTOCOL is not set', HINT)];
  }
  return [passed('exporter', `OTEL_EXPORTER_OTLP_PROTOCOL is ${protocol}`)];
}
