/** `instrument`: records the calls of a provider's client. */
import { attempt, fieldOf, isFunction, isInstance, isText } from '../platform/values.ts';
import { createWarn } from '../report/warnings.ts';
import { active, runtimeOf } from '../runtime/runtime.ts';
import { tapOrigin } from '../transport/tap.ts';
import { autoInstrumentation } from './auto.ts';
import { addMiddleware } from './aws-client.ts';
import { core } from './core.ts';
import { recordMcp } from './mcp.ts';
import { isKnownClient, patchClient } from './providers.ts';

/**
 * Options of {@link instrument}.
 *
 * @example
 * const openai = instrument(new OpenAI(), { askUsage: true });
 */
export interface InstrumentOptions {
  /**
   * Whether streams of OpenAI's chat completions are requested with
   * `stream_options: { include_usage: true }`, unless the request sets it. The additional chunk with the
   * usage is hidden from the caller. This changes the requests, and patches the client.
   * @defaultValue `false`: requests are not changed, and a stream that has no usage has no token counts
   */
  askUsage?: boolean | undefined;
  /**
   * Whether the current trace goes with the requests of an MCP client, in their `_meta`, and whether an
   * MCP server continues the trace of its caller. Callers can forge it.
   * @defaultValue `false`: requests are not changed, and a request to a server starts a trace
   * @see https://www.w3.org/TR/trace-context/
   */
  propagate?: boolean | undefined;
}

/**
 * Records the calls of a client of `openai`, `@anthropic-ai/sdk` or `@google/genai`, of another package
 * with the same methods (Groq, Together), or of Bedrock in the AWS SDK: model, messages, tools, tokens,
 * retries and errors, and streams until their end. Of an MCP client or server, it records tool calls,
 * resources and prompts. No call is recorded twice, however many parts of the
 * SDK see it. While the SDK is not initialised, calls are not recorded.
 *
 * On Node, the calls of clients that use `fetch` are recorded from the transport: the client is not
 * changed. `autoInstrument` does so for all clients; where that option is off, `instrument` records all
 * requests to the origin of this client. On other runtimes, the methods of the client are patched. A
 * client of the AWS SDK gets a middleware.
 *
 * Never throws. An object that is not a known client is reported by the warning `instrument`.
 * @param client The client.
 * @param options See {@link InstrumentOptions}.
 * @returns the same client
 *
 * @example
 * const openai = instrument(new OpenAI());
 * const claude = instrument(new Anthropic());
 * const bedrock = instrument(new BedrockRuntimeClient());
 * const server = instrument(new McpServer({ name: 'weather', version: '1.0.0' }));
 */
export function instrument<T extends object>(client: T, options?: InstrumentOptions): T {
  autoInstrumentation.isInstrumenting = true;
  const runtime = runtimeOf(undefined);
  const warn = runtime?.warn ?? createWarn(undefined, active.warned);
  const asksUsage = attempt(() => options?.askUsage) === true;
  const propagates = attempt(() => options?.propagate) === true;
  const origin = originOf(client);
  const isRecorded = attempt(
    () =>
      addMiddleware(core, client) ||
      recordMcp(core, client, propagates) ||
      (!asksUsage && origin !== undefined && tapOrigin(origin)) ||
      patchClient(core, client, asksUsage),
  );
  // A frozen object or a proxy cannot be patched.
  if (!isRecorded) {
    warn('instrument', 'instrument() knows no method of this object; its calls are not recorded');
  }
  return client;
}

/** The origin of a client's requests; undefined when it cannot be read. */
function originOf(client: object): string | undefined {
  return attempt(() => {
    const { baseURL, baseUrl, _baseURL } = client as Record<string, unknown>;
    const google = fieldOf(fieldOf(client, 'models'), 'apiClient');
    const getBaseUrl = fieldOf(google, 'getBaseUrl');
    const host = fieldOf(fieldOf(client, 'config'), 'host');
    const given = isFunction(getBaseUrl) ? getBaseUrl.call(google) : (baseURL ?? baseUrl);
    const url = given ?? _baseURL ?? host;
    const isClient = isText(url) || isInstance(url, URL) || isKnownClient(client);
    return isClient ? URL.parse(String(url))?.origin : undefined;
  });
}
