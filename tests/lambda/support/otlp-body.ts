import { PbfWriter } from 'pbf';

export const TRACE_ID = '0af7651916cd43dd8448eb211c80319c';
export const SPAN_ID = 'b7ad6b7169203331';
export const START_NANOS = '1770000000000000000';
export const END_NANOS = '1770000000250000000';

/** A span in OTLP/JSON. */
export function jsonSpan(fields: Record<string, unknown> = {}): Record<string, unknown> {
  return {
    traceId: TRACE_ID,
    spanId: SPAN_ID,
    name: 'step',
    startTimeUnixNano: START_NANOS,
    endTimeUnixNano: END_NANOS,
    ...fields,
  };
}

/** An ExportTraceServiceRequest in JSON around some spans. */
export function jsonRequest(...spans: unknown[]): Buffer {
  return Buffer.from(JSON.stringify({ resourceSpans: [{ scopeSpans: [{ spans }] }] }));
}

/** Writes the fields of one protobuf message. */
export type Write = (writer: PbfWriter) => void;

export function message(number: number, write: Write): Write {
  return (writer) => writer.writeMessage(number, (_, inner) => write(inner), null);
}

export function together(...writes: Write[]): Write {
  return (writer) => {
    for (const write of writes) write(writer);
  };
}

/** Ids and start of a span in protobuf. */
export const spanBasics: Write = (writer) => {
  writer.writeBytesField(1, Buffer.from(TRACE_ID, 'hex'));
  writer.writeBytesField(2, Buffer.from(SPAN_ID, 'hex'));
  writer.writeFixed64Field(7, Number(START_NANOS));
};

/** An attribute of a span, resource or event, in the field of that number. */
export function attribute(number: number, key: string, value: Write): Write {
  return message(
    number,
    together((writer) => writer.writeStringField(1, key), message(2, value)),
  );
}

/** An ExportTraceServiceRequest in protobuf around some spans. */
export function protobufRequest(...spans: Write[]): Buffer {
  const scopeSpans = together(...spans.map((span) => message(2, span)));
  return protobuf(message(1, message(2, scopeSpans)));
}

export function protobuf(write: Write): Buffer {
  const writer = new PbfWriter();
  write(writer);
  return Buffer.from(writer.finish());
}
