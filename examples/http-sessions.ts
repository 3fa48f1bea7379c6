/**
 * An HTTP server (the same in Express): each request runs with the session of its user, and all traces
 * that start in the request belong to that session.
 *
 *     node examples/http-sessions.ts
 */
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
// In your program, import from 'agensight'.
import { currentSpan, flush, init, span, trace, withSession } from '../sdk/index.ts';

init({ name: 'shop-assistant' });

const search = span({ name: 'search', kind: 'retriever' }, async (words: string) => [
  { id: 1, title: `About ${words}` },
]);

const answer = trace('answer', async (question: string) => {
  const documents = await search(question);
  currentSpan()?.setAttribute('documents', documents.length);
  return documents[0]?.title ?? 'Nothing.';
});

function sessionOf({ headers }: IncomingMessage): { id: string; userId: string } {
  return { id: String(headers['x-chat-id']), userId: String(headers['x-user-id']) };
}

// Express: app.use((request, response, next) => withSession(sessionOf(request), next))
export const server = createServer((request, response) =>
  withSession(sessionOf(request), async () => {
    response.end(await answer(decodeURIComponent(request.url?.slice(1) ?? '')));
  }),
);

/** Two users send a request at the same time. */
export async function main(): Promise<void> {
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const ask = async (user: string, question: string): Promise<string> => {
    const headers = { 'x-chat-id': `chat of ${user}`, 'x-user-id': user };
    return (await fetch(`http://127.0.0.1:${port}/${question}`, { headers })).text();
  };
  console.log(await Promise.all([ask('ann', 'shoes'), ask('bob', 'hats')]));
  server.close();
  console.log(await flush());
}

if (import.meta.main) await main();
