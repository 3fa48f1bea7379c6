/**
 * The headers that are read. No other header is looked at, because many hold credentials.
 */
import { hasFields, isList } from '../platform/values.ts';

const READ = new Set(
  (
    'content-type content-encoding location x-request-id request-id apim-request-id x-amzn-requestid ' +
    'x-should-retry x-stainless-retry-count x-stainless-timeout'
  ).split(' '),
);
const LENGTHS = new Set([...READ].map(({ length }) => length));

export type Headers = ReadonlyMap<string, string>;

/** Reads headers in any form of undici: a list of names and values, or an object. */
export function readHeaders(raw: unknown): Headers {
  const found = new Map<string, string>();
  const read = (name: unknown, value: unknown): void => {
    // Names are bytes or text. Their length excludes most of them without decoding.
    if (!LENGTHS.has((name as string | Uint8Array).length)) return;
    const text = String(name).toLowerCase();
    if (READ.has(text)) found.set(text, String(value));
  };
  if (isList(raw)) {
    for (let i = 0; i + 1 < raw.length; i += 2) read(raw[i], raw[i + 1]);
  } else if (hasFields(raw)) {
    for (const name of Object.keys(raw)) read(name, raw[name]);
  }
  return found;
}
