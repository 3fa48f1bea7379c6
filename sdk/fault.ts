/** What a caller threw, as the `error` field of a record. */
import { LIMITS } from '../wire/protocol.ts';
import { cutLabel } from '../wire/text.ts';
import { quoteLabel, quoteText } from './capture.ts';
import { CLOSE, json } from './fields.ts';

/** `{type, message, stack}` as JSON text; never throws, whatever was thrown. */
export function faultJson(thrown: unknown): string {
  const type = read(() => (thrown as Error).name) ?? (thrown === null ? 'null' : typeof thrown);
  const message = read(() => (thrown as Error).message) ?? read(() => String(thrown)) ?? '';
  const stack = read(() => (thrown as Error).stack);
  const head = `{"type":${quoteLabel(type)},"message":${quoteText(message)}`;
  return head + json('stack', stack === undefined ? null : quoteText(stack)) + CLOSE;
}

/** Two texts and their escapes must stay inside one JSON field. */
const MAX_UNITS = LIMITS.maxJsonBytes / 16;

function read(get: () => unknown): string | undefined {
  try {
    const value = get();
    return typeof value === 'string' ? cutLabel(value, MAX_UNITS) : undefined;
  } catch {
    return undefined;
  }
}
