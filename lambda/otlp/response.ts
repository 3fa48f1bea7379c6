/**
 * Answers as OTLP has them: ExportTraceServiceResponse, ExportLogsServiceResponse (the same fields
 * under other names), and google.rpc.Status on errors.
 */
import { PbfWriter } from 'pbf';
import type { HttpError } from '../http/http-error.ts';
import { type HttpResponse, jsonResponse } from '../http/response.ts';
import type { Rejections } from '../validation/rejections.ts';

/** The encoding of the request, which is that of the answer too. */
export type OtlpEncoding = 'protobuf' | 'json';

export type OtlpSignal = 'traces' | 'logs';

const NAME_OF_COUNT = { traces: 'rejectedSpans', logs: 'rejectedLogRecords' } as const;

/** Reasons told in one answer; senders put them into a log line. */
const MAX_REASONS = 5;

/** google.rpc.Code of an HTTP status; what is not listed is INVALID_ARGUMENT. */
const RPC_CODES: Readonly<Record<number, number>> = {
  401: 16,
  403: 7,
  404: 5,
  405: 12,
  429: 8,
  503: 14,
};
const INVALID_ARGUMENT = 3;

/** 200, with `partial_success` when anything was rejected. */
export function otlpResponse(
  rejections: Rejections,
  encoding: OtlpEncoding,
  signal: OtlpSignal,
): HttpResponse {
  const count = signal === 'traces' ? rejections.countOf('span') : rejections.count;
  const errorMessage = messageOf(rejections);
  if (encoding === 'json') {
    // Proto3 writes 64-bit numbers as text in JSON.
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

/** An error, in words and with its gRPC code. */
export function otlpErrorResponse(refusal: HttpError, encoding: OtlpEncoding): HttpResponse {
  const code = RPC_CODES[refusal.status] ?? INVALID_ARGUMENT;
  if (encoding === 'json') {
    return jsonResponse(refusal.status, { code, message: refusal.message }, refusal.headers);
  }
  const writer = new PbfWriter();
  writer.writeVarintField(1, code);
  writer.writeStringField(2, refusal.message);
  return protobufAnswer(refusal.status, writer, refusal.headers);
}

function messageOf(rejections: Rejections): string {
  const told = rejections.list.slice(0, MAX_REASONS);
  const reasons = told.map(({ kind, id, field, reason }) => `${kind} ${id}: ${field} ${reason}`);
  const untold = rejections.count - told.length;
  return untold > 0 ? `${reasons.join('; ')}; and ${untold} more` : reasons.join('; ');
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
