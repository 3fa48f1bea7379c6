/**
 * An ended span as records: JSON text, written once. Snapshots are JSON text already and are put in
 * as they are; field names are those of `wire/records.ts`, which a test holds this file to.
 */
import type { TableName } from '../wire/records.ts';
import { quoteLabel, quoteText, snapshot } from './capture.ts';
import { isoTime } from './clock.ts';
import { isUsableId } from './ids.ts';
import { type LiveSpan, Snapshot } from './live-span.ts';
import { type Completion, jsonOrText, type Prompt, type ToolCall } from './llm-facts.ts';

/** Takes one record as JSON text. */
export type RecordSink = (table: TableName, json: string) => void;

/** What the records of a process have in common. */
export interface RecordContext {
  readonly serviceName: string;
  readonly release: string | null;
  /** Null in local mode, which never reaches the wire. */
  readonly mode: 'dev' | 'prod' | null;
}

/** Writes all records of one ended span; the trace record comes with the root. */
export function writeRecords(span: LiveSpan, context: RecordContext, sink: RecordSink): void {
  const request = span.reply === undefined && span.kind !== 'llm' ? undefined : span.request;
  // An LLM call stores its messages as prompts; what else it was called with is its input.
  const input = request ? request.rest : (span.input ?? span.request?.inputJson() ?? null);
  if (span.isRoot) sink('traces', traceJson(span, input, context));
  sink('spans', spanJson(span, input, context));
  const head = `{"trace_id":"${span.trace.id}","span_id":"${span.id}"`;
  if (request) writePrompts(request.prompts, span, head, sink);
  if (span.reply) writeReply(span, head, sink);
}

/** How many records {@link writeRecords} writes, session excluded. */
export function countRecords(span: LiveSpan): number {
  let count = span.isRoot ? 2 : 1;
  if (span.reply !== undefined || span.kind === 'llm') {
    const prompts = span.request?.prompts;
    if (prompts) count += prompts.length + toolResults(prompts).length;
  }
  if (span.reply === undefined) return count;
  for (const { toolCalls } of span.reply.completions) count += 1 + (toolCalls?.length ?? 0);
  return count + (span.reply.tools?.length ?? 0);
}

function traceJson(span: LiveSpan, input: string | null, context: RecordContext): string {
  const { trace } = span;
  const { session } = trace;
  let json = `{"id":"${trace.id}"`;
  if (session !== undefined) json += `,"session_id":${quoteLabel(session.id)}`;
  const userId = trace.userId ?? session?.userId ?? null;
  if (userId !== null) json += `,"user_id":${quoteLabel(userId)}`;
  if (context.mode !== null) json += `,"mode":"${context.mode}"`;
  json += `,"started_at":"${isoTime(span.startedAt)}","ended_at":"${isoTime(span.endedAt)}"`;
  if (trace.isContinued) return `${json}}`;
  json += `,"name":${quoteName(span.name)},"service_name":${quoteName(context.serviceName)}`;
  if (context.release !== null) json += `,"release":${quoteLabel(context.release)}`;
  json += `,"status":"${span.status}"`;
  if (span.error !== null) json += `,"error":${span.error}`;
  if (input !== null) json += `,"input":${input}`;
  if (span.output !== null) json += `,"output":${span.output}`;
  if (trace.tags !== null) json += `,"tags":${snapshot(trace.tags)}`;
  if (trace.metadata !== null) json += `,"metadata":${trace.metadata}`;
  return `${json}}`;
}

function spanJson(span: LiveSpan, input: string | null, context: RecordContext): string {
  let json = `{"trace_id":"${span.trace.id}","id":"${span.id}"`;
  if (span.parentId !== null) json += `,"parent_id":"${span.parentId}"`;
  const kind = span.kind ?? (span.reply === undefined ? 'span' : 'llm');
  json += `,"name":${quoteName(span.name)},"kind":"${kind}"`;
  if (context.mode !== null) json += `,"mode":"${context.mode}"`;
  json += `,"status":"${span.status}"`;
  if (span.error !== null) json += `,"error":${span.error}`;
  json += `,"started_at":"${isoTime(span.startedAt)}","ended_at":"${isoTime(span.endedAt)}"`;
  if (input !== null) json += `,"input":${input}`;
  if (span.output !== null) json += `,"output":${span.output}`;
  if (span.attributes !== null || span.lost > 0) json += `,"attributes":${attributesJson(span)}`;
  if (span.events !== null) json += `,"events":${eventsJson(span)}`;
  return `${json}}`;
}

function attributesJson(span: LiveSpan): string {
  const fields: string[] = [];
  for (const [key, value] of span.attributes ?? []) {
    const json = value instanceof Snapshot ? value.json : (snapshot(value) ?? 'null');
    fields.push(`${quoteLabel(key)}:${json}`);
  }
  if (span.lost > 0) fields.push(`"agensight.lost":${span.lost}`);
  return `{${fields.join()}}`;
}

function eventsJson(span: LiveSpan): string {
  const events = (span.events ?? []).map(({ name, atMillis, attributes }) => {
    const head = `{"name":${quoteLabel(name)},"time":"${isoTime(atMillis)}"`;
    return attributes === null ? `${head}}` : `${head},"attributes":${attributes}}`;
  });
  return `[${events.join()}]`;
}

