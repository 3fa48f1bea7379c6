/** `POST /v1/traces`, `/v1/logs`, `/v1/metrics` and their aliases: any OpenTelemetry SDK or Collector. */
import {
  OTLP_LOG_ALIASES,
  OTLP_METRIC_ALIASES,
  OTLP_TRACE_ALIASES,
  PATHS,
} from '../../wire/protocol.ts';
import { batchIdOf } from '../http/batch-id.ts';
import { HttpError, unsupported } from '../http/http-error.ts';
import type { Request } from '../http/request.ts';
import { mediaTypeOf } from '../http/request.ts';
import type { DiscardRoute } from '../protocol/discard.ts';
import type { IngestRoute } from '../protocol/ingest-records.ts';
import { Rejections } from '../validation/rejections.ts';
import { type OtlpEncoding, type OtlpSignal, otlpErrorResponse, otlpResponse } from './response.ts';

const ENCODINGS: Readonly<Record<string, OtlpEncoding>> = {
  'application/x-protobuf': 'protobuf',
  'application/protobuf': 'protobuf',
  'application/json': 'json',
};

export const otlpTracesRoute = routeOf('traces', [PATHS.otlpTraces, ...OTLP_TRACE_ALIASES]);

/** For instrumentations that send the messages of a model call as log records. */
export const otlpLogsRoute = routeOf('logs', [PATHS.otlpLogs, ...OTLP_LOG_ALIASES]);

/** Metrics are not stored; SDKs that export all signals to one base URL would report each refusal. */
export const otlpMetricsRoute: DiscardRoute = {
  name: 'metrics',
  paths: [PATHS.otlpMetrics, ...OTLP_METRIC_ALIASES],
  checkType,
  accept: (request) => otlpResponse(new Rejections(), encodingOf(request) ?? 'json', 'traces'),
  refuse: (httpError, request) => otlpErrorResponse(httpError, encodingOf(request) ?? 'json'),
};

function routeOf(signal: OtlpSignal, paths: readonly string[]): IngestRoute {
  return {
    name: 'otlp',
    paths,
    // The decoder limits the items. A sender cannot know how many records they become.
    maxRecords: Number.POSITIVE_INFINITY,
    checkType,
    decode: async (body, request, rejections) => {
      const { DECODERS } = await import('./decode.ts');
      const lists = DECODERS[signal](body, encodingOf(request) ?? 'json', rejections);
      if (lists instanceof HttpError) return lists;
      return { batch: { batch_id: batchIdOf(signal, body), ...lists } };
    },
    accept: ({ rejections }, request) =>
      otlpResponse(rejections, encodingOf(request) ?? 'json', signal),
    refuse: (httpError, request) => otlpErrorResponse(httpError, encodingOf(request) ?? 'json'),
  };
}

function checkType(request: Request): HttpError | null {
  return encodingOf(request)
    ? null
    : unsupported('The content type must be application/x-protobuf or application/json.');
}

function encodingOf(request: Request): OtlpEncoding | undefined {
  const type = mediaTypeOf(request);
  return Object.hasOwn(ENCODINGS, type) ? ENCODINGS[type] : undefined;
}
