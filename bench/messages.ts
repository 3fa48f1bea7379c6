/** The savings of storing each message once, and its cost if no message repeats. */
import { randomBytes, randomUUID } from 'node:crypto';
import type pg from 'pg';
import type { Batch, PromptRecord } from '../wire/records.ts';
import { type Figure, timed } from './measure.ts';

const STEPS = 20;
const MESSAGE_CHARACTERS = 1_000;
const AGENTS = 60;
const SINGLE_TURNS = 1_500;
const TURNS_PER_BATCH = 50;

type Message = Pick<PromptRecord, 'role' | 'content'>;

/**
 * Disk space of the prompts, including indexes, compared with one row per message and call in
 * `plainTable`, a table with the same columns and key, which is emptied.
 */
export async function benchMessages(
  client: pg.Client,
  tokenHash: string,
  plainTable: string,
): Promise<Figure[]> {
  const figures: Figure[] = [];
  for (const [what, batches, target] of [
    [`${STEPS}-step agent that resends its history`, agents(), '≤ 0.20'],
    ['single turns, system prompt and question', singleTurns(), '≤ 1.10'],
  ] as const) {
    await client.query(`truncate agensight.message_lists, ${plainTable}`);
    const millis = await timed(async () => {
      for (const batch of batches) {
        await client.query('select agensight.ingest($1, $2::jsonb)', [
          tokenHash,
          JSON.stringify(batch),
        ]);
      }
    });
    await client.query(
      `insert into ${plainTable} select * from agensight.prompts order by 1, 2, 3, 4`,
    );
    const { rows } = await client.query<{ ours: number; plain: number }>(`
      select pg_total_relation_size('agensight.message_lists')::float8 as ours,
             pg_total_relation_size('${plainTable}')::float8 as plain`);
    const { ours = Number.NaN, plain = Number.NaN } = rows[0] ?? {};
    figures.push({
      figure: `disk of prompts, ${MESSAGE_CHARACTERS} characters each: ${what}`,
      ours: `${Math.round(ours / 1024)} kB, ${(millis / batches.length).toFixed(1)} ms a batch`,
      ratio: `${(ours / plain).toFixed(2)} of a row per message and call`,
      target,
    });
  }
  return figures;
}

const SYSTEM: Message = { role: 'system', content: randomText() };

/** One batch per step, as the SDK delivers an agent that runs for minutes. */
function agents(): Batch[] {
  return Array.from({ length: AGENTS }).flatMap(() => {
    const traceId = randomBytes(16).toString('hex');
    const history: Message[] = [SYSTEM, { role: 'user', content: randomText() }];
    return Array.from({ length: STEPS }, () => {
      const batch = { batch_id: randomUUID(), sdk: null, prompts: promptsOf(traceId, history) };
      history.push(
        { role: 'assistant', content: randomText() },
        { role: 'tool', content: randomText() },
      );
      return batch;
    });
  });
}

function singleTurns(): Batch[] {
  return Array.from({ length: SINGLE_TURNS / TURNS_PER_BATCH }, () => ({
    batch_id: randomUUID(),
    sdk: null,
    prompts: Array.from({ length: TURNS_PER_BATCH }).flatMap(() =>
      promptsOf(randomBytes(16).toString('hex'), [SYSTEM, { role: 'user', content: randomText() }]),
    ),
  }));
}

function promptsOf(trace_id: string, messages: readonly Message[]): PromptRecord[] {
  const span_id = randomBytes(8).toString('hex');
  return messages.map((message, message_index) => ({
    trace_id,
    span_id,
    message_index,
    ...message,
  }));
}

/** Text that compresses like natural language. */
function randomText(): string {
  const words: string[] = [];
  for (let length = 0; length < MESSAGE_CHARACTERS; length += 6) {
    words.push(
      randomBytes(3)
        .toString('base64')
        .slice(0, 4 + (length % 3)),
    );
  }
  return words.join(' ').slice(0, MESSAGE_CHARACTERS);
}
