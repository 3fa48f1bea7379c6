/** Clients and servers of the Model Context Protocol, of both majors of its SDK, joined in memory. */
import * as clientV2 from '@modelcontextprotocol/client';
import { Client as ClientV1 } from '@modelcontextprotocol/sdk/client/index.js';
import { InMemoryTransport as TransportV1 } from '@modelcontextprotocol/sdk/inMemory.js';
import { McpServer as ServerV1 } from '@modelcontextprotocol/sdk/server/mcp.js';
import * as serverV2 from '@modelcontextprotocol/server';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { type InstrumentOptions, instrument, span, trace } from '../../../sdk/index.ts';
import type { RecordLists, SpanRecord } from '../../../wire/records.ts';
import { recorded } from '../support/edge.ts';

interface Pair {
  readonly client: ClientV1;
  readonly server: ServerV1;
  connect(): Promise<void>;
}

const INFO = { name: 'weather', version: '1.0.0' };

/** Both majors have these methods; the types of the first one stand for both. */
const MAJORS: [string, () => Pair][] = [
  [
    '@modelcontextprotocol/sdk 1',
    () => {
      const [client, server] = [new ClientV1(INFO), new ServerV1(INFO)];
      return { client, server, connect: () => connect(client, server, TransportV1) };
    },
  ],
  [
    '@modelcontextprotocol/client and server 2',
    () => {
      const client = new clientV2.Client(INFO) as unknown as ClientV1;
      const server = new serverV2.McpServer(INFO) as unknown as ServerV1;
      const transport = clientV2.InMemoryTransport as unknown as typeof TransportV1;
      return { client, server, connect: () => connect(client, server, transport) };
    },
  ],
];

async function connect(
  client: ClientV1,
  server: ServerV1,
  transport: typeof TransportV1,
): Promise<void> {
  const [near, far] = transport.createLinkedPair();
  await Promise.all([client.connect(near), server.connect(far)]);
}

/** What the tools of the server were given beside their arguments. */
let seen: unknown[] = [];

function withTools(server: ServerV1): ServerV1 {
  const input = z.object({ city: z.string() }) as never;
  server.registerTool('get_weather', { inputSchema: input }, ((
    { city }: { city: string },
    extra: { _meta?: unknown; mcpReq?: { _meta?: unknown } },
  ) => {
    seen.push(extra._meta ?? extra.mcpReq?._meta);
    if (city === 'Atlantis') throw new Error('no such city');
    return { content: [{ type: 'text', text: `It is warm in ${city}.` }] };
  }) as never);
  server.registerResource('rules', 'doc://rules', {}, () => ({
    contents: [{ uri: 'doc://rules', text: 'Be kind.' }],
  }));
  return server;
}

async function rowsOf(
  make: () => Pair,
  who: readonly ('client' | 'server')[],
  options?: InstrumentOptions,
  work: (client: ClientV1) => Promise<unknown> = callTool,
): Promise<RecordLists> {
  seen = [];
  return recorded(async () => {
    const { client, server, connect } = make();
    if (who.includes('server')) expect(instrument(server, options)).toBe(server);
    withTools(server);
    await connect();
    if (who.includes('client')) expect(instrument(client, options)).toBe(client);
    await trace('agent', () => work(client))();
    await client.close();
  });
}

const callTool = (client: ClientV1): Promise<unknown> =>
  client.callTool({ name: 'get_weather', arguments: { city: 'Paris' } });

const spanOf = ({ spans }: RecordLists, name: string): Partial<SpanRecord> | undefined =>
  spans.find((one) => one.name === name);

