/** Tools of MCP servers: what the client sees, and their rows. */

import type { Host, Program } from '../program.ts';
import { CHAT, withTools } from '../provider/chat.ts';
import type { Json } from '../provider/server.ts';
import { exactly, some } from '../row-checks.ts';

const packages = [
  '@modelcontextprotocol/sdk/client/index.js',
  '@modelcontextprotocol/sdk/inMemory.js',
  '@modelcontextprotocol/sdk/server/mcp.js',
  'zod',
];

/** A client of a server with one tool. */
async function connect({ load }: Host, run: Json, more: Json = {}): Promise<Json> {
  const { Client } = await load('@modelcontextprotocol/sdk/client/index.js');
  const { InMemoryTransport } = await load('@modelcontextprotocol/sdk/inMemory.js');
  const { McpServer } = await load('@modelcontextprotocol/sdk/server/mcp.js');
  const { z } = await load('zod');
  const server = new McpServer({ name: 's', version: '1' }, { capabilities: { logging: {} } });
  const inputSchema = { city: z.string() };
  server.registerTool('get_weather', { description: 'The weather.', inputSchema, ...more }, run);
  const client = new Client({ name: 'c', version: '1' });
  const [here, there] = InMemoryTransport.createLinkedPair();
  await server.connect(there);
  await client.connect(here);
  return client;
}

async function callOnce(client: Json): Promise<unknown> {
  const result = await client.callTool({ name: 'get_weather', arguments: { city: 'A' } });
  await client.close();
  return result;
}

const asTool = { name: 'get_weather', kind: 'tool' } as const;
const text = (said: string) => [{ type: 'text' as const, text: said }];

export const programs: Program[] = [
  {
    name: 'MCP, a tool whose result is an error',
    packages,
    async run(host) {
      const content = text('quota exceeded');
      const run = host.agensight.span(asTool, async () => ({ content, isError: true }));
      return callOnce(await connect(host, run));
    },
    rows: [
      { table: 'tools', are: [{ status: 'error' }] },
      { table: 'spans', are: [{ status: 'error' }] },
    ],
  },
  {
    name: 'MCP, a tool that throws',
    packages,
    async run(host) {
      const run = host.agensight.span(asTool, async () => {
        throw new Error('no such city');
      });
      return callOnce(await connect(host, run));
    },
    rows: [{ table: 'tools', are: [{ status: 'error', error: { message: 'no such city' } }] }],
  },
  {
    name: 'MCP, a tool with structured content, and notifications',
    packages,
    async run(host) {
      const { z } = await host.load('zod');
      const run = host.agensight.span(
        asTool,
        async ({ city }: Json, { sendNotification }: Json) => {
          const params = { level: 'info', data: 'working' };
          await sendNotification({ method: 'notifications/message', params });
          return { content: text(`27 in ${city}`), structuredContent: { celsius: 27 } };
        },
      );
      return callOnce(await connect(host, run, { outputSchema: { celsius: z.number() } }));
    },
    rows: [
      {
        table: 'tools',
        are: [{ status: 'ok', output: { structuredContent: { celsius: 27 } } }],
      },
    ],
  },
  {
    name: "MCP, a model's call that a server carries out",
    packages: [...packages, 'openai'],
    async run(host) {
      const { OpenAI } = await host.load('openai');
      const { url } = await host.provider(withTools(['A', 'B']));
      const openai = new OpenAI({ apiKey: 'k', baseURL: `${url}/v1` });
      const run = host.agensight.span(asTool, async ({ city }: Json) => ({
        content: text(`27 in ${city}`),
      }));
      const client = await connect(host, run);
      const ask = host.agensight.trace('ask', async () => {
        const tools = [{ type: 'function', function: { name: 'get_weather', parameters: {} } }];
        const { choices } = await openai.chat.completions.create({ ...CHAT, tools });
        const { name, arguments: args } = choices[0].message.tool_calls[0].function;
        return client.callTool({ name, arguments: JSON.parse(args) });
      });
      const result = await ask();
      await client.close();
      return result;
    },
    rows: [
      {
        table: 'tools',
        are: [
          {
            id: 'call_1',
            arguments: exactly({ city: 'A' }),
            output: { content: [{ text: '27 in A' }] },
            run_span_id: some,
          },
          { id: 'call_2', arguments: exactly({ city: 'B' }), output: null, run_span_id: null },
        ],
      },
    ],
  },
];
