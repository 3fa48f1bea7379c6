/** The span of a model call that the transport records. */
import { withBoundedLists } from '../call/bounded-lists.ts';
import { captureReply } from '../call/outcome.ts';
import { readRequest } from '../llm/read-request.ts';
import { type Fields, fieldOf, hasFields, isText } from '../platform/values.ts';
import { runtimeOf } from '../runtime/runtime.ts';
import { quoteLabel, quoteText, snapshot } from '../serialize/snapshot.ts';
import type { SpanKindName } from '../span/active-span.ts';
import { openRoots } from '../span/open-roots.ts';
import { rememberResponse } from '../span/recorded-responses.ts';
import type { RecordingSpan } from '../span/recording-span.ts';
import type { Attempt, CallRequest } from './call-request.ts';
import type { Failure } from './failure.ts';
import type { Headers } from './headers.ts';
import { asReply, rankingIn } from './media-answers.ts';
import { modelOf, type OperationName } from './protocols.ts';
import type { Answer } from './response-body.ts';

/** The kinds of spans that are no calls of a language model. */
const KINDS: Partial<Record<OperationName, SpanKindName>> = {
  embeddings: 'embedding',
  rerank: 'retriever',
};

/** Opens the span of a request; undefined when it is not recorded. */
export function openCallSpan(
  request: CallRequest,
  body: Fields | undefined,
): RecordingSpan | undefined {
  const { protocol, parent, scope, server, startedAt } = request;
  const runtime = runtimeOf(parent ?? scope?.span);
  if (!runtime) return undefined;
  const { operation } = protocol;
  const kind = KINDS[operation] ?? 'llm';
  const span = parent
    ? runtime.openChild(parent, operation, kind, startedAt + parent.trace.clockOffset)
    : runtime.openRoot(operation, kind, scope?.session, scope?.remote);
  if (span.isEnded) return undefined;
  if (!parent) Object.assign(span, { startedAt: startedAt + span.trace.clockOffset });
  span.setAttribute('gen_ai.operation.name', operation);
  span.setAttribute('gen_ai.provider.name', server.provider);
  span.setAttribute('server.address', server.host);
  span.setAttribute('server.port', server.port);
  recordRequest(span, request, body);
  countInParents(span, 1);
  return span;
}

/** Records what was asked; of a body that was not sent, the model in the path alone. */
function recordRequest(span: RecordingSpan, request: CallRequest, body: Fields | undefined): void {
  const { protocol, path, server } = request;
  const model = modelOf(path, body);
  const { isLookup = false } = protocol;
  span.call = { bodies: [], provider: server.provider, model, isLookup };
  span.setAttribute('gen_ai.request.model', model);
  if (model) span.name = `${protocol.operation} ${model}`;
  if (!body) return;
  const asked = { model, ...body, ...filesIn(body) };
  if (span.kind === 'llm') {
    const { value, lost } = withBoundedLists(asked);
    span.request = readRequest([value], true, span.capturesContent);
    span.lost += lost;
  }
  if (!span.request && span.capturesContent) span.input = snapshot(body);
}

/** Files of a form as a message, beside the text that explains them. */
function filesIn(body: Fields): Fields {
  const files = [body.file, body.image, body.mask].flat().filter(isFile);
  if (files.length === 0) return {};
  const text = isText(body.prompt) ? [{ type: 'text', text: body.prompt }] : [];
  const messages = [{ role: 'user', content: [...text, ...files] }];
  return { messages, file: undefined, image: undefined, mask: undefined, prompt: undefined };
}

const isFile = (value: unknown): boolean => hasFields(value) && typeof value.bytes === 'number';

/** Continues the span of an attempt that failed, or that was redirected, with the next one. */
export function resumeCallSpan(
  { span, resends, status, request }: Attempt,
  next: CallRequest,
  body: Fields | undefined,
): void {
  if (request.identity === '') recordRequest(span, next, body);
  span.status = 'unset';
  span.error = null;
  span.attributes?.delete('error.type');
  countInParents(span, 1);
  if (resends === 0) return;
  span.addEvent('retry', {
    'http.request.resend_count': resends,
    ...(status > 0 ? { 'http.response.status_code': status } : {}),
  });
  span.setAttribute('http.request.resend_count', resends);
}

/** Records the status of a response, and the id that the provider gave to the request. */
export function recordResponse(span: RecordingSpan, status: number, headers: Headers): void {
  span.setAttribute('http.response.status_code', status);
  const name = REQUEST_IDS.find((one) => headers.has(one));
  if (name) span.setAttribute('agensight.request_id', headers.get(name));
}

/** The headers of OpenAI, Anthropic, Azure and AWS. */
const REQUEST_IDS = ['x-request-id', 'request-id', 'apim-request-id', 'x-amzn-requestid'];

/** Records what the provider returned. Returns whether it is the answer of a model. */
export function recordAnswer(
  span: RecordingSpan,
  operation: OperationName,
  { result: given, firstAt }: Answer,
): boolean {
  if (!given) return false;
  if (operation === 'rerank') return recordRanking(span, given);
  const result = asReply(operation, given);
  captureReply(span, result);
  const { reply } = span;
  const [first] = reply?.completions ?? [];
  if (first?.responseId) rememberResponse(first.responseId, span.startedAt, span.now());
  if (first && firstAt !== undefined) {
    first.firstTokenMillis = firstAt + span.trace.clockOffset - span.startedAt;
  }
  if (!reply && span.capturesContent && span.kind === 'llm') span.output = snapshot(result);
  // Of a lookup, only a complete response counts.
  return span.call?.isLookup ? first !== undefined : reply !== undefined;
}

function recordRanking(span: RecordingSpan, result: Fields): boolean {
  const ranking = rankingIn(result);
  if (!ranking) return false;
  if (span.capturesContent) span.output = snapshot(ranking);
  const { usage, meta, id } = result;
  span.setAttribute('gen_ai.response.id', id);
  span.setAttribute('gen_ai.usage.input_tokens', fieldOf(usage, 'total_tokens'));
  const units = fieldOf(fieldOf(meta, 'billed_units'), 'search_units');
  span.setAttribute('gen_ai.usage.search_units', units);
  return true;
}

/** Records the failure of an attempt. The spans above may then record a reply of another source. */
export function recordFailure(span: RecordingSpan, { type, message, code }: Failure): void {
  span.status = 'error';
  const text = span.capturesContent && message !== '' ? `,"message":${quoteText(message)}` : '';
  span.error = `{"type":${quoteLabel(type)}${text}}`;
  span.setAttribute('error.type', code);
  countInParents(span, -1);
}

/** Removes a span whose request turned out not to be a model call. */
export function discardCallSpan(span: RecordingSpan): void {
  if (span.status !== 'error') countInParents(span, -1);
  span.isEnded = true;
  openRoots.delete(span);
}

/** The spans above must not record what a call below them records. */
function countInParents(span: RecordingSpan, step: 1 | -1): void {
  for (let above = span.parent; above; above = above.parent) {
    if (span.kind === 'embedding') above.embeddingsBelow += step;
    else above.callsBelow += step;
  }
}
