/** Calls of tools, whole and in pieces, as different servers cut them, and without arguments. */

import { ONE_SET, type Program } from '../program.ts';
import { CLAUDE, claude, claudeEvents, spoken, toolUse } from '../provider/anthropic.ts';
import { CHAT, call, chunk, completion, listOf } from '../provider/chat.ts';
import { message, response, responseEvents } from '../provider/responses.ts';
import type { Answer, Json } from '../provider/server.ts';
import { exactly, saying } from '../row-checks.ts';

const calls = (...tool_calls: Json[]) => chunk({ role: 'assistant', tool_calls });
const end = chunk({}, 'tool_calls');
const weather = (id: string, args: string, index?: number) => call(id, 'get_weather', args, index);
const custom = (input: string, more: Json = {}) => ({ index: 0, ...more, custom: { input } });

const both = ['A', 'B'].map((city, index) => ({
  id: `call_${index + 1}`,
  name: 'get_weather',
  arguments: exactly({ city }),
}));
const code = [{ id: 'call_1', name: 'run_code', arguments: 'print(1)' }];

const STREAMS: Record<string, { events: Json[]; tools: Json[] }> = {
  'with their pieces mixed': {
    events: [
      calls(weather('call_1', '', 0), weather('call_2', '', 1)),
      calls({ index: 1, function: { arguments: '{"city":' } }),
      calls({ index: 0, function: { arguments: '{"city":"A"}' } }),
      calls({ index: 1, function: { arguments: '"B"}' } }),
      end,
    ],
    tools: both,
  },
  'all with index 0': {
    events: [
      calls(weather('call_1', '{"city":"A"}', 0)),
      calls(weather('call_2', '{"city":"B"}', 0)),
      end,
    ],
    tools: both,
  },
  'without an index': {
    events: [calls(weather('call_1', '{"city":"A"}'), weather('call_2', '{"city":"B"}')), end],
    tools: both,
  },
  'of a custom tool': {
    events: [
      calls({ index: 0, id: 'call_1', type: 'custom', custom: { name: 'run_code', input: '' } }),
      calls(custom('print(')),
      calls(custom('1)')),
      end,
    ],
    tools: code,
  },
  'without arguments': {
    events: [calls(call('call_1', 'get_time', '{}', 0)), end],
    tools: [{ id: 'call_1', name: 'get_time', arguments: exactly({}) }],
  },
};

const streams = Object.entries(STREAMS).map(
  ([form, { events, tools }]): Program => ({
    name: `streamed calls of tools ${form}`,
    packages: ['openai'],
    sets: ONE_SET,
    async run({ load, provider }) {
      const { OpenAI } = await load('openai');
      const { url } = await provider(() => ({ events: [...events, '[DONE]'] }));
      const openai = new OpenAI({ apiKey: 'k', baseURL: `${url}/v1` });
      return listOf(await openai.chat.completions.create({ ...CHAT, stream: true }));
    },
    rows: [{ table: 'tools', are: tools }],
  }),
);

const whole: Program = {
  name: 'a call of a custom tool, whole',
  packages: ['openai'],
  sets: ONE_SET,
  async run({ load, provider }) {
    const { OpenAI } = await load('openai');
    const asked = { id: 'call_1', type: 'custom', custom: { name: 'run_code', input: 'print(1)' } };
    const { url } = await provider(() => ({
      json: completion({ content: null, tool_calls: [asked] }),
    }));
    const openai = new OpenAI({ apiKey: 'k', baseURL: `${url}/v1` });
    return openai.chat.completions.create(CHAT);
  },
  rows: [{ table: 'tools', are: code }],
};

