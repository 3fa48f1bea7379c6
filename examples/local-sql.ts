/**
 * Local mode: no server and no token. The six tables are in a SQLite file, which you query in SQL.
 *
 *     node examples/local-sql.ts
 */
import { DatabaseSync } from 'node:sqlite';
// In your program, import from 'agensight'.
import { flush, init, span, trace } from '../sdk/index.ts';

const localFile = process.env.AGENSIGHT_LOCAL_FILE ?? '.agensight/agensight.db';
init({ name: 'notebook', mode: 'local', localFile });

// Stands for any model call: it is recognised by the shape of its answer.
const callModel = span(
  { name: 'llm', kind: 'llm' },
  async (messages: { role: string; content: string }[]) => ({
    content: `You said: ${messages.at(-1)?.content}`,
    model: 'echo-1',
    usage: { prompt_tokens: 12, completion_tokens: 8 },
  }),
);

const ask = trace({ name: 'ask', session: 'notes' }, async (question: string) => {
  const answer = await callModel([{ role: 'user', content: question }]);
  return answer.content;
});

const TOKENS_PER_MODEL = `
  SELECT model, count(*) AS calls, sum(prompt_tokens + completion_tokens) AS tokens
  FROM completions GROUP BY model`;

export async function main(): Promise<void> {
  await ask('What is new?');
  await ask('And then?');
  console.log(await flush());
  const database = new DatabaseSync(localFile, { readOnly: true });
  console.table(database.prepare(TOKENS_PER_MODEL).all());
  database.close();
}

if (import.meta.main) await main();
