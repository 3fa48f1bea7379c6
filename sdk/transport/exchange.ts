/** One HTTP request to a model and its response: from the events of the transport to a span. */
import { hasFields } from '../platform/values.ts';
import { instanceOf, runtimeOf } from '../runtime/runtime.ts';
import { takeAnnounced } from '../span/announced-spans.ts';
import type { Scope } from '../span/context.ts';
import { type OpenStream, openStreams } from '../span/open-roots.ts';
import type { RecordingSpan } from '../span/recording-span.ts';
import type { CallRequest } from './call-request.ts';
import {
  discardCallSpan,
  openCallSpan,
  recordAnswer,
  recordFailure,
  recordResponse,
  resumeCallSpan,
} from './call-span.ts';
import { type Failure, failureOf, isAbort, isRetryable } from './failure.ts';
import { type Headers, readHeaders } from './headers.ts';
import { asksModel, isCertain, type Protocol } from './protocols.ts';
import type { Server } from './provider-hosts.ts';
import { RequestBody } from './request-body.ts';
import { type Answer, ResponseBody } from './response-body.ts';
import type { RequestObserver } from './undici-channels.ts';
import type { WaitingAttempts } from './waiting-attempts.ts';

/** What is known of a request when it is announced. */
export interface Announced extends Pick<CallRequest, 'protocol' | 'path' | 'server' | 'scope'> {
  readonly headers: Headers;
}

/** What all exchanges of a tap share. */
export interface Shared {
  readonly open: Set<Exchange>;
  readonly waiting: WaitingAttempts;
  /** The chunks of a request were not announced. */
  onUnknown(): void;
}

/** Timeouts of ten minutes and more are the default of a client, not of a request. */
const DEFAULT_TIMEOUT_MILLIS = 600_000;

const USAGE_HINT =
  'a stream of chat completions has no token counts, because its request did not ask for them: add ' +
  'stream_options: { include_usage: true }';
const NO_RESPONSE_HINT =
  'recording ended before the response of a model call was complete; its span is marked unfinished';

export class Exchange implements RequestObserver, CallRequest, OpenStream {
  readonly protocol: Protocol;
  readonly path: string;
  readonly server: Server;
  parent: RecordingSpan | undefined;
  readonly scope: Scope | undefined;
  readonly startedAt: number = performance.now();
  readonly retryCount: number | undefined;
  identity = '';
  readonly #shared: Shared;
  readonly #timeoutMillis: number;
  readonly #request = new RequestBody();
  #response: ResponseBody | undefined;
  #headers: Headers = new Map();
  #status = 0;
  #span: RecordingSpan | undefined;
  #asksForUsage = false;
  /** Attempts before this one. */
  #resends = 0;
  /** The call has ended, or is none. */
  #isOver = false;

  constructor(announced: Announced, common: Shared) {
    const { protocol, path, server, scope, headers } = announced;
    this.protocol = protocol;
    this.path = path;
    this.server = server;
    this.parent = scope?.span;
    this.scope = scope;
    const retries = headers.get('x-stainless-retry-count');
    this.retryCount = retries === undefined ? undefined : Number(retries);
    this.#timeoutMillis = Number(headers.get('x-stainless-timeout') ?? Number.NaN) * 1000;
    this.#shared = common;
    common.open.add(this);
    openStreams.add(this);
  }

