import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createAccumulator } from '../../../sdk/llm/accumulator.ts';
import { argumentsJson, partsJson, type Reply } from '../../../sdk/llm/model.ts';
import { readReply } from '../../../sdk/llm/read-reply.ts';
import type { Cut } from './reply-form.ts';
import { REPLY_FORMS } from './reply-forms.ts';

const HINTS = { isDeclared: true, hasMessages: true, model: null };
const WHOLE: Cut = (text) => [text];

/** A reply as plain data. */
function plain(reply: Reply | undefined) {
  expect(reply).toBeDefined();
  const { completions, kind, error, attributes } = reply as Reply;
  return {
    kind,
    error,
    attributes,
    completions: completions.map((completion) => ({
      ...completion,
      parts: completion.parts === null ? null : JSON.parse(partsJson(completion.parts)),
      toolCalls: completion.toolCalls.map((call) => ({
        ...call,
        arguments: argumentsJson(call),
        isUnread: false,
      })),
    })),
  };
}

function accumulated(items: Iterable<unknown>) {
  const accumulator = createAccumulator(true);
  let at = 0;
  for (const item of items) accumulator.add(item, ++at);
  return plain(readReply(accumulator.result, HINTS, true));
}

/** Cuts each text at the given places. */
const cutterOf =
  (places: readonly number[]): Cut =>
  (text) => {
    const ends = [...new Set(places.map((place) => place % (text.length + 1)))].sort(
      (a, b) => a - b,
    );
    return [0, ...ends].map((from, at) => text.slice(from, [...ends, text.length][at]));
  };

const places = fc.array(fc.nat(200), { maxLength: 6 });

const freeze = <T>(value: T): T => {
  if (typeof value === 'object' && value !== null) {
    Object.freeze(value);
    for (const one of Object.values(value)) freeze(one);
  }
  return value;
};

const toEvents = (events: readonly object[]): Uint8Array =>
  new TextEncoder().encode(
    [...events.map((event) => JSON.stringify(event)), '[DONE]']
      .map((data) => `event: message\r\ndata: ${data}\r\n\r\n`)
      .join(': ping\n\n'),
  );

describe.each(Object.entries(REPLY_FORMS))('%s', (_, { whole, events }) => {
  const expected = plain(readReply(structuredClone(whole), HINTS, true));

  it('is the same reply as a stream, wherever its texts are cut', () => {
    fc.assert(
      fc.property(places, (at) => {
        expect(accumulated(events(cutterOf(at)))).toEqual(expected);
      }),
      { numRuns: 25 },
    );
  });

  it('is the same reply as bytes of server-sent events, wherever these are cut', () => {
    const bytes = toEvents(events(WHOLE));
    fc.assert(
      fc.property(fc.array(fc.nat(bytes.length), { maxLength: 20 }), (at) => {
        const ends = [...at].sort((a, b) => a - b);
        const parts = [0, ...ends].map((from, n) =>
          bytes.subarray(from, [...ends, bytes.length][n]),
        );
        expect(accumulated(parts)).toEqual(expected);
      }),
      { numRuns: 25 },
    );
  });

  it('leaves the events as they are', () => {
    const given = events(WHOLE);
    const before = structuredClone(given);
    accumulated(freeze(given));
    expect(given).toEqual(before);
  });
});
