/** Results of tools whose messages have the name of the tool as their role. */
import type { Message } from '../provider/model.ts';

const ROLES = /* @__PURE__ */ new Set<string | null>([
  'system',
  'developer',
  'user',
  'assistant',
  'tool',
  null,
]);

/**
 * Langfuse's handler for LangChain.js writes the name of the tool as the role of its result, and no call
 * id: the result belongs to the next call of that name in the turn before.
 */
export function nameResults(prompts: readonly Message[]): void {
  if (prompts.every(({ role }) => ROLES.has(role))) return;
  const unanswered = new Map<string, { ids: (string | null)[]; next: number }>();
  for (const message of prompts) {
    for (const { name, id } of message.calls) {
      if (name === null) continue;
      const known = unanswered.get(name);
      if (known === undefined) unanswered.set(name, { ids: [id], next: 0 });
      else known.ids.push(id);
    }
    if (message.role === null || ROLES.has(message.role)) continue;
    const called = unanswered.get(message.role);
    if (called === undefined) continue;
    const id = called.ids[called.next++] ?? null;
    message.result = { id, name: message.role, output: message.content, failed: false };
    message.name = message.role;
    message.tool_call_id = id;
    message.role = 'tool';
  }
}
