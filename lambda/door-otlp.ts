/** `POST /v1/traces` and its aliases: any OpenTelemetry SDK or Collector, protobuf or JSON. */
import { hash } from 'node:crypto';
import { toRecords } from '../wire/genai/index.ts';
import { OTLP_TRACE_ALIASES, PATHS } from '../wire/protocol.ts';
import { decodeOtlpJson } from './decode-otlp-json.ts';
import { decodeOtlpProtobuf } from './decode-otlp-protobuf.ts';
import type { Request } from './event.ts';
import { mediaTypeOf } from './media-type.ts';
import { type OtlpEncoding, otlpAnswer, otlpRefusal } from './otlp-answer.ts';
import type { RecordDoor } from './record-door.ts';
import { Refusal, unsupported } from './refusal.ts';

const ENCODINGS: Readonly<Record<string, OtlpEncoding>> = {
  'application/x-protobuf': 'protobuf',
  'application/protobuf': 'protobuf',
  'application/json': 'json',
};
const DECODERS = { protobuf: decodeOtlpProtobuf, json: decodeOtlpJson };

export const otlpDoor: RecordDoor = {
  name: 'otlp',
  paths: [PATHS.otlpTraces, ...OTLP_TRACE_ALIASES],
  // The decoder counts spans. A sender cannot know what each unfolds into, and would lose them all.
  maxRecords: Number.POSITIVE_INFINITY,
  checkType: (request) =>
    encodingOf(request)
      ? null
      : unsupported('The content type must be application/x-protobuf or application/json.'),
  decode: (body, request, rejections) => {
    const spans = DECODERS[encodingOf(request) ?? 'json'](body, rejections);
    if (spans instanceof Refusal) return spans;
    return { batch: { batch_id: batchIdOf(body), ...toRecords(spans) } };
  },
  accept: ({ rejections }, request) => otlpAnswer(rejections, encodingOf(request) ?? 'json'),
  refuse: (refusal, request) => otlpRefusal(refusal, encodingOf(request) ?? 'json'),
};

function encodingOf(request: Request): OtlpEncoding | undefined {
  const type = mediaTypeOf(request);
  return Object.hasOwn(ENCODINGS, type) ? ENCODINGS[type] : undefined;
}

/**
 * A UUIDv8 from the bytes of the body. OTLP has no batch id, and an exporter that heard no answer
 * sends the same bytes again: the same id makes that a repeat, which costs the database nothing.
 */
function batchIdOf(body: Buffer): string {
  const digest = hash('sha256', body, 'buffer').subarray(0, 16);
  digest[6] = ((digest[6] ?? 0) & 0x0f) | 0x80;
  digest[8] = ((digest[8] ?? 0) & 0x3f) | 0x80;
  return digest.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}