  sent(chunk: unknown): void {
    if (!this.#isOver && !this.#span) this.#request.add(chunk);
  }

  bodySent(): void {
    if (this.#span || this.#isOver) return;
    if (this.#request.isEmpty && !this.protocol.isLookup) this.#shared.onUnknown();
    this.#identify();
  }

  responded(status: number, headers: unknown): void {
    // A server may respond before it has read the whole body.
    this.#identify();
    if (this.#isOver) return;
    this.#status = status;
    this.#headers = readHeaders(headers);
    this.#response = new ResponseBody(this.#headers);
    if (status < 300 || status >= 400 || !this.#headers.has('location')) return;
    const span = this.#leave();
    if (!span) return;
    recordResponse(span, status, this.#headers);
    recordFailure(span, this.#failure(undefined, undefined));
    this.#wait(span, 0);
  }

  received(chunk: unknown): void {
    if (!this.#isOver) this.#response?.add(chunk);
  }

  ended(thrown: unknown): void {
    if (this.#isOver) return;
    this.#identify();
    const span = this.#leave();
    if (!span) return;
    if (this.#status > 0) recordResponse(span, this.#status, this.#headers);
    const answer = this.#response?.read();
    const isOk = this.#status >= 200 && this.#status < 300;
    const isAborted = thrown !== undefined && isAbort(thrown);
    const hasText = this.#response?.isEmpty === false;
    const { isOwn, operation } = this.protocol;
    const isReply = isOk && answer !== undefined && recordAnswer(span, operation, answer);
    if (!isOwn && !isReply) {
      discardCallSpan(span);
      return;
    }
    if (isOk && (thrown === undefined || answer?.isComplete || (isAborted && hasText))) {
      if (thrown !== undefined && !answer?.isComplete) {
        span.setAttribute('agensight.unfinished', true);
      }
      if (answer?.error) recordFailure(span, this.#failure(answer.error, undefined));
      else if (span.status !== 'error') span.status = 'ok';
      this.#checkUsage(span, answer);
      span.finish(span.now());
      return;
    }
    recordFailure(span, this.#failure(answer?.error, thrown));
    const mayRepeat =
      !isOk && isRetryable(this.#status) && this.#headers.get('x-should-retry') !== 'false';
    if (mayRepeat) this.#wait(span, this.#resends + 1);
    else span.finish(span.now());
  }

  /** Ends the call if the protocol's last event has arrived, although the connection is open. */
  settle(): void {
    if (this.#span && this.#response?.isComplete) this.ended(undefined);
  }

  /** Ends the call as it is. */
  abandon(): void {
    this.settle();
    const span = this.#leave();
    if (!span) return;
    const answer = this.#response?.read();
    if (answer) recordAnswer(span, this.protocol.operation, answer);
    span.setAttribute('agensight.unfinished', true);
    span.owner.warn('no-response', NO_RESPONSE_HINT);
    span.finish(span.now());
  }

  belongsTo(instance: object): boolean {
    const span = this.#span ?? this.scope?.span;
    return (span ? instanceOf(span) : runtimeOf(undefined)?.instance) === instance;
  }

  /** Opens the span if the request asks a model. */
  #identify(): void {
    if (this.#span || this.#isOver) return;
    if (this.protocol.isLookup) {
      this.#open(undefined);
      return;
    }
    // Of a request that failed before its body was sent, it is unknown what it asked.
    const isUnsent = this.#request.isEmpty && this.#isSurelyCall;
    const { fields, identity } = this.#request.take();
    if (!isUnsent) this.identity = identity;
    if (!isUnsent && !(fields && asksModel(this.protocol, this.path, fields))) {
      this.#leave();
      return;
    }
    const options = fields?.stream_options;
    this.#asksForUsage = hasFields(options) && options.include_usage !== undefined;
    this.#open(fields);
  }

  #open(body: Parameters<typeof openCallSpan>[1]): void {
    const earlier = this.#shared.waiting.take(this);
    if (!earlier) {
      this.parent = takeAnnounced(this.parent) ?? this.parent;
      this.#span = openCallSpan(this, body);
    } else {
      this.#span = earlier.span;
      this.#resends = earlier.resends;
      resumeCallSpan(earlier, this, body);
    }
    if (!this.#span) this.#leave();
  }

  /** Ends the observation, and returns the span that is still open. */
  #leave(): RecordingSpan | undefined {
    const isOpen = !this.#isOver;
    this.#isOver = true;
    this.#shared.open.delete(this);
    openStreams.delete(this);
    return isOpen ? this.#span : undefined;
  }

  #wait(span: RecordingSpan, resends: number): void {
    this.#shared.waiting.add({ request: this, span, status: this.#status, resends });
  }

  get #isSurelyCall(): boolean {
    const { protocol, server } = this;
    const isKnownHost = server.provider !== protocol.provider;
    return protocol.isOwn && (this.retryCount !== undefined || isKnownHost || isCertain(protocol));
  }

  #failure(inBody: Answer['error'], thrown: unknown): Failure {
    const timeout = this.#timeoutMillis;
    return failureOf({
      status: this.#status,
      inBody,
      thrown,
      isStainless: this.retryCount !== undefined,
      hasTimedOut:
        timeout < DEFAULT_TIMEOUT_MILLIS && performance.now() - this.startedAt >= timeout,
    });
  }

  #checkUsage(span: RecordingSpan, answer: Answer | undefined): void {
    const [first] = span.reply?.completions ?? [];
    const isWithout = first && !first.usage && this.#response?.isStream && answer?.isComplete;
    if (isWithout && this.protocol.omitsUsage && !this.#asksForUsage) {
      span.owner.warn('stream-usage', USAGE_HINT);
    }
  }
}
