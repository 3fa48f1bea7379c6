/** OpenAI Agents with our trace processor: agents, handoffs and tools are spans around the calls of models. */

import type { Host, Program } from '../program.ts';
import { ANSWER } from '../provider/chat.ts';
import { functionCall, message, response } from '../provider/responses.ts';
import type { Json, Route } from '../provider/server.ts';
import { exactly, type Row, some, sumIs, type Tables } from '../row-checks.ts';

/** The first agent hands over, the second asks for a tool and then answers. */
const route: Route = ({ body, number }) => {
  const said = JSON.stringify(body.input);
  const output = said.includes('27 in A')
    ? message(ANSWER)
    : said.includes('call_handoff')
      ? functionCall('call_tool', 'get_weather', { city: 'A' })
      : functionCall('call_handoff', 'transfer_to_Weather', {});
  return { json: response([output], { id: `resp_${number}` }) };
};

const names = ({ spans }: Tables, span: Row | undefined): string[] => {
  const parent = spans.find(({ id }) => id === span?.parent_id);
  return span ? [...names({ spans } as Tables, parent), span.name] : [];
};
/** The path of a span from the root. */
const path =
  (where: (span: Row) => boolean, wanted: string[]) =>
  (tables: Tables): string[] => {
    const found = names(tables, tables.spans.find(where));
    return found.join(' > ') === wanted.join(' > ') ? [] : [`spans: ${found.join(' > ')}`];
  };

const running = (isWrapped: boolean): Program => ({
  name: `OpenAI Agents with the trace processor, its tool ${isWrapped ? 'in a span' : 'plain'}`,
  packages: ['@openai/agents', 'openai', 'zod'],
  async run({ load, provider, agensight, isRecorded }: Host) {
    const agents = await load('@openai/agents');
    const { OpenAI } = await load('openai');
    const { z } = await load('zod');
    agents.setTracingDisabled(false);
    agents.setTraceProcessors(isRecorded ? [agensight.agentsTraceProcessor] : []);
    const { url } = await provider(route);
    agents.setDefaultOpenAIClient(new OpenAI({ apiKey: 'k', baseURL: `${url}/v1` }));
    const weatherIn = async ({ city }: { city: string }) => `27 in ${city}`;
    const get_weather = agents.tool({
      name: 'get_weather',
      description: 'The weather.',
      parameters: z.object({ city: z.string() }),
      execute: isWrapped
        ? agensight.span({ name: 'get_weather', kind: 'tool' }, weatherIn)
        : weatherIn,
    });
    const weather = new agents.Agent({ name: 'Weather', model: 'gpt-4.1', tools: [get_weather] });
    const front = new agents.Agent({ name: 'Front', model: 'gpt-4.1', handoffs: [weather] });
    const ask = agensight.trace('ask', async (question: string) => {
      const { finalOutput, newItems } = await agents.run(front, question);
      return [finalOutput, newItems.map(({ type }: Json) => type)];
    });
    return ask('How warm is it?');
  },
  rows: [
    { table: 'traces', are: [{ name: 'ask', status: 'ok' }] },
    {
      table: 'spans',
      where: { kind: 'agent' },
      are: [
        { name: 'Front', ended_at: some },
        { name: 'Weather', ended_at: some },
      ],
    },
    {
      table: 'tools',
      have: [
        {
          id: 'call_tool',
          name: 'get_weather',
          arguments: exactly({ city: 'A' }),
          output: '27 in A',
          run_span_id: some,
        },
      ],
    },
    { table: 'tools', where: { name: 'get_weather' }, are: [{}] },
    { table: 'spans', where: { kind: 'tool' }, are: [{ name: 'get_weather', status: 'ok' }] },
    sumIs('total_tokens', 54),
    path(
      ({ kind, output }) => kind === 'tool' && output === '27 in A',
      ['ask', 'Agent workflow', 'Weather', ...(isWrapped ? ['get_weather'] : []), 'get_weather'],
    ),
  ],
});

export const programs: Program[] = [running(false), running(true)];
