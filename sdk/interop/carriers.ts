/** Carriers of trace context and baggage: HTTP headers, or message attributes of SQS and SNS. */
import { utf8Text } from '../platform/utf8.ts';
import { type Fields, hasFields, isInstance } from '../platform/values.ts';

/** Reads and writes the headers of one message. */
export interface Carrier {
  get(name: string): string | undefined;
  set(name: string, value: string): void;
}

/** SQS refuses a message with more than ten attributes. */
const MAX_ATTRIBUTES = 10;

/** UTF-16 units of a header that are read. */
const MAX_UNITS = 16_384;

/** Reads and writes a carrier, recognised by its shape; undefined for an unknown one. */
export function carrierOf(given: unknown): Carrier | undefined {
  if (!hasFields(given)) return undefined;
  if (typeof given.get === 'function' && typeof given.set === 'function') {
    const headers = given as unknown as Headers;
    return {
      get: (name) => textOf(headers.get(name)),
      set: (name, value) => headers.set(name, value),
    };
  }
  const attributes = given.MessageAttributes ?? given.messageAttributes;
  if (hasFields(attributes)) return attributesOf(attributes);
  // The input of `SendMessageCommand` or `PublishCommand`, perhaps without attributes.
  if ('MessageBody' in given || 'TopicArn' in given || 'TargetArn' in given) {
    return attributesOf({}, (made) => {
      given.MessageAttributes = made;
    });
  }
  const first = Object.values(given)[0];
  return isAttribute(first) ? attributesOf(given) : fieldsOf(given);
}

const isAttribute = (value: unknown): boolean =>
  hasFields(value) && ('DataType' in value || 'dataType' in value);

/** Headers as fields of an object, in any case. */
function fieldsOf(fields: Fields): Carrier {
  const keyOf = (name: string): string =>
    name in fields ? name : (Object.keys(fields).find((key) => key.toLowerCase() === name) ?? name);
  return {
    get: (name) => textOf(fields[keyOf(name)]),
    set: (name, value) => {
      fields[keyOf(name)] = value;
    },
  };
}

/** `{traceparent: {DataType: 'String', StringValue: '...'}}`; Lambda events use lower camel case. */
function attributesOf(attributes: Fields, attach?: (made: Fields) => void): Carrier {
  return {
    get: (name) => {
      const { StringValue, stringValue, Value } = (attributes[name] ?? {}) as Fields;
      return textOf(StringValue ?? stringValue ?? Value);
    },
    set: (name, value) => {
      if (!(name in attributes) && Object.keys(attributes).length >= MAX_ATTRIBUTES) return;
      attributes[name] = { DataType: 'String', StringValue: value };
      attach?.(attributes);
    },
  };
}

/** A header as text: Kafka headers are bytes, and Node has lists for repeated headers. */
function textOf(value: unknown): string | undefined {
  const text = isInstance(value, Uint8Array)
    ? utf8Text(value.subarray(0, MAX_UNITS))
    : Array.isArray(value)
      ? value.join(',')
      : value;
  return typeof text === 'string' ? text.slice(0, MAX_UNITS) : undefined;
}
