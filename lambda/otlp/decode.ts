/** The body of an OTLP request → records. Loaded with the first such request. */
import { logsToRecords, toRecords } from '../../wire/genai/index.ts';
import type { RecordLists } from '../../wire/records.ts';
import { HttpError } from '../http/http-error.ts';
import type { Rejections } from '../validation/rejections.ts';
import { decodeOtlpLogsJson } from './logs-json.ts';
import { decodeOtlpLogsProtobuf } from './logs-protobuf.ts';
import type { OtlpEncoding, OtlpSignal } from './response.ts';
import { decodeOtlpJson } from './traces-json.ts';
import { decodeOtlpProtobuf } from './traces-protobuf.ts';

type Decoder = (
  body: Buffer,
  encoding: OtlpEncoding,
  rejections: Rejections,
) => RecordLists | HttpError;

/** A decoder for each signal. */
export const DECODERS: Readonly<Record<OtlpSignal, Decoder>> = {
  traces: decoderOf({ protobuf: decodeOtlpProtobuf, json: decodeOtlpJson }, toRecords),
  logs: decoderOf({ protobuf: decodeOtlpLogsProtobuf, json: decodeOtlpLogsJson }, logsToRecords),
};

function decoderOf<Item>(
  decoders: Record<OtlpEncoding, (body: Buffer, rejections: Rejections) => Item[] | HttpError>,
  convert: (items: readonly Item[]) => RecordLists,
): Decoder {
  return (body, encoding, rejections) => {
    const items = decoders[encoding](body, rejections);
    return items instanceof HttpError ? items : convert(items);
  };
}