function writePrompts(prompts: Prompt[], span: LiveSpan, head: string, sink: RecordSink): void {
  for (let index = 0; index < prompts.length; index++) {
    const prompt = prompts[index] as Prompt;
    let json = `${head},"message_index":${index}`;
    if (prompt.role !== null) json += `,"role":${quoteName(prompt.role)}`;
    if (prompt.content !== null) json += `,"content":${quoteText(prompt.content)}`;
    const parts = partsJson(prompt.parts, prompt.toolCalls);
    if (parts !== null) json += `,"parts":${parts}`;
    if (prompt.name !== null) json += `,"name":${quoteLabel(prompt.name)}`;
    if (prompt.toolCallId !== null && isUsableId(prompt.toolCallId)) {
      json += `,"tool_call_id":${quoteLabel(prompt.toolCallId)}`;
    }
    sink('prompts', `${json}}`);
  }
  for (const prompt of toolResults(prompts)) {
    let json = `{"trace_id":"${span.trace.id}","id":${quoteLabel(prompt.toolCallId ?? '')}`;
    if (prompt.name !== null) json += `,"name":${quoteLabel(prompt.name)}`;
    const output = prompt.content === null ? prompt.parts : jsonOrText(prompt.content);
    if (output !== null) json += `,"output":${output}`;
    sink('tools', `${json}}`);
  }
}

/**
 * The tool messages that this request brings: those after the last answer of the model. Earlier ones
 * are history, told by an earlier request and perhaps by another trace.
 */
function toolResults(prompts: readonly Prompt[]): Prompt[] {
  const results: Prompt[] = [];
  for (let i = prompts.length - 1; i >= 0; i--) {
    const prompt = prompts[i] as Prompt;
    if (prompt.role === 'assistant') break;
    if (prompt.role === 'tool' && prompt.toolCallId !== null && isUsableId(prompt.toolCallId)) {
      results.push(prompt);
    }
  }
  return results;
}

function writeReply(span: LiveSpan, head: string, sink: RecordSink): void {
  let toolIndex = 0;
  const writeTool = (tool: ToolCall): void => {
    const id = tool.id !== null && isUsableId(tool.id) ? tool.id : `${span.id}:${toolIndex}`;
    toolIndex += 1;
    let json = `${head},"id":${quoteLabel(id)}`;
    if (tool.name !== null) json += `,"name":${quoteName(tool.name)}`;
    const args = tool.argumentsJson();
    if (args !== null) json += `,"arguments":${args}`;
    sink('tools', `${json}}`);
  };
  const { completions, tools } = span.reply as NonNullable<LiveSpan['reply']>;
  for (let index = 0; index < completions.length; index++) {
    const completion = completions[index] as Completion;
    sink('completions', `${head},"completion_index":${index}${completionFields(completion)}}`);
    for (const call of completion.toolCalls ?? []) writeTool(call);
  }
  for (const tool of tools ?? []) writeTool(tool);
}

function completionFields(completion: Completion): string {
  let json = '';
  if (completion.role !== null) json += `,"role":${quoteName(completion.role)}`;
  if (completion.content !== null) json += `,"content":${quoteText(completion.content)}`;
  const parts = partsJson(completion.parts, completion.toolCalls);
  if (parts !== null) json += `,"parts":${parts}`;
  if (completion.finishReason !== null)
    json += `,"finish_reason":${quoteName(completion.finishReason)}`;
  if (completion.model !== null) json += `,"model":${quoteName(completion.model)}`;
  if (completion.provider !== null) json += `,"provider":${quoteName(completion.provider)}`;
  if (completion.responseId !== null) json += `,"response_id":${quoteLabel(completion.responseId)}`;
  const { usage } = completion;
  if (usage === null) return json;
  if (usage.promptTokens !== null) json += `,"prompt_tokens":${usage.promptTokens}`;
  if (usage.completionTokens !== null) json += `,"completion_tokens":${usage.completionTokens}`;
  if (usage.totalTokens !== null) json += `,"total_tokens":${usage.totalTokens}`;
  if (usage.cachedTokens !== null) json += `,"cached_tokens":${usage.cachedTokens}`;
  if (usage.reasoningTokens !== null) json += `,"reasoning_tokens":${usage.reasoningTokens}`;
  return json;
}

/** Content parts and tool calls, which the wire keeps in one list. */
function partsJson(parts: string | null, calls: ToolCall[] | null): string | null {
  if (calls === null) return parts;
  const items = calls.map((call) => {
    let json = '{"type":"tool_call"';
    if (call.id !== null) json += `,"id":${quoteLabel(call.id)}`;
    if (call.name !== null) json += `,"name":${quoteName(call.name)}`;
    const args = call.argumentsJson();
    return args === null ? `${json}}` : `${json},"arguments":${args}}`;
  });
  const before = parts?.startsWith('[{') ? `${parts.slice(1, -1)},` : '';
  return `[${before}${items.join()}]`;
}

/** The few names of a program come again and again; their JSON text is kept. */
const MAX_NAMES = 1_000;
const names = new Map<string, string>();

function quoteName(name: string): string {
  const known = names.get(name);
  if (known !== undefined) return known;
  const json = quoteLabel(name);
  if (names.size >= MAX_NAMES) names.clear();
  if (name.length <= 128) names.set(name, json);
  return json;
}
