/** Reads the ids of ended spans from a request in the format of any product that is compared. */
import { PbfReader } from 'pbf';

const UUID = /[0-9a-f]{8}-[0-9a-f-]{27}/;

interface Body {
  readonly resourceSpans?: { scopeSpans: { spans: { spanId: string }[] }[] }[];
  readonly spans?: { id: string; ended_at?: string; end_time?: unknown }[];
  /** Braintrust. */
  readonly rows?: { span_id?: string; output?: unknown; metrics?: { end?: number } }[];
  /** LangSmith. */
  readonly post?: Run[];
  readonly patch?: Run[];
  readonly end_time?: unknown;
}

interface Run {
  readonly id: string;
  readonly outputs?: unknown;
  readonly end_time?: unknown;
}

export function spanIds(url: string, contentType: string, body: Buffer): string[] {
  if (body.length === 0) return [];
  if (contentType.includes('protobuf')) return otlpSpanIds(body);
  if (contentType.includes('multipart')) {
    // Parts are named post.ID, post.ID.outputs, patch.ID etc.
    const parts = body
      .toString('latin1')
      .matchAll(/name="?(?:post|patch)\.([0-9a-f-]{36})\.outputs/g);
    return Array.from(parts, ([, id = '']) => id);
  }
  const json = JSON.parse(body.toString()) as Body;
  const scopes = json.resourceSpans?.flatMap(({ scopeSpans }) => scopeSpans);
  if (scopes) return scopes.flatMap(({ spans }) => spans.map(({ spanId }) => spanId));
  if (json.rows) {
    const ended = json.rows.filter(({ metrics, output }) => metrics?.end || output !== undefined);
    return ended.flatMap(({ span_id }) => span_id ?? []);
  }
  if (json.post || json.patch) {
    const runs = [...(json.post ?? []), ...(json.patch ?? [])];
    return runs.filter(({ outputs, end_time }) => outputs || end_time).map(({ id }) => id);
  }
  if (json.spans) {
    return json.spans.filter(({ ended_at, end_time }) => ended_at || end_time).map(({ id }) => id);
  }
  return url.includes('/spans/') && json.end_time ? (UUID.exec(url) ?? []).slice(0, 1) : [];
}

/** ExportTraceServiceRequest.resource_spans(1).scope_spans(2).spans(2).span_id(2). */
function otlpSpanIds(body: Buffer): string[] {
  const ids: string[] = [];
  const inSpan = (tag: number, _: undefined, reader: PbfReader): void => {
    if (tag === 2) ids.push(Buffer.from(reader.readBytes()).toString('hex'));
  };
  const inScope = (tag: number, _: undefined, reader: PbfReader): void => {
    if (tag === 2) reader.readMessage(inSpan, undefined);
  };
  const inResource = (tag: number, _: undefined, reader: PbfReader): void => {
    if (tag === 2) reader.readMessage(inScope, undefined);
  };
  new PbfReader(body).readFields((tag, _, reader) => {
    if (tag === 1) reader.readMessage(inResource, undefined);
  }, undefined);
  return ids;
}
