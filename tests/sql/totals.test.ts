import { expect, it } from 'vitest';
import { onEachPostgres, type TestProject } from '../support/database.ts';

onEachPostgres('totals of a trace', (database) => {
  const filled = async (): Promise<TestProject> => {
    const project = await database().project();
    await database().ingest(project, {
      spans: ['a', 'b', 'c'].map((id) => ({
        trace_id: 't',
        id,
        status: id === 'c' ? 'ok' : 'error',
      })),
      completions: ['a', 'b'].map((span_id) => ({
        trace_id: 't',
        span_id,
        completion_index: 0,
        prompt_tokens: 5,
        completion_tokens: 2,
        total_tokens: 7,
      })),
    });
    return project;
  };
  const change = (project: TestProject, sql: string) => database().query(sql, [project.id]);

  it.each([
    [
      'a span is deleted',
      "delete from agensight.spans where project_id = $1 and id = 'a'",
      [2, 1, 10, 14],
    ],
    ['all spans are deleted', 'delete from agensight.spans where project_id = $1', [0, 0, 10, 14]],
    [
      'an error is corrected',
      "update agensight.spans set status = 'ok' where project_id = $1 and id = 'a'",
      [3, 1, 10, 14],
    ],
    [
      'an answer is deleted',
      "delete from agensight.completions where project_id = $1 and span_id = 'a'",
      [3, 2, 5, 7],
    ],
    [
      'usage is corrected, and removed',
      `update agensight.completions set prompt_tokens = case span_id when 'a' then 100 end,
       total_tokens = case span_id when 'a' then 102 end where project_id = $1`,
      [3, 2, 100, 102],
    ],
  ])('are correct when %s with SQL', async (_, sql, expected) => {
    const project = await filled();
    await change(project, sql);
    const [trace] = await database().rows('traces', project);
    expect([
      trace?.span_count,
      trace?.error_count,
      trace?.prompt_tokens,
      trace?.total_tokens,
    ]).toEqual(expected);
  });

  it('do not create a trace again that was deleted before its parts', async () => {
    const project = await filled();
    await change(project, 'delete from agensight.traces where project_id = $1');
    await change(project, 'delete from agensight.spans where project_id = $1');
    await change(project, 'delete from agensight.completions where project_id = $1');
    expect(await database().rows('traces', project)).toEqual([]);
  });
});
