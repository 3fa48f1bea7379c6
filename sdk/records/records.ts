/**
 * Writes the records of an ended span as JSON text. Captured values are JSON text already and are
 * inserted unchanged. A test checks the field names against `wire/records.ts`.
 */

import { isId } from '../../wire/values.ts';
import {
  argumentsJson,
  type Completion,
  jsonOrText,
  type Prompt,
  partsJson,
  type ToolCall,
} from '../llm/model.ts';
import { isoTime, timeFields } from '../platform/clock.ts';
import { quoteLabel, snapshot } from '../serialize/snapshot.ts';
import type { RecordContext, RecordSink } from '../span/record-sink.ts';
import type { RecordingSpan } from '../span/recording-span.ts';
import type { TraceState } from '../span/trace-state.ts';
import {
  CLOSE,
  count,
  flat,
  json,
  label,
  MessageFields,
  NameField,
  noteText,
  raw,
} from './fields.ts';

const NAME = new NameField('name');
const MODE = new NameField('mode');
const STATUS = new NameField('status');
const KIND = new NameField('kind');
const ROLE = new NameField('role');
const FINISH_REASON = new NameField('finish_reason');
const MODEL = new NameField('model');
const MESSAGE = new MessageFields(ROLE);

/** Writes all records of an ended span; a root span also writes the trace record. */
export function writeRecords(span: RecordingSpan, context: RecordContext, sink: RecordSink): void {
  const { ownRecords } = span;
  if (ownRecords) {
    ownRecords.write(context, (table, record) => {
      noteText(record);
      sink(table, record);
    });
    return;
  }
  const request = span.kind === 'llm' ? span.request : undefined;
  // A model call stores its messages as prompts, and its other arguments as input.
  const input = request ? request.rest : (span.input ?? span.request?.inputJson() ?? null);
  if (span.isRoot) sink('traces', traceJson(span, input, context));
  sink('spans', spanJson(span, input, context));
  if (span.kind === 'tool') sink('tools', toolRunJson(span, input));
  const head = flat(`{"trace_id":"${span.trace.id}","span_id":"${span.id}"`);
  if (request) writePrompts(request.prompts, span, head, sink);
  if (span.reply) writeReply(span, head, sink);
}

function traceJson(span: RecordingSpan, input: string | null, context: RecordContext): string {
  const { trace } = span;
  const { session } = trace;
  const head =
    `{"id":"${trace.id}"` +
    label('session_id', session?.id) +
    label('user_id', trace.userId ?? session?.userId ?? context.userId) +
    MODE.of(context.mode);
  // The process that started this trace writes the other fields.
  if (trace.isContinued) return head + timeFields(span.startedAt, span.endedAt) + tail(trace);
  return (
    head +
    NAME.of(span.name) +
    label('service_name', context.serviceName) +
    label('release', trace.release ?? context.release) +
    outcome(span) +
    json('input', trace.input ?? input) +
    json('output', trace.output ?? span.output) +
    tail(trace)
  );
}

/** Tags and metadata of a trace, and the end of its record. */
const tail = (trace: TraceState): string =>
  json('tags', trace.tags === null ? null : snapshot(trace.tags)) +
  json('metadata', trace.metadata) +
  CLOSE;

/** Input, under the given name, and output. */
const values = (name: string, input: string | null, span: RecordingSpan): string =>
  json(name, input) + json('output', span.output);

/** Status, error and times. */
const outcome = (span: RecordingSpan): string =>
  STATUS.of(span.status) + json('error', span.error) + timeFields(span.startedAt, span.endedAt);

/**
 * The run of a tool: the row of the model's call, where the arguments have its id. Otherwise the id is
 * that of the span, and the equal `run_span_id` makes the database look for the call with the same name
 * and arguments.
 */
const toolRunJson = (span: RecordingSpan, input: string | null): string =>
  `{"trace_id":"${span.trace.id}","run_span_id":"${span.id}"` +
  label('id', span.toolCallId ?? span.id) +
  NAME.of(span.name) +
  outcome(span) +
  values('arguments', input, span) +
  CLOSE;

function spanJson(span: RecordingSpan, input: string | null, context: RecordContext): string {
  const hasAttributes = span.attributes !== null || span.lost > 0;
  return (
    `{"trace_id":"${span.trace.id}","id":"${span.id}"` +
    (span.parentId === null ? '' : `,"parent_id":"${span.parentId}"`) +
    NAME.of(span.name) +
    KIND.of(span.kind ?? 'span') +
    MODE.of(context.mode) +
    outcome(span) +
    values('input', input, span) +
    (hasAttributes ? json('attributes', attributesJson(span)) : '') +
    (span.events === null ? '' : json('events', eventsJson(span))) +
    CLOSE
  );
}

