import type pg from 'pg';
import { type Figure, median, timed } from './measure.ts';

const ROUNDS = 200;

/**
 * The cost of row-level security for a page of the latest 50 traces: the same query, alternately as a
 * member and as the owner of the tables, on one connection.
 *
 * @param userId a member of the project
 */
export async function pageUnderRls(
  client: pg.Client,
  projectId: string,
  userId: string,
): Promise<Figure> {
  const page = (where: string) => `
    select id, name, started_at, ended_at, status, span_count, error_count, total_tokens from agensight.traces
    ${where} order by started_at desc limit 50`;
  const times: { member: number[]; owner: number[] } = { member: [], owner: [] };
  for (let round = 0; round < ROUNDS; round++) {
    await client.query('begin');
    times.owner.push(await timed(() => client.query(page('where project_id = $1'), [projectId])));
    await client.query("select set_config('request.jwt.claims', $1, true)", [
      JSON.stringify({ role: 'authenticated', sub: userId }),
    ]);
    await client.query('set local role authenticated');
    times.member.push(await timed(() => client.query(page('where project_id = $1'), [projectId])));
    await client.query('rollback');
  }
  const [member, owner] = [median(times.member), median(times.owner)];
  return {
    figure: 'latest 50 traces as a member, against the same query without row-level security',
    ours: `${member.toFixed(2)} ms`,
    ratio: (member / owner).toFixed(2),
    target: '≤ 1.3',
  };
}
