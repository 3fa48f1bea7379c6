/** What a caller threw, as the `error` field of a record. */
import { LIMITS } from '../wire/protocol.ts';
import { quoteLabel, quoteText } from './capture.ts';

/** `{type, message, stack}` as JSON text; never throws, whatever was thrown. */
export function faultJson(thrown: unknown): string {
  const type = read(thrown, 'name') ?? (thrown === null ? 'null' : typeof thrown);
  const message = read(thrown, 'message') ?? plainText(thrown);
  const stack = read(thrown, 'stack');
  const head = `{"type":${quoteLabel(type)},"message":${quoteText(short(message))}`;
  return stack === undefined ? `${head}}` : `${head},"stack":${quoteText(short(stack))}}`;
}

function short(text: string): string {
  // Two texts and their escapes must stay inside one JSON field.
  const limit = LIMITS.maxJsonBytes / 16;
  return text.length <= limit ? text : `${text.slice(0, limit)}…[cut: ${text.length} characters]`;
}

function read(thrown: unknown, key: 'name' | 'message' | 'stack'): string | undefined {
  if ((typeof thrown !== 'object' && typeof thrown !== 'function') || thrown === null) {
    return undefined;
  }
  try {
    const value = (thrown as Record<string, unknown>)[key];
    return typeof value === 'string' ? value : undefined;
  } catch {
    return undefined;
  }
}

function plainText(thrown: unknown): string {
  try {
    return String(thrown);
  } catch {
    return '[unreadable]';
  }
}
