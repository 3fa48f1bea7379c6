/**
 * The provider packages and their methods that call a model. All helpers (`stream()`, `parse()`,
 * `runTools()`, chats, tool loops) call these methods.
 */

import type { Method } from '../platform/patch.ts';
import { isPlainPromise, replacePromise } from '../platform/promises.ts';
import { attempt, hasFields } from '../platform/values.ts';
import type { Core } from './core.ts';
import { callModel, type Operation } from './model-call.ts';

/** A method and its resource's path on a client; the class of `chat.completions` is `Chat.Completions`. */
interface Site {
  readonly path: string;
  readonly method: string;
  readonly operation: Operation;
  /** Whether its streams have usage only if the request asks for it. */
  readonly streamsWithoutUsage?: true;
}

/** A provider package. */
export interface Provider {
  readonly package: string;
  /** The name of the client's class among its exports. */
  readonly client: string;
  /** Matches the entry files of the package, in all of its builds. */
  readonly entry: RegExp;
  /** A method that only clients of this package have. */
  readonly mark: string;
  readonly sites: readonly Site[];
}

const openai = (name: Operation['name']): Operation => ({ name, provider: 'openai' });
const anthropic: Operation = { name: 'chat', provider: 'anthropic' };
const google = (name: Operation['name']): Operation => ({ name, provider: 'gcp.gemini' });

/** The supported packages. Free of side effects, so that bundlers can remove it. */
export const PROVIDERS: readonly Provider[] = [
  {
    package: '@google/genai',
    client: 'GoogleGenAI',
    entry: /[\\/]@google[\\/]genai[\\/]dist[\\/](\w+[\\/])?index\.[cm]js$/,
    mark: 'models.generateContent',
    sites: [
      // The public methods are closures of each client and call these, once per request.
      {
        path: 'models',
        method: 'generateContentInternal',
        operation: /* @__PURE__ */ google('generate_content'),
      },
      {
        path: 'models',
        method: 'generateContentStreamInternal',
        operation: /* @__PURE__ */ google('generate_content'),
      },
      {
        path: 'models',
        method: 'embedContentInternal',
        operation: /* @__PURE__ */ google('embeddings'),
      },
    ],
  },
  {
    package: '@anthropic-ai/sdk',
    client: 'Anthropic',
    entry: /[\\/]@anthropic-ai[\\/]sdk[\\/](index|client)\.m?js$/,
    mark: 'messages.create',
    sites: [
      { path: 'messages', method: 'create', operation: anthropic },
      { path: 'beta.messages', method: 'create', operation: anthropic },
      {
        path: 'completions',
        method: 'create',
        operation: { name: 'text_completion', provider: 'anthropic' },
      },
    ],
  },
  {
    package: 'openai',
    client: 'OpenAI',
    entry: /[\\/]node_modules[\\/]openai[\\/](index|client)\.m?js$/,
    mark: 'chat.completions.create',
    sites: [
      {
        path: 'chat.completions',
        method: 'create',
        operation: /* @__PURE__ */ openai('chat'),
        streamsWithoutUsage: true,
      },
      { path: 'responses', method: 'create', operation: /* @__PURE__ */ openai('chat') },
      {
        path: 'responses',
        method: 'retrieve',
        operation: { name: 'chat', provider: 'openai', isLookup: true },
      },
      { path: 'embeddings', method: 'create', operation: /* @__PURE__ */ openai('embeddings') },
      {
        path: 'completions',
        method: 'create',
        operation: /* @__PURE__ */ openai('text_completion'),
        streamsWithoutUsage: true,
      },
    ],
  },
];

/** Marks a patched method, in all copies of the SDK. */
const PATCHED = Symbol.for('agensight.patched.v1');

/** Removes a patch. */
export type Undo = () => void;

