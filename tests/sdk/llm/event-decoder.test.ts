/** Server-sent events and lines of JSON, cut at any byte. */
import { describe, expect, it } from 'vitest';
import { createEventDecoder } from '../../../sdk/llm/event-decoder.ts';

/** The values of a body that arrives in parts of `size` bytes. */
function decode(body: string, size: number): { values: unknown[]; isDone: boolean } {
  const values: unknown[] = [];
  let isDone = false;
  const decoder = createEventDecoder(
    (value) => values.push(value),
    () => {
      isDone = true;
    },
  );
  const bytes = new TextEncoder().encode(body);
  for (let at = 0; at < bytes.length; at += size) decoder.add(bytes.slice(at, at + size), 0);
  decoder.end(0);
  return { values, isDone };
}

const both = [{ text: 'Málaga' }, { text: '27 °C' }];

describe.each([1, 2, 3, 1000])('in parts of %d bytes', (size) => {
  it.each([
    ['events', 'data: {"text":"Málaga"}\n\ndata: {"text":"27 °C"}\n\n'],
    ['events with CRLF', 'data: {"text":"Málaga"}\r\n\r\ndata: {"text":"27 °C"}\r\n\r\n'],
    ['events with CR', 'data: {"text":"Málaga"}\r\rdata: {"text":"27 °C"}\r\r'],
    ['events without a space', 'data:{"text":"Málaga"}\n\ndata:{"text":"27 °C"}\n\n'],
    [
      'events with names',
      ': hi\nevent: a\nid: 1\ndata: {"text":"Málaga"}\n\ndata: {"text":"27 °C"}',
    ],
    [
      'events over two lines',
      'data: {"text":\ndata: "Málaga"}\n\ndata: {"text":\r\ndata: "27 °C"}\n',
    ],
    [
      'events that are no JSON',
      'data: hello\n\ndata: {"text":"Málaga"}\n\ndata: {"text":"27 °C"}\n\n',
    ],
    ['lines of JSON', '{"text":"Málaga"}\n {"text":"27 °C"}\n'],
    ['lines of JSON, the last open', '{"text":"Málaga"}\n{"text"\n{"text":"27 °C"}'],
  ])('%s', (_, body) => {
    expect(decode(body, size)).toEqual({ values: both, isDone: false });
  });

  it('the end of the streams of OpenAI', () => {
    expect(decode('data: {"a":1}\n\ndata: [DONE]\n\n', size)).toEqual({
      values: [{ a: 1 }],
      isDone: true,
    });
  });
});

it('passes on an event before the empty line that ends it', () => {
  const values: unknown[] = [];
  const decoder = createEventDecoder((value, at) => values.push([value, at]));
  decoder.add(new TextEncoder().encode('data: {"a":1}\n'), 7);
  expect(values).toEqual([[{ a: 1 }, 7]]);
});