const item = {
  type: 'custom_tool_call',
  id: 'ctc_1',
  call_id: 'call_1',
  name: 'run_code',
  input: 'print(1)',
};
const breaking = responseEvents([item]).filter(({ type }) => !/done|completed/.test(type));
const responses = Object.entries({
  streamed: responseEvents([item, message('Done.')]),
  'in a stream that breaks off': breaking,
}).map(
  ([form, events]): Program => ({
    name: `a call of a custom tool of the Responses API, ${form}`,
    packages: ['openai'],
    sets: ONE_SET,
    async run({ load, provider }) {
      const { OpenAI } = await load('openai');
      const { url } = await provider(() => ({ events, isNamed: true }));
      const openai = new OpenAI({ apiKey: 'k', baseURL: `${url}/v1` });
      const request = { model: 'gpt-5', input: 'Run it.', stream: true };
      return listOf(await openai.responses.create(request));
    },
    rows: [{ table: 'tools', are: code }],
  }),
);

/** Items of the Responses API that the program carries out itself. */
const ITEMS: Record<string, Json> = {
  click: {
    type: 'computer_call',
    id: 'cu_1',
    call_id: 'call_1',
    action: { type: 'click', x: 1, y: 2, button: 'left' },
    pending_safety_checks: [],
    status: 'completed',
  },
  'ls -l': {
    type: 'shell_call',
    id: 'sh_1',
    call_id: 'call_1',
    action: { commands: ['ls -l'] },
    status: 'completed',
  },
  'old.txt': {
    type: 'apply_patch_call',
    id: 'ap_1',
    call_id: 'call_1',
    operation: { type: 'delete_file', path: 'old.txt' },
    status: 'completed',
  },
};
const items = Object.entries(ITEMS).map(
  ([says, one]): Program => ({
    name: `the Responses API, ${one.type}`,
    packages: ['openai'],
    sets: ONE_SET,
    async run({ load, provider }) {
      const { OpenAI } = await load('openai');
      const { url } = await provider(() => ({ json: response([one, message('One moment.')]) }));
      const openai = new OpenAI({ apiKey: 'k', baseURL: `${url}/v1` });
      return (await openai.responses.create({ model: 'gpt-5', input: 'Clean up.' })).output;
    },
    rows: [
      { table: 'tools', are: [{ id: 'call_1', arguments: saying(says) }] },
      { table: 'completions', are: [{ content: 'One moment.' }] },
    ],
  }),
);

const time = toolUse('call_1', 'get_time', {});
const noPieces = [[time, { type: 'input_json_delta', partial_json: '' }]];
const search = [
  { type: 'server_tool_use', id: 'srvtoolu_1', name: 'web_search', input: {} },
  { type: 'input_json_delta', partial_json: '{"query":' },
  { type: 'input_json_delta', partial_json: '"time"}' },
];
const found = { type: 'web_search_tool_result', tool_use_id: 'srvtoolu_1', content: [] };
const noArguments: Json[] = [{ id: 'call_1', name: 'get_time', arguments: exactly({}) }];

const anthropic = Object.entries<{ answer: Answer; rows: NonNullable<Program['rows']> }>({
  'a tool without arguments, streamed': {
    answer: { events: claudeEvents(noPieces, { stop_reason: 'tool_use' }), isNamed: true },
    rows: [{ table: 'tools', are: noArguments }],
  },
  'a tool without arguments, whole': {
    answer: { json: claude([time]) },
    rows: [{ table: 'tools', are: noArguments }],
  },
  'a search by the server, streamed': {
    answer: { events: claudeEvents([search, [found], spoken('Noon.')]), isNamed: true },
    rows: [
      { table: 'completions', are: [{ content: 'Noon.', parts: saying('"query":"time"') }] },
      { table: 'completions', none: { parts: saying('partial_json') } },
    ],
  },
}).map(
  ([what, { answer, rows }]): Program => ({
    name: `Anthropic, ${what}`,
    packages: ['@anthropic-ai/sdk'],
    async run({ load, provider }) {
      const { Anthropic } = await load('@anthropic-ai/sdk');
      const { url } = await provider(() => answer);
      const client = new Anthropic({ apiKey: 'k', baseURL: url });
      if (!answer.events) return client.messages.create(CLAUDE);
      return client.messages.stream(CLAUDE).finalMessage();
    },
    rows,
  }),
);

export const programs: Program[] = [...streams, whole, ...responses, ...items, ...anthropic];