describe.each(MAJORS)('%s', (_, make) => {
  it('records the tool calls of a client below the agent', async () => {
    let result: unknown;
    const rows = await rowsOf(make, ['client'], undefined, async (client) => {
      result = await callTool(client);
    });
    expect(result).toMatchObject({ content: [{ type: 'text', text: 'It is warm in Paris.' }] });
    expect(spanOf(rows, 'get_weather')).toMatchObject({
      kind: 'tool',
      status: 'ok',
      parent_id: spanOf(rows, 'agent')?.id,
      attributes: {
        'mcp.method.name': 'tools/call',
        'gen_ai.operation.name': 'execute_tool',
        'gen_ai.tool.name': 'get_weather',
      },
    });
    expect(rows.tools).toMatchObject([{ name: 'get_weather', arguments: { city: 'Paris' } }]);
    expect(rows.tools[0]?.output).toMatchObject({ content: [{ text: 'It is warm in Paris.' }] });
  });

  it('records what a server answers, as traces of its own', async () => {
    const rows = await rowsOf(make, ['server']);
    expect(spanOf(rows, 'get_weather')).toMatchObject({ kind: 'tool', status: 'ok' });
    expect(rows.tools).toMatchObject([{ name: 'get_weather', arguments: { city: 'Paris' } }]);
  });

  it('takes a failed tool for failed, at the client and at the server', async () => {
    for (const who of ['client', 'server'] as const) {
      const rows = await rowsOf(make, [who], undefined, (client) =>
        client.callTool({ name: 'get_weather', arguments: { city: 'Atlantis' } }),
      );
      expect(spanOf(rows, 'get_weather')).toMatchObject({
        status: 'error',
        error: { message: 'no such city' },
      });
      expect(rows.tools).toMatchObject([{ status: 'error' }]);
    }
  });

  it('records resources', async () => {
    const rows = await rowsOf(make, ['client'], undefined, (client) =>
      client.readResource({ uri: 'doc://rules' }),
    );
    expect(spanOf(rows, 'resources/read')).toMatchObject({
      kind: 'retriever',
      input: { uri: 'doc://rules' },
      attributes: { 'mcp.resource.uri': 'doc://rules' },
    });
  });

  it('changes nothing in the requests, unless it shall propagate', async () => {
    await rowsOf(make, ['client', 'server']);
    expect(JSON.stringify(seen)).not.toContain('traceparent');
    const rows = await rowsOf(make, ['client', 'server'], { propagate: true });
    const [inner, outer] = rows.spans.filter(({ name }) => name === 'get_weather');
    expect(JSON.stringify(seen)).toContain(inner?.trace_id);
    expect([inner?.parent_id, outer?.parent_id]).toContain(outer?.id ?? inner?.id);
    expect(new Set(rows.spans.map(({ trace_id }) => trace_id)).size).toBe(1);
  });

  it('passes on an error of the protocol as it is', async () => {
    const thrown: unknown[] = [];
    for (const who of [[], ['client', 'server']] as const) {
      const rows = await rowsOf(make, who, undefined, async (client) => {
        const failure: unknown = await client.readResource({ uri: 'doc://none' }).then(
          () => undefined,
          (error: unknown) => error,
        );
        thrown.push(failure);
      });
      if (who.length > 0) expect(spanOf(rows, 'resources/read')).toMatchObject({ status: 'error' });
    }
    expect(thrown[0]).toBeInstanceOf(Error);
    expect(String(thrown[1])).toBe(String(thrown[0]));
    expect((thrown[1] as object).constructor).toBe((thrown[0] as object).constructor);
  });

  it('is recorded once, however often it is instrumented', async () => {
    const rows = await rowsOf(make, ['client'], undefined, (client) =>
      callTool(instrument(instrument(client))),
    );
    expect(rows.tools).toHaveLength(1);
    expect(rows.spans.filter(({ kind }) => kind === 'tool')).toHaveLength(1);
  });

  it('answers as before while the SDK is not initialised', async () => {
    const { client, server, connect } = make();
    withTools(instrument(server));
    await connect();
    expect(await callTool(instrument(client))).toMatchObject({ content: [{ type: 'text' }] });
    await client.close();
  });

  it('records a server whose tools were registered before', async () => {
    const rows = await recorded(async () => {
      const { client, server, connect } = make();
      instrument(withTools(server));
      await connect();
      await span('agent', () => callTool(client))();
      await client.close();
    });
    expect(spanOf(rows, 'get_weather')?.kind).toBe('tool');
  });
});
