/**
 * A server and a client of the Model Context Protocol: the tool call is recorded where it is sent and where
 * it is answered, in one trace, because both propagate it.
 *
 *     node examples/mcp.ts
 */
import { Client, InMemoryTransport } from '@modelcontextprotocol/client';
import { McpServer } from '@modelcontextprotocol/server';
import { z } from 'zod';
// In your program, import from 'agensight'.
import { flush, init, instrument, trace } from '../sdk/index.ts';

init({ name: 'weather' });

const info = { name: 'weather', version: '1.0.0' };
const server = instrument(new McpServer(info), { propagate: true });
const client = instrument(new Client(info), { propagate: true });

server.registerTool('get_weather', { inputSchema: z.object({ city: z.string() }) }, ({ city }) => ({
  content: [{ type: 'text', text: `It is 27 °C in ${city}.` }],
}));

const answer = trace({ name: 'answer', session: 'chat_1' }, async (city: string) => {
  const { content } = await client.callTool({ name: 'get_weather', arguments: { city } });
  return content;
});

export async function main(): Promise<void> {
  // In your program: a server on stdio or HTTP, usually in another process.
  const [near, far] = InMemoryTransport.createLinkedPair();
  await Promise.all([client.connect(near), server.connect(far)]);
  console.log(await answer('Málaga'));
  await client.close();
  await flush();
}

if (import.meta.main) await main();
