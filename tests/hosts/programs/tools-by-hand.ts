/** A model asks for a tool, and the program calls its function as it likes: one row for each call. */

import { type Host, ONE_SET, type Program } from '../program.ts';
import { CHAT, call, completion } from '../provider/chat.ts';
import type { Json } from '../provider/server.ts';
import { exactly, saying, some, type Tables } from '../row-checks.ts';

interface Form {
  /** The arguments that the model wrote. */
  readonly asked: Json;
  readonly call: (run: (...args: Json[]) => unknown) => unknown;
}

const FORMS: Record<string, Form> = {
  'by the object': { asked: { city: 'A' }, call: (run) => run({ city: 'A' }) },
  'by the object with its keys in another order': {
    asked: { b: 1, a: 2 },
    call: (run) => run({ a: 2, b: 1 }),
  },
  'by its two values': { asked: { city: 'A', unit: 'C' }, call: (run) => run('A', 'C') },
  'by its one value': { asked: { city: 'A' }, call: (run) => run('A') },
  'without arguments': { asked: {}, call: (run) => run() },
  'by an empty object': { asked: {}, call: (run) => run({}) },
  'by the object with a default filled in': {
    asked: { city: 'A' },
    call: (run) => run({ city: 'A', unit: 'C' }),
  },
  'by the object and something of the program': {
    asked: { city: 'A' },
    call: (run) => run({ city: 'A' }, { user: 'ann', log: () => {} }),
  },
};

async function ask({ load, provider }: Host, ...asked: Json[]): Promise<() => Promise<unknown>> {
  const { OpenAI } = await load('openai');
  const tool_calls = asked.map((one, index) => call(`call_${index + 1}`, 'get_weather', one));
  const { url } = await provider(() => ({ json: completion({ content: null, tool_calls }) }));
  const openai = new OpenAI({ apiKey: 'k', baseURL: `${url}/v1` });
  return () => openai.chat.completions.create(CHAT);
}

const tool = ({ agensight }: Host) =>
  agensight.span({ name: 'get_weather', kind: 'tool' }, async (..._: Json[]) => 27);

const forms = Object.entries(FORMS).map(
  ([form, { asked, call: make }]): Program => ({
    name: `a tool called ${form}`,
    packages: ['openai'],
    sets: ONE_SET,
    async run(host) {
      const askModel = await ask(host, asked);
      const run = tool(host);
      return host.agensight.trace('ask', async () => {
        await askModel();
        return make(run);
      })();
    },
    rows: [
      {
        table: 'tools',
        are: [
          {
            id: 'call_1',
            name: 'get_weather',
            arguments: saying(...Object.values(asked).map(String)),
            output: 27,
            run_span_id: some,
          },
        ],
      },
    ],
  }),
);

/** No run stands for two calls. */
const runsOfTheirOwn = ({ tools }: Tables): string[] =>
  new Set(tools.map((row) => row.run_span_id)).size === tools.length
    ? []
    : ['tools: one run stands for two calls'];

const twice: Program = {
  name: 'a tool called twice with the same arguments',
  packages: ['openai'],
  sets: ONE_SET,
  async run(host) {
    const askModel = await ask(host, { city: 'A' }, { city: 'A' });
    const run = tool(host);
    return host.agensight.trace('ask', async () => {
      await askModel();
      return Promise.all([run({ city: 'A' }), run({ city: 'A' })]);
    })();
  },
  rows: [
    {
      table: 'tools',
      are: ['call_1', 'call_2'].map((id) => ({
        id,
        arguments: exactly({ city: 'A' }),
        output: 27,
        run_span_id: some,
      })),
    },
    runsOfTheirOwn,
  ],
};

const apart: Program = {
  name: 'a tool whose call and function are in two traces',
  packages: ['openai'],
  sets: ONE_SET,
  async run(host) {
    const askModel = await ask(host, { city: 'A' });
    const run = tool(host);
    await host.agensight.trace('ask', () => askModel())();
    return host.agensight.trace('work', () => run({ city: 'A' }))();
  },
  // Nothing says that the two belong together.
  rows: [{ table: 'tools', are: [{ id: 'call_1', output: null }, { output: 27 }] }],
};

export const programs: Program[] = [...forms, twice, apart];