function attributesJson({ attributes, lost }: RecordingSpan): string {
  const fields = Array.from(attributes ?? [], ([key, value]) => `${quoteLabel(key)}:${value}`);
  if (lost > 0) fields.push(`"agensight.lost":${lost}`);
  return `{${fields.join()}}`;
}

function eventsJson(span: RecordingSpan): string {
  const events = (span.events ?? []).map(({ name, atMillis, attributes }) => {
    const head = `{"name":${quoteLabel(name)},"time":"${isoTime(atMillis)}"`;
    return head + raw('attributes', attributes) + CLOSE;
  });
  return `[${events.join()}]`;
}

function writePrompts(
  prompts: Prompt[],
  span: RecordingSpan,
  head: string,
  sink: RecordSink,
): void {
  for (let index = 0; index < prompts.length; index++) {
    const prompt = prompts[index] as Prompt;
    const { toolCallId } = prompt;
    sink(
      'prompts',
      head +
        count('message_index', index) +
        MESSAGE.of(prompt.role, prompt.content) +
        partsField(prompt, false) +
        label('name', prompt.name) +
        label('tool_call_id', toolCallId !== null && isId(toolCallId) ? toolCallId : null) +
        CLOSE,
    );
  }
  for (const { toolCallId, name, content, parts, isFailed } of toolResults(prompts)) {
    sink(
      'tools',
      `{"trace_id":"${span.trace.id}"` +
        label('id', toolCallId) +
        label('name', name) +
        json('output', content === null ? parts && partsJson(parts) : jsonOrText(content)) +
        (isFailed ? STATUS.of('error') : '') +
        CLOSE,
    );
  }
}

/**
 * The new tool messages of a request: those after the last message of the assistant. Earlier ones were
 * recorded with an earlier request, perhaps in another trace.
 */
export function toolResults(prompts: readonly Prompt[]): Prompt[] {
  const results: Prompt[] = [];
  for (let i = prompts.length - 1; i >= 0; i--) {
    const prompt = prompts[i] as Prompt;
    if (prompt.role === 'assistant') break;
    if (prompt.role === 'tool' && prompt.toolCallId !== null && isId(prompt.toolCallId)) {
      results.push(prompt);
    }
  }
  return results;
}

function writeReply(span: RecordingSpan, head: string, sink: RecordSink): void {
  let toolIndex = 0;
  const writeTool = (tool: ToolCall): void => {
    const id = tool.id !== null && isId(tool.id) ? tool.id : `${span.id}:${toolIndex}`;
    toolIndex += 1;
    const args = json('arguments', argumentsJson(tool));
    const result = json('output', tool.output) + (tool.isFailed ? STATUS.of('error') : '');
    sink('tools', head + label('id', id) + NAME.of(tool.name) + args + result + CLOSE);
  };
  const { completions } = span.reply as NonNullable<RecordingSpan['reply']>;
  for (let index = 0; index < completions.length; index++) {
    const completion = completions[index] as Completion;
    sink(
      'completions',
      head + count('completion_index', index) + completionFields(completion) + CLOSE,
    );
    for (const call of completion.toolCalls) writeTool(call);
  }
}

/** The parts of a message. Values that other fields of the span hold, too, are noted there. */
function partsField({ parts, content }: Prompt, areCallsNoted: boolean): string {
  if (parts === null) return '';
  for (const part of parts) {
    if (part === content) continue;
    if (typeof part === 'string') noteText(part);
    else if ('json' in part) noteText(part.json);
    else if (!areCallsNoted) {
      for (const value of [part.id, part.name, argumentsJson(part)]) {
        if (value !== null) noteText(value);
      }
    }
  }
  return raw('parts', partsJson(parts));
}

function completionFields(completion: Completion): string {
  const { content, usage } = completion;
  const fields =
    MESSAGE.of(completion.role, content) +
    partsField(completion, true) +
    FINISH_REASON.of(completion.finishReason) +
    MODEL.of(completion.model) +
    label('provider', completion.provider) +
    label('response_id', completion.responseId);
  let counts = count('time_to_first_token_ms', completion.firstTokenMillis);
  if (usage) {
    counts +=
      count('prompt_tokens', usage.prompt) +
      count('completion_tokens', usage.completion) +
      count('total_tokens', usage.total) +
      count('cached_tokens', usage.cached) +
      count('cache_write_tokens', usage.cache_write) +
      count('reasoning_tokens', usage.reasoning);
  }
  return fields + counts;
}
