/** Large inputs, and what must not leave. */

import { ONE_SET, type Program } from '../program.ts';
import { CHAT, completion } from '../provider/chat.ts';
import type { Json } from '../provider/server.ts';
import { saying } from '../row-checks.ts';

const SECRETS = ['abcdefghijklmnop1234567890', 'zzzz-1234-secret'];
const noSecret = (table: 'tools' | 'spans') =>
  SECRETS.map((secret) => ({ table, none: saying(secret) }) as const);
const MAX_STORED = 2_000_000;

export const programs: Program[] = [
  {
    name: 'openai, an image of 20 MB in a message',
    packages: ['openai'],
    sets: ONE_SET,
    async run({ load, provider }) {
      const { OpenAI } = await load('openai');
      const { url, asked } = await provider(() => ({ json: completion({ content: 'A sun.' }) }));
      const openai = new OpenAI({ apiKey: 'k', baseURL: `${url}/v1` });
      const image = `data:image/png;base64,${'iVBORw0K'.repeat(2_500_000)}`;
      const content = [
        { type: 'text', text: 'What is it?' },
        { type: 'image_url', image_url: { url: image } },
      ];
      const messages = [{ role: 'user', content }];
      const answer = await openai.chat.completions.create({ ...CHAT, messages });
      return [answer.choices, asked[0]?.body.messages[0].content[1].image_url.url.length];
    },
    rows: [
      { table: 'completions', are: [{ content: 'A sun.', total_tokens: 18 }] },
      { table: 'prompts', are: [saying('What is it?')] },
      ({ prompts }) =>
        JSON.stringify(prompts).length < MAX_STORED ? [] : ['the image is stored whole'],
    ],
  },
  {
    name: 'ten thousand spans below one',
    async run({ agensight }) {
      const step = agensight.span('step', async (n: number) => n);
      return agensight.trace('all', async () => {
        let sum = 0;
        for (let n = 0; n < 10_000; n++) sum += await step(n);
        return sum;
      })();
    },
    rows: [
      { table: 'traces', are: [{ span_count: 10_001, status: 'ok' }] },
      ({ spans }) => (spans.length === 10_001 ? [] : [`there are ${spans.length} spans`]),
    ],
  },
  {
    name: 'headers that a tool is handed',
    async run({ agensight }) {
      const [token, key] = SECRETS;
      const headers = { authorization: `Bearer ${token}`, 'x-api-key': key };
      const tool = agensight.span(
        { name: 'get_weather', kind: 'tool' },
        async ({ city }: Json, { requestInfo }: Json) => [city, Object.keys(requestInfo.headers)],
      );
      return tool({ city: 'A' }, { requestInfo: { headers } });
    },
    rows: [...noSecret('tools'), ...noSecret('spans')],
  },
];
