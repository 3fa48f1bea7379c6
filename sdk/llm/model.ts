/**
 * A model call as it is recorded: references to the caller's strings, which are immutable, and JSON text
 * of everything else, so that later changes by the program are not recorded.
 */
import type { Message, ToolCall as ReadCall, Usage } from '../../wire/genai/provider/model.ts';
import { LIMITS } from '../../wire/protocol.ts';
import { cleanText } from '../../wire/text.ts';
import { cleanJson, quoteText, snapshot } from '../serialize/snapshot.ts';

/** One message of a request. */
export interface Prompt {
  readonly role: string | null;
  readonly content: string | null;
  /** JSON text of the parts, of a message that has more than text. */
  readonly parts: string | null;
  readonly name: string | null;
  readonly toolCallId: string | null;
  /** The message of a tool that failed. */
  readonly isFailed: boolean;
}

/** One choice of a reply. The usage of the call is recorded with choice 0 only. */
export interface Completion extends Prompt {
  readonly toolCalls: readonly ToolCall[];
  readonly finishReason: string | null;
  readonly model: string | null;
  provider: string | null;
  readonly responseId: string | null;
  usage: Usage | null;
  /** Time from the start of the span to the first token of a stream, in milliseconds. */
  firstTokenMillis: number | null;
}

/** A tool call that the model requested, or that the provider ran itself. */
export interface ToolCall {
  readonly id: string | null;
  readonly name: string | null;
  /** JSON text. */
  readonly arguments: string | null;
  /** JSON text of the result, of a tool that the provider ran. */
  readonly output: string | null;
  readonly isFailed: boolean;
}

/** The reply of a model. */
export interface Reply {
  readonly completions: readonly Completion[];
  /** A reply of kind `embedding` has a model and usage, but no content. */
  readonly kind: 'llm' | 'embedding';
  /** JSON text of the error that the reply reports in place of an answer, or after a part of it. */
  readonly error: string | null;
  /** Attributes for the span: the cost that the provider reports, the state of a background response. */
  readonly attributes: Readonly<Record<string, unknown>>;
}

/** Known properties of the call whose result is read. */
export interface CallHints {
  /** The span has `kind: 'llm'`. */
  readonly isDeclared: boolean;
  /** An argument is a list of messages. */
  readonly hasMessages: boolean;
  /** The requested model; the model of the response has precedence. */
  readonly model: string | null;
  /** The call asks for a response that an earlier call made: usage counts where that had none yet. */
  readonly isLookup?: boolean;
}

/** Without content, roles and the names of tools remain. */
export function recordMessage(
  message: Message,
  keepsContent: boolean,
  calls: readonly ToolCall[] = recordCalls(message.calls, keepsContent),
): Prompt {
  const { role, content, parts, name, tool_call_id: toolCallId, result } = message;
  return {
    role,
    content: keepsContent ? content : null,
    parts: parts && partsJson(message, calls, keepsContent),
    name,
    toolCallId,
    isFailed: result?.failed === true,
  };
}

function partsJson(
  { parts, calls }: Message,
  recorded: readonly ToolCall[],
  keepsContent: boolean,
): string | null {
  if (!keepsContent) {
    const named = recorded.map(({ id, name }) => ({ type: 'tool_call', id, name }));
    return named.length > 0 ? snapshot(named) : null;
  }
  if (!calls.some((call) => call.text)) return snapshot(parts);
  const written = new Map(calls.map((call, at) => [call.arguments, recorded[at]]));
  const list = (parts ?? []).map((part) => {
    const json = written.get(part.arguments ?? null)?.arguments;
    if (!json) return snapshot(part);
    return `${snapshot({ ...part, arguments: undefined })?.slice(0, -1)},"arguments":${json}}`;
  });
  return `[${list}]`;
}

/** Tool calls without their arguments and results, where content is not kept. */
export const recordCalls = (
  calls: readonly ReadCall[],
  keepsContent: boolean,
): readonly ToolCall[] =>
  calls.length === 0 ? NO_CALLS : calls.map((call) => recordCall(call, keepsContent));

const NO_CALLS: readonly ToolCall[] = [];

const recordCall = (call: ReadCall, keepsContent: boolean): ToolCall => ({
  id: call.id,
  name: call.name,
  arguments: keepsContent ? argumentsJson(call) : null,
  output: keepsContent && call.run?.output != null ? snapshot(call.run.output) : null,
  isFailed: call.run?.failed === true,
});

function argumentsJson({ text, arguments: args }: ReadCall): string | null {
  if (text && text.length * 3 <= LIMITS.maxJsonBytes) return cleanJson(cleanText(text));
  return args == null ? null : snapshot(args);
}

/** Texts that were found to be JSON: a conversation sends its tool calls again with each request. */
const parsed = new Set<string>();
const MAX_PARSED = 256;
const MAX_PARSED_UNITS = 2_048;

/** A text that is a JSON object or list as it is, any other text quoted. */
export function jsonOrText(text: string): string {
  if (parsed.has(text)) return text;
  const first = text.charCodeAt(0);
  if ((first === 0x7b || first === 0x5b) && text.length * 3 <= LIMITS.maxJsonBytes) {
    try {
      JSON.parse(text);
      const json = cleanJson(cleanText(text));
      if (json === text && text.length <= MAX_PARSED_UNITS) {
        if (parsed.size >= MAX_PARSED) parsed.clear();
        parsed.add(text);
      }
      return json;
    } catch {
      // Truncated JSON, as tools sometimes return it, is recorded as text.
    }
  }
  return quoteText(text);
}
