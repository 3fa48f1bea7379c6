/** A cache in front of a provider answers with a stored response, which was paid once. */
import type { Program } from '../program.ts';
import { ANSWER, CHAT, completion, TOKENS } from '../provider/chat.ts';
import type { Json } from '../provider/server.ts';
import { some } from '../row-checks.ts';

/** A response with an id that stays as it is. */
const stored = { json: completion({ content: ANSWER }, { id: 'chatcmpl-stored' }) };
const none = { prompt_tokens: null, completion_tokens: null, total_tokens: null };

export const programs: Program[] = [
  {
    name: 'fetch, two requests one after the other, answered with one stored response',
    async run({ provider, agensight: { trace } }) {
      const { url, asked } = await provider(() => stored);
      const ask = async (): Promise<unknown> => {
        const body = JSON.stringify(CHAT);
        const headers = { 'content-type': 'application/json' };
        const response = await fetch(`${url}/v1/chat/completions`, {
          method: 'POST',
          headers,
          body,
        });
        const { choices } = (await response.json()) as Json;
        return choices[0].message.content;
      };
      const answers = await trace({ name: 'twice' }, async () => [await ask(), await ask()])();
      return [answers, asked.length];
    },
    rows: [
      { table: 'spans', where: { kind: 'llm' }, are: [{ status: 'ok' }, { status: 'ok' }] },
      {
        table: 'completions',
        are: [
          { content: ANSWER, response_id: 'chatcmpl-stored', repeat_of: null, ...TOKENS },
          { content: ANSWER, response_id: 'chatcmpl-stored', repeat_of: some, ...none },
        ],
      },
      { table: 'traces', are: [{ llm_call_count: 1, total_tokens: 18 }] },
    ],
  },
];
