import { expect, it } from 'vitest';
import { onEachPostgres, type RawLists } from '../support/database.ts';

const at = (second: number) => `2026-01-02T03:04:0${second}Z`;
const ASK = { name: 'f', arguments: { a: 1 } };

/** A model's call, as one span reports it: the tools that it requests, with or without ids. */
function call(
  id: string,
  parent_id: string | null,
  from: number,
  asked: (string | null)[],
): RawLists {
  const key = { trace_id: 't', span_id: id };
  return {
    spans: [
      {
        trace_id: 't',
        id,
        parent_id,
        kind: 'llm',
        name: id,
        started_at: at(from),
        ended_at: at(from + 1),
      },
    ],
    completions: [
      {
        ...key,
        completion_index: 0,
        model: 'm',
        total_tokens: 3,
        prompt_tokens: 1,
        completion_tokens: 2,
        parts: asked.map((each) => ({ type: 'tool_call', id: each, ...ASK })),
      },
    ],
    tools: asked.map((each, n) => ({ ...key, id: each ?? `${id}:${n}`, ...ASK })),
  };
}

function run(span: string, id: string, from: number): RawLists {
  return {
    spans: [
      {
        trace_id: 't',
        id: span,
        parent_id: 'agent',
        kind: 'tool',
        name: 'f',
        started_at: at(from),
      },
    ],
    tools: [{ trace_id: 't', id, run_span_id: span, ...ASK, output: span, started_at: at(from) }],
  };
}

onEachPostgres('a tool call that two spans of one model call report', (database) => {
  /** The rows of tools, which must be equal in any order of arrival and when sent twice. */
  async function toolsOf(parts: readonly RawLists[]) {
    const ways = [
      parts,
      parts.toReversed(),
      [...parts.slice(1), parts[0] ?? {}],
      [...parts, ...parts],
    ];
    const found = [];
    for (const way of ways) {
      const project = await database().project();
      for (const part of way) await database().ingest(project, part);
      const rows = await database().rows('tools', project);
      found.push(rows.map(({ merge_state: _, ...row }) => row));
    }
    for (const rows of found) expect(rows).toEqual(found[0]);
    return found[0];
  }

  it('is one row, under the id of the provider', async () => {
    const both = [call('outer', null, 1, [null]), call('inner', 'outer', 1, ['c1'])];
    expect(await toolsOf(both)).toMatchObject([{ id: 'c1', span_id: 'inner' }]);
  });

  it('is one row where neither span has ids, each of equal ones in its turn', async () => {
    const both = [call('outer', null, 1, [null, null]), call('inner', 'outer', 1, [null, null])];
    expect(await toolsOf(both)).toMatchObject([{ id: 'outer:0' }, { id: 'outer:1' }]);
  });

  it('has one run, and leaves the next run to the next call', async () => {
    const parts = [
      call('outer', 'agent', 1, [null]),
      call('inner', 'outer', 1, [null]),
      run('r1', 'r1', 3),
      call('later', 'agent', 4, [null]),
      run('r2', 'r2', 6),
    ];
    expect(await toolsOf(parts)).toMatchObject([
      { id: 'later:0', output: 'r2' },
      { id: 'outer:0', output: 'r1' },
    ]);
  });

  it('has the run that a framework gave an id of its own', async () => {
    const parts = [call('outer', 'agent', 1, [null]), run('r1', 'adk-1', 3)];
    expect(await toolsOf(parts)).toMatchObject([{ id: 'outer:0', output: 'r1' }]);
  });

  it('has not the run of a call that was requested with that id', async () => {
    const parts = [
      call('first', 'agent', 1, ['adk-1']),
      call('other', 'agent', 2, [null]),
      run('r1', 'adk-1', 3),
    ];
    expect(await toolsOf(parts)).toMatchObject([
      { id: 'adk-1', output: 'r1' },
      { id: 'other:0', output: null },
    ]);
  });

  it('has no run of the program where the provider ran it', async () => {
    const server = call('outer', 'agent', 1, ['c1']);
    const [completion = {}] = server.completions ?? [];
    const parts = [{ type: 'server_tool_use', id: 'c1', ...ASK }];
    const tools = (server.tools ?? []).map((tool) => ({ ...tool, output: 'by the provider' }));
    const asked = { ...server, completions: [{ ...completion, parts }], tools };
    expect(await toolsOf([asked, run('r1', 'r1', 3)])).toMatchObject([
      { id: 'c1', output: 'by the provider', run_span_id: null },
      { id: 'r1', output: 'r1' },
    ]);
  });

  it('stays two rows where the spans report two calls', async () => {
    const both = [call('one', null, 1, [null]), call('two', null, 3, [null])];
    expect(await toolsOf(both)).toMatchObject([{ id: 'one:0' }, { id: 'two:0' }]);
  });
});
