/** Reads the bytes of a response body as server-sent events or as lines of JSON. */

import { LIMITS } from '../../wire/protocol.ts';
import { type Fields, hasFields } from '../platform/values.ts';

/** An event that is longer is not read. */
const MAX_LINE_UNITS = LIMITS.maxJsonBytes;

/**
 * A function that takes the next bytes, cut anywhere, and returns the JSON objects whose line is
 * complete. A body that is neither format gives none. `data:` fields that continue an event over
 * several lines are read line by line, because providers write each event in one line.
 */
export function createEventDecoder(): (bytes: Uint8Array) => Fields[] {
  const decoder = new TextDecoder();
  let rest = '';
  let isTooLong = false;
  return (bytes) => {
    const lines = (rest + decoder.decode(bytes, { stream: true })).split(/\r\n|\n|\r/);
    rest = lines.pop() ?? '';
    const events: Fields[] = [];
    for (const line of lines) {
      const event = isTooLong ? undefined : readLine(line);
      isTooLong = false;
      if (event) events.push(event);
    }
    if (rest.length > MAX_LINE_UNITS) {
      isTooLong = true;
      rest = '';
    }
    return events;
  };
}

function readLine(line: string): Fields | undefined {
  const json = line.startsWith('data:') ? line.slice('data:'.length).trimStart() : line;
  if (!json.startsWith('{')) return undefined;
  try {
    const event: unknown = JSON.parse(json);
    return hasFields(event) ? event : undefined;
  } catch {
    return undefined;
  }
}
