/**
 * The provider packages, and which of their methods ask a model. All helpers (`stream()`, `parse()`,
 * `runTools()`, chats, tool loops) come down to these.
 */

import type { Method } from '../platform/patch.ts';
import { hasFields } from '../platform/values.ts';
import type { Core } from './core.ts';
import { callModel, type Operation } from './model-call.ts';

/** A method, by the path of its resource on a client: the class of `chat.completions` is at `Chat.Completions`. */
interface Site {
  readonly path: string;
  readonly method: string;
  readonly operation: Operation;
}

/** One package, by the name under which applications import it. */
export interface Provider {
  readonly package: string;
  /** The name of the client's class among its exports. */
  readonly client: string;
  /** The files that export it, in all its builds. */
  readonly entry: RegExp;
  /** A method of its clients alone. */
  readonly mark: string;
  readonly sites: readonly Site[];
}

const openai = (name: Operation['name'], asksUsage = false): Operation => ({
  name,
  provider: 'openai',
  asksUsage,
});
const anthropic: Operation = { name: 'chat', provider: 'anthropic' };
const google = (name: Operation['name']): Operation => ({ name, provider: 'gcp.gemini' });

/** What can be instrumented. Pure, so that a bundle without `instrument` is rid of it. */
export const PROVIDERS: readonly Provider[] = [
  {
    package: '@google/genai',
    client: 'GoogleGenAI',
    entry: /[\\/]@google[\\/]genai[\\/]dist[\\/](\w+[\\/])?index\.[cm]js$/,
    mark: 'models.generateContent',
    sites: [
      // The public methods are made anew for each client and call these, once per request.
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
        operation: /* @__PURE__ */ openai('chat', true),
      },
      { path: 'responses', method: 'create', operation: /* @__PURE__ */ openai('chat') },
      { path: 'embeddings', method: 'create', operation: /* @__PURE__ */ openai('embeddings') },
      {
        path: 'completions',
        method: 'create',
        operation: /* @__PURE__ */ openai('text_completion', true),
      },
    ],
  },
];

/** What stands on a patched method, whichever build of the SDK patched it. */
const PATCHED = Symbol.for('agensight.patched.v1');

/** Takes one patch back. */
export type Undo = () => void;

/** Patches the classes of a package, so that all its clients are recorded, those that exist too. */
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

/** Patches one client. Answers whether there was something to patch. */
export function patchClient(core: Core, client: object): boolean {
  const provider = PROVIDERS.find(({ mark }) => typeof at(client, mark) === 'function');
  if (!provider) return false;
  for (const { path, method, operation } of provider.sites) {
    patchSite(core, at(client, path), method, operation);
  }
  patchRequests(core, client);
  replace(client, 'withOptions', (original, self, args) => {
    const copy = Reflect.apply(original, self, args);
    if (hasFields(copy)) patchClient(core, copy);
    return copy;
  });
  return true;
}

const patchSite = (core: Core, owner: unknown, method: string, operation: Operation) =>
  replace(owner, method, (original, self, args) =>
    callModel(core, operation, original, self, args),
  );

/** The one method through which the clients of OpenAI and Anthropic send each request. */
const patchRequests = (core: Core, owner: unknown): Undo | undefined =>
  replace(owner, 'fetchWithTimeout', (original, self, args) => {
    const attempts = core.storage.getStore()?.span?.call?.attempts;
    attempts?.begin();
    const sent = Reflect.apply(original, self, args);
    if (attempts && sent instanceof Promise) sent.then(attempts.end, attempts.end);
    return sent;
  });

/** Puts a method over another one until it is undone; undefined when there is nothing to do. */
function replace(
  owner: unknown,
  key: string,
  listening: (original: Method, self: unknown, args: unknown[]) => unknown,
): Undo | undefined {
  const original = read(owner, key);
  if (!hasFields(owner) || typeof original !== 'function') return undefined;
  const own = Object.getOwnPropertyDescriptor(owner, key);
  if (own && PATCHED in original) return undefined;
  const value = function (this: unknown, ...args: unknown[]): unknown {
    return listening(original as Method, this, args);
  };
  Object.defineProperty(value, 'name', { value: key, configurable: true });
  Object.defineProperty(value, PATCHED, { value: true });
  Object.defineProperty(owner, key, { value, configurable: true, writable: true });
  return () => {
    // Somebody else's patch over ours calls ours, which then only passes on.
    if (Reflect.get(owner, key) !== value) return;
    if (own) Object.defineProperty(owner, key, own);
    else delete owner[key];
  };
}

const at = (client: object, path: string): unknown => path.split('.').reduce(read, client);

/** A property of an object or a function; nothing when reading it fails. */
function read(from: unknown, name: string): unknown {
  if (!hasFields(from) && typeof from !== 'function') return undefined;
  try {
    return (from as Record<string, unknown>)[name] ?? undefined;
  } catch {
    return undefined;
  }
}

/** The object of a prototype chain that sends the requests. */
function holderOf(prototype: unknown): unknown {
  for (let holder = prototype; hasFields(holder); holder = Object.getPrototypeOf(holder)) {
    if (Object.hasOwn(holder, 'fetchWithTimeout')) return holder;
  }
  return undefined;
}
