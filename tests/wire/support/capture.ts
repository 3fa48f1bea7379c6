/** Captured telemetry: the spans of a request body, their content, and their expectations. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { HttpError } from '../../../lambda/http/http-error.ts';
import { decodeOtlpLogsJson } from '../../../lambda/otlp/logs-json.ts';
import { decodeOtlpLogsProtobuf } from '../../../lambda/otlp/logs-protobuf.ts';
import { decodeOtlpJson } from '../../../lambda/otlp/traces-json.ts';
import { decodeOtlpProtobuf } from '../../../lambda/otlp/traces-protobuf.ts';
import { Rejections } from '../../../lambda/validation/rejections.ts';
import type { Attributes, OtelLog, OtelSpan } from '../../../wire/genai/forms/otel-span.ts';
import { clean, form, type Json, parsed } from './values.ts';

export interface ExpectedToolCall {
  id: string;
  name: string;
  arguments: Json;
}

export interface ExpectedPrompt {
  role: string;
  text?: string | null;
  tool_calls?: ExpectedToolCall[];
  tool_call_id?: string;
}

export interface ExpectedCompletion {
  index: number;
  role: string;
  text?: string | null;
  finish_reason?: string | null;
  finish_class?: string | null;
  status?: string | null;
  tool_calls?: ExpectedToolCall[];
}

export interface CallOnWire {
  exported: boolean;
  span_id: string;
  trace_id?: string;
  missing?: string[];
  found_at?: { [value: string]: string[] };
  found_on_parent?: { span_id: string; at: { [value: string]: string[] } };
  usage_as_reported?: { [key: string]: Json };
  same_call_also_on?: { span_id: string; scope: string }[];
}

export interface ExpectedCall {
  n: number;
  api: string;
  request_model?: string;
  response_model?: string;
  response_id?: string;
  error?: Json;
  inputs?: string[];
  prompts: ExpectedPrompt[];
  completions: ExpectedCompletion[];
  usage?: { [count: string]: number };
  wire: CallOnWire;
}

export interface ExpectedTool {
  name: string;
  arguments: Json;
  output: Json;
  call_id: string;
  wire: { exported: boolean; span_id: string; found_at: { [value: string]: string[] } };
}

export interface ExpectedSpan {
  trace_id: string;
  span_id: string;
  parent_span_id: string | null;
  name: string;
  status_code: number;
}

export interface Expected {
  session_id: string | null;
  user_id: string | null;
  spans: ExpectedSpan[];
  llm_calls: ExpectedCall[];
  tools: ExpectedTool[];
}

/** Content of one span and its log records: every text and object, and values by their last key. */
export interface SpanFacts {
  attributes: Attributes;
  texts: Set<string>;
  leaves: [key: string, value: Json][];
  hasException: boolean;
}

export interface Capture {
  name: string;
  expected: Expected;
  spans: OtelSpan[];
  /** The log records of the same program. */
  logs: OtelLog[];
  facts: Map<string, SpanFacts>;
  textsByTrace: Map<string, Set<string>>;
}

const FOLDER = new URL('../../cases/captures/', import.meta.url);

export const CAPTURE_NAMES = readdirSync(FOLDER).sort();

export function loadCapture(name: string): Capture {
  const folder = new URL(`${name}/`, FOLDER);
  const expected: Expected = JSON.parse(readFileSync(new URL('expected.json', folder), 'utf8'));
  const spans = itemsOf(folder, 'headers.json', decodeOtlpJson, decodeOtlpProtobuf);
  const logs = itemsOf(folder, 'logs.headers.json', decodeOtlpLogsJson, decodeOtlpLogsProtobuf);
  const facts = new Map(spans.map((span) => [span.span_id, callInfoOf(span, logs)]));
  return { name, expected, spans, logs, facts, textsByTrace: textsOf(spans, facts) };
}

type Decoder<Item> = (body: Buffer, rejections: Rejections) => Item[] | HttpError;

/** The items in all bodies that a file of headers lists; empty without such a file. */
function itemsOf<Item>(folder: URL, list: string, json: Decoder<Item>, protobuf: Decoder<Item>) {
  const path = new URL(list, folder);
  if (!existsSync(path)) return [];
  return [JSON.parse(readFileSync(path, 'utf8'))].flat().flatMap(({ file, headers }) => {
    const body = readFileSync(new URL(file, folder));
    const plain = headers['content-encoding'] === 'gzip' ? gunzipSync(body) : body;
    const decode = headers['content-type'].includes('json') ? json : protobuf;
    const decoded = decode(plain, new Rejections());
    if (decoded instanceof HttpError) throw new Error(`${folder}: ${decoded.message}`);
    return decoded;
  });
}

function callInfoOf(span: OtelSpan, logs: readonly OtelLog[]): SpanFacts {
  const facts: SpanFacts = {
    attributes: span.attributes,
    texts: new Set(),
    leaves: [],
    hasException: span.events.some(({ name }) => name === 'exception'),
  };
  for (const attributes of [span.attributes, ...span.events.map((event) => event.attributes)]) {
    for (const [key, value] of Object.entries(attributes)) walk(facts, key, value, 0);
  }
  for (const { span_id, body } of logs) if (span_id === span.span_id) walk(facts, 'body', body, 0);
  return facts;
}

function walk(facts: SpanFacts, key: string, value: Json, depth: number): void {
  if (depth > 24) return;
  if (typeof value === 'string') {
    facts.texts.add(clean(value));
    facts.leaves.push([key, value]);
    const inner = parsed(value);
    if (inner !== undefined) walk(facts, key, inner, depth + 1);
  } else if (typeof value === 'object' && value !== null) {
    facts.texts.add(form(value));
    const isList = Array.isArray(value);
    for (const [name, item] of Object.entries(value)) {
      walk(facts, isList ? key : name, item, depth + 1);
    }
  } else facts.leaves.push([key, value]);
}

function textsOf(spans: OtelSpan[], facts: Map<string, SpanFacts>): Map<string, Set<string>> {
  const byTrace = new Map<string, Set<string>>();
  for (const span of spans) {
    const texts = byTrace.get(span.trace_id) ?? new Set();
    for (const text of facts.get(span.span_id)?.texts ?? []) texts.add(text);
    for (const value of Object.values(span.resource)) texts.add(String(value));
    byTrace.set(span.trace_id, texts);
  }
  return byTrace;
}