/** Patches the classes of a package, so that all clients are recorded, existing ones included. */
export function patchPackage(core: Core, provider: Provider, exported: unknown): Undo[] {
  const root = read(exported, provider.client) ?? read(exported, 'default') ?? exported;
  const undos = provider.sites.map(({ path, method, operation }) => {
    const names = path.split('.').map((name) => `${name[0]?.toUpperCase()}${name.slice(1)}`);
    const owner = names.reduce(read, root) ?? names.reduce(read, exported);
    return patchSite(core, read(owner, 'prototype'), method, operation);
  });
  return [...undos, patchRequests(core, holderOf(read(root, 'prototype')))].filter(
    (undo) => !!undo,
  );
}

const providerOf = (client: object): Provider | undefined =>
  PROVIDERS.find(({ mark }) => typeof at(client, mark) === 'function');

/** Whether an object is a client of one of the packages, or has the same methods. */
export const isKnownClient = (client: object): boolean => providerOf(client) !== undefined;

/** Patches one client. Returns whether it is a known client. */
export function patchClient(core: Core, client: object, asksUsage: boolean): boolean {
  const provider = providerOf(client);
  if (!provider) return false;
  for (const { path, method, operation, streamsWithoutUsage } of provider.sites) {
    const asks = asksUsage && streamsWithoutUsage === true;
    patchSite(
      core,
      at(client, path),
      method,
      asks ? { ...operation, requestsUsage: true } : operation,
    );
  }
  // On the class: an own method would make the client take another path (certificates of openai 7).
  patchRequests(core, holderOf(client));
  replace(client, 'withOptions', (original, self, args) => {
    const copy = Reflect.apply(original, self, args);
    if (hasFields(copy)) patchClient(core, copy, asksUsage);
    return copy;
  });
  return true;
}

const patchSite = (core: Core, owner: unknown, method: string, operation: Operation) =>
  replace(owner, method, (original, self, args) =>
    callModel(core, operation, original, self, args),
  );

/** Patches the method by which the clients of OpenAI and Anthropic send each request. */
const patchRequests = (core: Core, owner: unknown): Undo | undefined =>
  replace(owner, 'fetchWithTimeout', (original, self, args) => {
    const attempts = core.storage.getStore()?.span?.call?.attempts;
    attempt(() => attempts?.begin());
    const sent = Reflect.apply(original, self, args);
    if (!attempts || !isPlainPromise(sent)) return sent;
    const end = (response: unknown): unknown => {
      attempt(() => attempts.end(response));
      return response;
    };
    return replacePromise(sent, end, end);
  });

/** Replaces a method until it is undone; undefined when there is none, or it is patched already. */
function replace(
  owner: unknown,
  key: string,
  wrapper: (original: Method, self: unknown, args: unknown[]) => unknown,
): Undo | undefined {
  const original = read(owner, key);
  if (!hasFields(owner) || typeof original !== 'function') return undefined;
  const own = Object.getOwnPropertyDescriptor(owner, key);
  if (own && PATCHED in original) return undefined;
  const value = function (this: unknown, ...args: unknown[]): unknown {
    return wrapper(original as Method, this, args);
  };
  Object.defineProperty(value, 'name', { value: key, configurable: true });
  Object.defineProperty(value, PATCHED, { value: true });
  Object.defineProperty(owner, key, { value, configurable: true, writable: true });
  return () => {
    // A later patch of other code calls ours, so ours must stay.
    if (Reflect.get(owner, key) !== value) return;
    if (own) Object.defineProperty(owner, key, own);
    else delete owner[key];
  };
}

const at = (client: object, path: string): unknown => path.split('.').reduce(read, client);

/** A property of an object or a function; undefined when reading it throws. */
function read(from: unknown, name: string): unknown {
  if (!hasFields(from) && typeof from !== 'function') return undefined;
  try {
    return (from as Record<string, unknown>)[name] ?? undefined;
  } catch {
    return undefined;
  }
}

/** The object of a prototype chain that has the method that sends requests. */
function holderOf(prototype: unknown): unknown {
  for (let holder = prototype; hasFields(holder); holder = Object.getPrototypeOf(holder)) {
    if (Object.hasOwn(holder, 'fetchWithTimeout')) return holder;
  }
  return undefined;
}
