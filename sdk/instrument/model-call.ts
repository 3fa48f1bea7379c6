/**
 * One model call of an instrumented client: opens a span with the name and attributes of OpenTelemetry's
 * GenAI conventions. Request and reply are read by their shape, as for any other function.
 *
 * The core is a parameter, because this code is also bundled with `auto-instrument.ts`, which must not
 * contain a second core.
 */

import type { SpanOptions } from '../call/definition.ts';
import type { Method } from '../platform/patch.ts';
import { type Fields, fieldOf, hasFields, textOf } from '../platform/values.ts';
import type { RequestAttempts } from '../span/call-info.ts';
import type { RecordingSpan } from '../span/recording-span.ts';
import { type Server, serverOf } from '../transport/provider-hosts.ts';
import type { Core } from './core.ts';
import { attemptsOf } from './request-attempts.ts';
import { hideUsage, repeatIfRejected, withUsageRequested } from './request-usage.ts';

/** A method that calls a model. */
export interface Operation {
  /** `gen_ai.operation.name` */
  readonly name: 'chat' | 'text_completion' | 'embeddings' | 'generate_content';
  /** The provider of the client. */
  readonly provider: string;
  /** Whether usage is requested for streams, which return it only on request. */
  readonly requestsUsage?: boolean;
  /** The method takes the id of a response that an earlier call made. */
  readonly isLookup?: boolean;
}

/** Calls the original method and records the call. */
export function callModel(
  core: Core,
  operation: Operation,
  original: Method,
  self: unknown,
  args: unknown[],
): unknown {
  const plainly = (given = args): unknown => Reflect.apply(original, self, given);
  const body = operation.isLookup ? { response_id: args[0] } : args[0];
  const above = core.storage.getStore()?.span;
  // A patch of the class and a patch of the client observe the same call.
  const isSeen = !!above?.call && above.call.bodies.includes(args[0]) && !above.isEnded;
  if (!core.isActive() || !hasFields(body) || isSeen) return plainly();
  const { server, baseUrl } = destinationOf(self, operation);
  const withUsage = operation.requestsUsage ? withUsageRequested(body, baseUrl) : undefined;
  const given = withUsage ? [withUsage, ...args.slice(1)] : args;
  const { isLookup = false } = operation;
  const run = (): unknown => {
    const span = core.storage.getStore()?.span;
    if (span && span !== above && !span.call) {
      const model = textOf(fieldOf(args[0], 'model'));
      recordAttempts(span, [args[0], given[0]], server.provider, model, isLookup);
    }
    const result = plainly(given);
    if (withUsage) {
      const scope = core.storage.getStore();
      repeatIfRejected(result, baseUrl, () => core.storage.run(scope, () => plainly()));
    }
    return result;
  };
  const definition = core.define(optionsOf(operation, body, server));
  const call = (): unknown => core.traced(definition, run, undefined, [body]);
  const around = core.turn.justStarted;
  // Another instrumentation started a span for this call but has no context manager to activate it.
  const result =
    around && !around.isEnded && around.parent === (above ?? null) && around.isModelCall
      ? core.storage.run(around, call)
      : call();
  if (withUsage) hideUsage(result);
  return result;
}

/** Marks a span as an instrumented call, so that no other part of the SDK records the call. */
export function recordAttempts(
  span: RecordingSpan,
  bodies: readonly unknown[],
  provider: string,
  model: string | null,
  isLookup = false,
): void {
  const attempts: RequestAttempts = attemptsOf(span);
  span.call = { bodies, provider, model, attempts, failed, isLookup };
  if (span.kind === 'embedding') {
    if (span.parent) span.parent.embeddingsBelow += 1;
    return;
  }
  for (let above = span.parent; above; above = above.parent) above.callsBelow += 1;
  function failed(thrown: unknown): void {
    attempts.failed(thrown);
    if (span.kind === 'embedding') return;
    // The call failed, so a span above may record a reply from another source.
    for (let above = span.parent; above; above = above.parent) above.callsBelow -= 1;
  }
}

function optionsOf(operation: Operation, body: Fields, server: Server): SpanOptions {
  const model = textOf(body.model);
  return {
    name: model ? `${operation.name} ${model}` : operation.name,
    kind: operation.name === 'embeddings' ? 'embedding' : 'llm',
    attributes: {
      'gen_ai.operation.name': operation.name,
      'gen_ai.provider.name': server.provider,
      'gen_ai.request.model': model,
      'server.address': server.host,
      'server.port': server.port,
    },
  };
}

/** The server of a client, found through its resource. */
function destinationOf(
  resource: unknown,
  { provider }: Operation,
): { server: Server; baseUrl: string } {
  let baseUrl: unknown;
  try {
    const { _client, apiClient } = resource as { _client?: Fields; apiClient?: GoogleApiClient };
    baseUrl = _client?.baseURL ?? apiClient?.getBaseUrl?.();
    if (apiClient?.isVertexAI?.()) {
      return { server: { ...serverOf(baseUrl, provider), provider: 'gcp.vertex_ai' }, baseUrl: '' };
    }
  } catch {
    // A client without a readable base URL is recorded without a server address.
  }
  return { server: serverOf(baseUrl, provider), baseUrl: textOf(baseUrl) ?? '' };
}

interface GoogleApiClient {
  getBaseUrl?(): string;
  isVertexAI?(): boolean;
}
