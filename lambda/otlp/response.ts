/**
 * OTLP responses: ExportTraceServiceResponse, ExportLogsServiceResponse (the same fields under other
 * names), and google.rpc.Status for errors.
 */
import { PbfWriter } from 'pbf';
import type { HttpError } from '../http/http-error.ts';
import { type HttpResponse, jsonResponse } from '../http/response.ts';
import type { Rejections } from '../validation/rejections.ts';

/** The encoding of the request, and of the response. */
export type OtlpEncoding = 'protobuf' | 'json';

export type OtlpSignal = 'traces' | 'logs';

const NAME_OF_COUNT = { traces: 'rejectedSpans', logs: 'rejectedLogRecords' } as const;

/** Reasons in one response; senders write them into a log line. */
const MAX_REASONS = 5;

/** google.rpc.Code of an HTTP status; INVALID_ARGUMENT for any other. */
const RPC_CODES: Readonly<Record<number, number>> = {
  401: 16,
  403: 7,
  404: 5,
  405: 12,
  429: 8,
  503: 14,
};
const INVALID_ARGUMENT = 3;

/** 200, with `partial_success` when records were rejected. */
export function otlpResponse(
  rejections: Rejections,
  encoding: OtlpEncoding,
  signal: OtlpSignal,
): HttpResponse {
  const count = signal === 'traces' ? rejections.countOf('span') : rejections.count;
  const errorMessage = messageOf(rejections);
  if (encoding === 'json') {
    // Proto3 JSON writes 64-bit numbers as text.
    return jsonResponse(
      200,
      errorMessage
        ? { partialSuccess: { [NAME_OF_COUNT[signal]]: String(count), errorMessage } }
        : {},
    );
  }
  const writer = new PbfWriter();
  if (errorMessage) {
    writer.writeMessage(
      1,
      (_, partialSuccess) => {
        partialSuccess.writeVarintField(1, count);
        partialSuccess.writeStringField(2, errorMessage);
      },
      null,
    );
  }
  return protobufAnswer(200, writer);
}

/** An error with its message and gRPC code. */
export function otlpErrorResponse(httpError: HttpError, encoding: OtlpEncoding): HttpResponse {
  const code = RPC_CODES[httpError.status] ?? INVALID_ARGUMENT;
  if (encoding === 'json') {
    return jsonResponse(httpError.status, { code, message: httpError.message }, httpError.headers);
  }
  const writer = new PbfWriter();
  writer.writeVarintField(1, code);
  writer.writeStringField(2, httpError.message);
  return protobufAnswer(httpError.status, writer, httpError.headers);
}

function messageOf(rejections: Rejections): string {
  const listed = rejections.list.slice(0, MAX_REASONS);
  const reasons = listed.map(({ kind, id, field, reason }) => `${kind} ${id}: ${field} ${reason}`);
  const unlisted = rejections.count - listed.length;
  return unlisted > 0 ? `${reasons.join('; ')}; and ${unlisted} more` : reasons.join('; ');
}

function protobufAnswer(
  statusCode: number,
  writer: PbfWriter,
  headers: Readonly<Record<string, string>> = {},
): HttpResponse {
  return {
    statusCode,
    headers: { 'content-type': 'application/x-protobuf', ...headers },
    body: Buffer.from(writer.finish()).toString('base64'),
    isBase64Encoded: true,
  };
}
