/**
 * A model call as it is recorded: references to the caller's strings, which are immutable, and JSON text
 * of everything else, so that later changes by the program are not recorded.
 */

import { plainText } from '../../wire/genai/provider/message.ts';
import {
  CallPart,
  type Message,
  type MessagePart,
  type ToolCall as ReadCall,
  storedPart,
  type Usage,
} from '../../wire/genai/provider/model.ts';
import { LIMITS } from '../../wire/protocol.ts';
import { cleanText } from '../../wire/text.ts';
import { isInstance, isText } from '../platform/values.ts';
import { cleanJson, quoteLabel, quoteText, snapshot } from '../serialize/snapshot.ts';

/** One message of a request. */
export interface Prompt {
  readonly role: string | null;
  readonly content: string | null;
  /** The parts of a message that has more than text. */
  readonly parts: readonly KeptPart[] | null;
  readonly name: string | null;
  readonly toolCallId: string | null;
  /** The message of a tool that failed. */
  readonly isFailed: boolean;
}

/** One part of a message: a text, a call, or the JSON text of any other part. */
export type KeptPart = string | ToolCall | { readonly json: string };

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
  /** JSON text; while `isUnread`, the text of the model, which usually is JSON. */
  arguments: string | null;
  isUnread: boolean;
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
    parts: parts && keepParts(parts, message.calls, calls, keepsContent),
    name,
    toolCallId,
    isFailed: result?.failed === true,
  };
}

/** Keeps immutable values as they are: the parts are written when a batch is. */
function keepParts(
  parts: readonly MessagePart[],
  read: readonly ReadCall[],
  calls: readonly ToolCall[],
  keepsContent: boolean,
): KeptPart[] | null {
  if (!keepsContent) {
    return calls.length === 0 ? null : calls.map((call) => ({ json: `${namedCall(call)}}` }));
  }
  // Parts and calls are in the same order.
  let at = 0;
  return parts.map((part) => {
    if (isInstance(part, CallPart)) {
      const found = read.indexOf(part.call, at);
      const call = calls[found];
      if (call) {
        at = found + 1;
        return call;
      }
    }
    return plainText(part) ?? { json: snapshot(storedPart(part)) ?? 'null' };
  });
}

const namedCall = ({ id, name }: ToolCall): string =>
  `{"type":"tool_call","id":${labelJson(id)},"name":${labelJson(name)}`;

const labelJson = (label: string | null): string => (label === null ? 'null' : quoteLabel(label));

/** The parts of a message as JSON text. */
export function partsJson(parts: readonly KeptPart[]): string {
  const json = `[${parts.map(partJson).join()}]`;
  if (json.length * 3 <= LIMITS.maxJsonBytes) return json;
  return snapshot(JSON.parse(json)) ?? 'null';
}

function partJson(part: KeptPart): string {
  if (isText(part)) return `{"type":"text","text":${quoteText(part)}}`;
  if ('json' in part) return part.json;
  return `${namedCall(part)},"arguments":${argumentsJson(part)}}`;
}

/** Tool calls without their arguments and results, where content is not kept. */
export const recordCalls = (
  calls: readonly ReadCall[],
  keepsContent: boolean,
): readonly ToolCall[] =>
  calls.length === 0 ? NO_CALLS : calls.map((call) => recordCall(call, keepsContent));

const NO_CALLS: readonly ToolCall[] = [];

function recordCall(call: ReadCall, keepsContent: boolean): ToolCall {
  const { id, name, text, run } = call;
  // A longer text must be cut as a value.
  const isUnread = keepsContent && !!text && text.length * 3 <= LIMITS.maxJsonBytes;
  const value = keepsContent && !isUnread ? call.arguments : null;
  return {
    id,
    name,
    arguments: isUnread ? text : value == null ? null : snapshot(value),
    isUnread,
    output: keepsContent && run?.output != null ? snapshot(run.output) : null,
    isFailed: run?.failed === true,
  };
}

/** The arguments of a call as JSON text. */
export function argumentsJson(call: ToolCall): string | null {
  if (call.isUnread) {
    call.arguments = jsonOrText(call.arguments ?? '');
    call.isUnread = false;
  }
  return call.arguments;
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
