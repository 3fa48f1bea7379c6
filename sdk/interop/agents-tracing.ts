/**
 * A trace processor for `@openai/agents`: agents, handoffs, guardrails and tools become spans. Calls of models
 * are recorded from the transport, below the span of their agent.
 */
import { usableSession } from '../config/session.ts';
import {
  attempt,
  type Fields,
  fieldOf,
  hasFields,
  isFunction,
  isText,
  textOf,
} from '../platform/values.ts';
import { runtimeOf } from '../runtime/runtime.ts';
import { snapshot } from '../serialize/snapshot.ts';
import type { SpanKindName } from '../span/active-span.ts';
import { guests, type Scope, storage } from '../span/context.ts';
import type { RecordingSpan } from '../span/recording-span.ts';

/**
 * What `addTraceProcessor` of `@openai/agents` accepts.
 *
 * @example
 * const processor: AgentsTraceProcessor = agentsTraceProcessor;
 */
export interface AgentsTraceProcessor {
  onTraceStart(trace: unknown): Promise<void>;
  onTraceEnd(trace: unknown): Promise<void>;
  onSpanStart(span: unknown): Promise<void>;
  onSpanEnd(span: unknown): Promise<void>;
  shutdown(): Promise<void>;
  forceFlush(): Promise<void>;
}

/** The kinds of `spanData.type`. Other spans are only passed through: the model's call is recorded elsewhere. */
const KINDS: Readonly<Record<string, SpanKindName>> = {
  agent: 'agent',
  function: 'tool',
  handoff: 'span',
  guardrail: 'span',
  custom: 'span',
  mcp_tools: 'span',
};

/** Fields of `spanData` that are not attributes. */
const OTHER_FIELDS = new Set(['type', 'name', 'input', 'output']);

/** The context of `@openai/agents`, shared by all of its copies. */
const AGENTS_CONTEXT = Symbol.for('openai.agents.core.asyncLocalStorage');
const MAX_OPEN = 10_000;

/** Our spans by the ids of theirs; a span that is passed through has that of its parent. */
const open = new Map<string, RecordingSpan>();

/**
 * Records the runs of `@openai/agents` as spans: agents, handoffs, guardrails and tools, with the calls of
 * models below them. A run inside an open span is a part of its trace. Before `init`, and after `shutdown`,
 * it does nothing.
 *
 * @example
 * import { addTraceProcessor } from '@openai/agents';
 * addTraceProcessor(agentsTraceProcessor);
 */
export const agentsTraceProcessor: AgentsTraceProcessor = {
  onTraceStart: (trace) => quietly(() => begin(trace)),
  onTraceEnd: (trace) => quietly(() => finish(textOf(fieldOf(trace, 'traceId')), undefined)),
  onSpanStart: (span) => quietly(() => beginSpan(span)),
  onSpanEnd: (span) => quietly(() => finish(textOf(fieldOf(span, 'spanId')), span)),
  shutdown: () => Promise.resolve(),
  forceFlush: () => Promise.resolve(),
};

function quietly(work: () => void): Promise<void> {
  attempt(work);
  return Promise.resolve();
}

function begin(trace: unknown): void {
  const scope = storage.getStore();
  const runtime = runtimeOf(scope?.span);
  const id = textOf(fieldOf(trace, 'traceId'));
  if (!runtime || !id) return;
  const name = textOf(fieldOf(trace, 'name')) ?? 'agents';
  const group = textOf(fieldOf(trace, 'groupId'));
  const session = scope?.session ?? usableSession(group);
  const span = scope?.span
    ? runtime.openChild(scope.span, name, 'chain')
    : runtime.openRoot(name, 'chain', session, scope?.remote);
  keep(id, span);
}

function beginSpan(given: unknown): void {
  const id = textOf(fieldOf(given, 'spanId'));
  const above =
    open.get(String(fieldOf(given, 'parentId'))) ?? open.get(String(fieldOf(given, 'traceId')));
  const runtime = runtimeOf(above);
  if (!id || !above || !runtime) return;
  const data = fieldOf(given, 'spanData');
  const type = String(fieldOf(data, 'type'));
  const kind = KINDS[type];
  keep(id, kind ? runtime.openChild(above, nameOf(type, data), kind) : above);
}

const nameOf = (type: string, data: unknown): string =>
  textOf(fieldOf(data, 'name')) ?? textOf(fieldOf(data, 'server')) ?? type;

function keep(id: string, span: RecordingSpan): void {
  guests.add(scopeOfAgents);
  open.set(id, span);
  for (const oldest of open.keys()) if (open.size > MAX_OPEN) open.delete(oldest);
}

function finish(id: string | null, given: unknown): void {
  const span = open.get(id ?? '');
  if (!span || !id) return;
  open.delete(id);
  const data = fieldOf(given, 'spanData');
  if (given !== undefined) {
    if (!(String(fieldOf(data, 'type')) in KINDS)) return;
    describe(span, data as Fields, fieldOf(given, 'error'));
  }
  if (span.status === 'unset') span.status = 'ok';
  span.finish(span.now());
}

function describe(span: RecordingSpan, data: Fields, error: unknown): void {
  // The function of the tool has a span of its own, which is the run.
  if (span.kind === 'tool' && span.toolsBelow > 0) span.kind = 'span';
  for (const [key, value] of Object.entries(data)) {
    if (!OTHER_FIELDS.has(key)) span.setAttribute(`agents.${key}`, value);
  }
  if (span.kind === 'agent') span.setAttribute('gen_ai.agent.name', data.name);
  if (span.capturesContent) {
    span.input = valueOfText(data.input);
    span.output = valueOfText(data.output);
  }
  if (!hasFields(error)) return;
  span.status = 'error';
  const { message } = error;
  span.error = snapshot({ type: 'Error', ...(span.capturesContent ? { message } : {}) });
}

/** A text that holds JSON as its value. */
const valueOfText = (text: unknown): string | null =>
  text == null ? null : snapshot(isText(text) ? (attempt(() => JSON.parse(text)) ?? text) : text);

/** The scope of their current span, if it was opened inside of the current one of ours. */
function scopeOfAgents(scope: Scope | undefined): Scope | undefined {
  if (open.size === 0) return undefined;
  const context = (globalThis as { [AGENTS_CONTEXT]?: unknown })[AGENTS_CONTEXT];
  const getStore = fieldOf(context, 'getStore');
  if (!isFunction(getStore)) return undefined;
  const store: unknown = getStore.call(context);
  const current =
    open.get(String(fieldOf(fieldOf(store, 'span'), 'spanId'))) ??
    open.get(String(fieldOf(fieldOf(store, 'trace'), 'traceId')));
  if (!current || current.isEnded) return undefined;
  if (!scope?.span) return current;
  for (let above = current.parent; above; above = above.parent) {
    if (above === scope.span) return current;
  }
  return undefined;
}
