/**
 * Clients and servers of the Model Context Protocol (`@modelcontextprotocol/sdk`, `client`, `server`): tool
 * calls, resources and prompts as spans by OpenTelemetry's conventions. What the program sends and gets is
 * not changed, unless it asks for the propagation of its trace.
 * @see https://github.com/open-telemetry/semantic-conventions-genai/blob/main/docs/gen-ai/mcp.md
 */
import type { SpanOptions } from '../call/definition.ts';
import { extract, inject } from '../interop/propagation.ts';
import { type Method, patch } from '../platform/patch.ts';
import {
  attempt,
  type Fields,
  fieldOf,
  hasFields,
  isFunction,
  isInstance,
  textOf,
} from '../platform/values.ts';
import type { Core } from './core.ts';

/** How a method of the protocol is recorded. */
interface McpMethod {
  /** The method of a client that sends it. */
  readonly clientMethod: string;
  readonly kind: SpanOptions['kind'];
  /** The parameter that says what is asked for, and its attribute. */
  readonly target: string;
  readonly attribute: string;
}

const METHODS: ReadonlyMap<string, McpMethod> = new Map([
  [
    'tools/call',
    { clientMethod: 'callTool', kind: 'tool', target: 'name', attribute: 'gen_ai.tool.name' },
  ],
  [
    'resources/read',
    {
      clientMethod: 'readResource',
      kind: 'retriever',
      target: 'uri',
      attribute: 'mcp.resource.uri',
    },
  ],
  [
    'prompts/get',
    { clientMethod: 'getPrompt', kind: 'span', target: 'name', attribute: 'gen_ai.prompt.name' },
  ],
]);

/** Objects that are recorded, with the choice of the latest call. */
const recorded = new WeakMap<object, { propagates: boolean }>();
/** Handlers of servers that record. */
const wrapped = new WeakSet<Method>();

/**
 * Records the calls of an MCP client, or the requests to an MCP server.
 * @returns whether the object is one
 */
export function recordMcp(core: Core, subject: object, propagates: boolean): boolean {
  const server = serverOf(subject);
  const isClient = [...METHODS.values()].every(({ clientMethod }) =>
    isFunction((subject as Fields)[clientMethod]),
  );
  if (!server && !isClient) return false;
  const target = server ?? subject;
  const before = recorded.get(target);
  if (before) {
    before.propagates = propagates;
    return true;
  }
  const choice = { propagates };
  if (server) recordServer(core, server, choice);
  else recordClient(core, subject, choice);
  recorded.set(target, choice);
  return true;
}

/** The server of an `McpServer`, or the object itself if it is a `Server`. */
function serverOf(subject: object): ServerLike | undefined {
  return [subject, fieldOf(subject, 'server')].find(isServer);
}

interface ServerLike {
  readonly _requestHandlers: Map<string, Method>;
  setRequestHandler: Method;
}

const isServer = (value: unknown): value is ServerLike =>
  hasFields(value) &&
  isFunction(value.setRequestHandler) &&
  isFunction(value.getClientCapabilities) &&
  isInstance(value._requestHandlers, Map);

function recordClient(core: Core, client: object, choice: { propagates: boolean }): void {
  for (const [method, { clientMethod }] of METHODS) {
    patch(client, clientMethod, (original, self, args) => {
      const [params, ...rest] = args;
      const send = (): unknown => {
        const given = choice.propagates && hasFields(params) ? withContext(params) : params;
        return Reflect.apply(original, self, [given, ...rest]);
      };
      const options = core.isActive() ? optionsOf(method, params, undefined) : undefined;
      return options ? core.traced(core.define(options), send, undefined, []) : send();
    });
  }
}

function recordServer(core: Core, server: ServerLike, choice: { propagates: boolean }): void {
  const wrapAll = (): void => {
    for (const [method, handler] of server._requestHandlers) {
      if (!METHODS.has(method) || wrapped.has(handler)) continue;
      server._requestHandlers.set(method, wrapHandler(core, method, handler, choice));
    }
  };
  patch(server, 'setRequestHandler', (original, self, args) => {
    const result = Reflect.apply(original, self, args);
    attempt(wrapAll);
    return result;
  });
  wrapAll();
}

function wrapHandler(
  core: Core,
  method: string,
  handler: Method,
  choice: { propagates: boolean },
): Method {
  const recording: Method = function (this: unknown, ...args) {
    const handle = (): unknown => Reflect.apply(handler, this, args);
    const params = attempt(() => fieldOf(args[0], 'params'));
    const sessionId = attempt(() => fieldOf(args[1], 'sessionId'));
    const options = core.isActive() ? optionsOf(method, params, sessionId) : undefined;
    if (!options) return handle();
    const run = (): unknown => core.traced(core.define(options), handle, undefined, []);
    return choice.propagates ? extract(fieldOf(params, '_meta') as object, run) : run();
  };
  wrapped.add(recording);
  return recording;
}

/** The span of a request; undefined when its parameters cannot be read. */
function optionsOf(method: string, params: unknown, sessionId: unknown): SpanOptions | undefined {
  const { kind, target, attribute } = METHODS.get(method) as McpMethod;
  return attempt(() => {
    const asked = textOf(fieldOf(params, target));
    const isTool = method === 'tools/call';
    const given = isTool ? (fieldOf(params, 'arguments') ?? {}) : withoutMeta(params);
    return {
      // The name of a tool's span is the name of the tool.
      name: isTool ? (asked ?? method) : method,
      kind,
      input: () => given,
      attributes: {
        'mcp.method.name': method,
        'mcp.session.id': sessionId,
        'gen_ai.operation.name': isTool ? 'execute_tool' : undefined,
        [attribute]: asked,
      },
    };
  });
}

function withoutMeta(params: unknown): unknown {
  if (!hasFields(params)) return params;
  const { _meta, ...rest } = params;
  return rest;
}

/** The parameters with the current trace in their `_meta`, where MCP carries it. */
function withContext(params: Fields): Fields {
  return attempt(() => ({ ...params, _meta: inject({ ...(params._meta as object) }) })) ?? params;
}
