/** `POST /v1/traces`, `POST /v1/logs` and their aliases: any OpenTelemetry SDK or Collector. */
import { logsToRecords, toRecords } from '../../wire/genai/index.ts';
import { OTLP_LOG_ALIASES, OTLP_TRACE_ALIASES, PATHS } from '../../wire/protocol.ts';
import type { RecordLists } from '../../wire/records.ts';
import { batchIdOf } from '../http/batch-id.ts';
import { HttpError, unsupported } from '../http/http-error.ts';
import type { Request } from '../http/request.ts';
import { mediaTypeOf } from '../http/request.ts';
import type { IngestRoute } from '../protocol/ingest-records.ts';
import type { Rejections } from '../validation/rejections.ts';
import { decodeOtlpLogsJson } from './logs-json.ts';
import { decodeOtlpLogsProtobuf } from './logs-protobuf.ts';
import { type OtlpEncoding, type OtlpSignal, otlpErrorResponse, otlpResponse } from './response.ts';
import { decodeOtlpJson } from './traces-json.ts';
import { decodeOtlpProtobuf } from './traces-protobuf.ts';

const ENCODINGS: Readonly<Record<string, OtlpEncoding>> = {
  'application/x-protobuf': 'protobuf',
  'application/protobuf': 'protobuf',
  'application/json': 'json',
};

/** How traces and logs differ: paths, decoders and conversion. */
interface Signal<Item> {
  name: OtlpSignal;
  paths: readonly string[];
  decoders: Record<OtlpEncoding, (body: Buffer, rejections: Rejections) => Item[] | HttpError>;
  toRecords: (items: readonly Item[]) => RecordLists;
}

export const otlpTracesRoute = routeOf({
  name: 'traces',
  paths: [PATHS.otlpTraces, ...OTLP_TRACE_ALIASES],
  decoders: { protobuf: decodeOtlpProtobuf, json: decodeOtlpJson },
  toRecords,
});

/** For instrumentations that send the messages of a model call as log records. */
export const otlpLogsRoute = routeOf({
  name: 'logs',
  paths: [PATHS.otlpLogs, ...OTLP_LOG_ALIASES],
  decoders: { protobuf: decodeOtlpLogsProtobuf, json: decodeOtlpLogsJson },
  toRecords: logsToRecords,
});

function routeOf<Item>(signal: Signal<Item>): IngestRoute {
  return {
    name: 'otlp',
    paths: signal.paths,
    // The decoder limits the items. A sender cannot know how many records they become.
    maxRecords: Number.POSITIVE_INFINITY,
    checkType: (request) =>
      encodingOf(request)
        ? null
        : unsupported('The content type must be application/x-protobuf or application/json.'),
    decode: (body, request, rejections) => {
      const items = signal.decoders[encodingOf(request) ?? 'json'](body, rejections);
      if (items instanceof HttpError) return items;
      return { batch: { batch_id: batchIdOf(signal.name, body), ...signal.toRecords(items) } };
    },
    accept: ({ rejections }, request) =>
      otlpResponse(rejections, encodingOf(request) ?? 'json', signal.name),
    refuse: (httpError, request) => otlpErrorResponse(httpError, encodingOf(request) ?? 'json'),
  };
}

function encodingOf(request: Request): OtlpEncoding | undefined {
  const type = mediaTypeOf(request);
  return Object.hasOwn(ENCODINGS, type) ? ENCODINGS[type] : undefined;
}
