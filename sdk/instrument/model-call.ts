/**
 * One call of a method that asks a model: a span around it, named and described as OpenTelemetry's
 * GenAI conventions do. What went in and came out is read by its shape, as for any other function.
 *
 * The core is handed in: this code also stands in a file of its own (`auto-instrument.ts`), which must
 * not bring a second core along.
 */

import type { SpanOptions } from '../call/definition.ts';
import type { Method } from '../platform/patch.ts';
import { type Fields, hasFields, textOf } from '../platform/values.ts';
import type { RequestAttempts } from '../span/call-info.ts';
import type { RecordingSpan } from '../span/recording-span.ts';
import type { Core } from './core.ts';
import { type Server, serverOf } from './provider-hosts.ts';
import { attemptsOf } from './request-attempts.ts';
import { askingUsage, hideUsage, withoutRefusal } from './request-usage.ts';

/** A method that asks a model. */
export interface Operation {
  /** `gen_ai.operation.name` */
  readonly name: 'chat' | 'text_completion' | 'embeddings' | 'generate_content';
  /** Whose client it is. */
  readonly provider: string;
  /** Streams tell their usage only when asked. */
  readonly asksUsage?: boolean;
}

/** Calls the method as it would have been called, and records the call. */
export function callModel(
  core: Core,
  operation: Operation,
  original: Method,
  self: unknown,
  args: unknown[],
): unknown {
  const plainly = (given = args): unknown => Reflect.apply(original, self, given);
  const [body] = args;
  const above = core.storage.getStore()?.span;
  // Two patches, one of the class and one of the client, see the same call.
  const isSeen = !!above?.call && above.call.bodies.includes(body) && !above.isEnded;
  if (!core.isActive() || !hasFields(body) || isSeen) return plainly();
  const { server, baseUrl } = destinationOf(self, operation);
  const asking = operation.asksUsage ? askingUsage(body, baseUrl) : undefined;
  const given = asking ? [asking, ...args.slice(1)] : args;
  const run = (): unknown => {
    const span = core.storage.getStore()?.span;
    if (span && span !== above && !span.call) begin(span, [body, given[0]], server);
    const result = plainly(given);
    if (asking) withoutRefusal(result, baseUrl, () => plainly());
    return result;
  };
  const definition = core.define(optionsOf(operation, body, server));
  const call = (): unknown => core.traced(definition, run, undefined, [body]);
  const around = core.turn.justStarted;
  // An instrumentation that starts a span and cannot make it the active one: nobody registered how.
  const result =
    around && !around.isEnded && around.parent === (above ?? null) && around.isModelCall
      ? core.storage.run(around, call)
      : call();
  if (asking) hideUsage(result);
  return result;
}

function begin(span: RecordingSpan, bodies: readonly unknown[], server: Server): void {
  const attempts: RequestAttempts = attemptsOf(span);
  const model = textOf((bodies[0] as Fields).model);
  span.call = { bodies, provider: server.provider, model, attempts, failed };
  if (span.kind === 'embedding') {
    if (span.parent) span.parent.embeddingsBelow += 1;
    return;
  }
  for (let above = span.parent; above; above = above.parent) above.callsBelow += 1;
  function failed(thrown: unknown): void {
    attempts.failed(thrown);
    if (span.kind === 'embedding') return;
    // Whoever gets its answer from elsewhere after this may tell it.
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

/** Where the client of a resource sends its requests. */
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
    // A client that does not say where it is going is still a client.
  }
  return { server: serverOf(baseUrl, provider), baseUrl: textOf(baseUrl) ?? '' };
}

interface GoogleApiClient {
  getBaseUrl?(): string;
  isVertexAI?(): boolean;
}
