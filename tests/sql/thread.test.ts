import { expect, it } from 'vitest';
import { onEachPostgres, type TestProject } from '../support/database.ts';

interface Call {
  trace: string;
  span: string;
  second: number;
  agent?: string;
  /** "role: content"; a tool's message is "tool <call id>: content". */
  sent: string[];
  answer?: string | null;
  tools?: object[];
}

onEachPostgres('a session as a conversation', (database) => {
  /** Stores calls and reads the thread back, each message as "conversation role: content". */
  async function thread(...calls: Call[]): Promise<string[]> {
    const project = await stored(calls);
    const rows = await database().query<Record<string, string>>(
      "select conversation, role, content from agensight.session_thread($1, 's') order by position",
      [project.id],
    );
    return rows.map(({ conversation, role, content }) => `${conversation} ${role}: ${content}`);
  }

  async function stored(calls: Call[]): Promise<TestProject> {
    const project = await database().project();
    const at = (second: number) => new Date(Date.UTC(2026, 0, 1) + second * 1000).toISOString();
    await database().ingest(project, {
      traces: [...new Set(calls.map(({ trace }) => trace))].map((id) => ({ id, session_id: 's' })),
      spans: calls.flatMap(({ trace, span, second, agent }) => [
        ...(agent ? [{ trace_id: trace, id: `${span}-agent`, name: agent, kind: 'agent' }] : []),
        {
          ...{
            trace_id: trace,
            id: span,
            kind: 'llm',
            started_at: at(second),
            ended_at: at(second + 1),
          },
          ...(agent ? { parent_id: `${span}-agent` } : {}),
        },
      ]),
      prompts: calls.flatMap(({ trace, span, sent }) =>
        sent.map((said, message_index) => {
          const [head = '', content] = said.split(': ');
          const [role, tool_call_id] = head.split(' ');
          return { trace_id: trace, span_id: span, message_index, role, content, tool_call_id };
        }),
      ),
      completions: calls
        .filter(({ answer }) => answer !== undefined)
        .map(({ trace, span, answer, tools }) => ({
          ...{
            trace_id: trace,
            span_id: span,
            completion_index: 0,
            role: 'assistant',
            content: answer,
          },
          parts: tools?.map((tool) => ({ type: 'tool_call', ...tool })) ?? null,
        })),
      tools: calls.flatMap(({ trace, span, tools }) =>
        (tools ?? []).map((tool) => ({ trace_id: trace, span_id: span, ...tool })),
      ),
    });
    return project;
  }

  it('shows a resent history once, and a message that was sent twice in a conversation twice', async () => {
    expect(
      await thread(
        { trace: 'a', span: '1', second: 1, sent: ['system: be brief', 'user: yes'], answer: 'ok' },
        {
          ...{ trace: 'b', span: '2', second: 2, answer: 'ok' },
          sent: ['system: be brief', 'user: yes', 'assistant: ok', 'user: yes'],
        },
      ),
    ).toEqual([
      '1 system: be brief',
      '1 user: yes',
      '1 assistant: ok',
      '1 user: yes',
      '1 assistant: ok',
    ]);
  });

  it('separates agents that run at the same time, and shows a shared question to each', async () => {
    const [a, b] = [
      ['system: plan', 'user: trip'],
      ['system: search', 'user: trip'],
    ];
    expect(
      await thread(
        { trace: 't', span: '1', second: 1, sent: a, answer: 'by train' },
        { trace: 't', span: '2', second: 1, sent: b, answer: 'line 4' },
        {
          trace: 't',
          span: '3',
          second: 3,
          sent: [...a, 'assistant: by train', 'user: when?'],
          answer: '9:00',
        },
        {
          trace: 't',
          span: '4',
          second: 4,
          sent: [...b, 'assistant: line 4', 'user: price?'],
          answer: '12',
        },
      ),
    ).toEqual([
      ...['1 system: plan', '1 user: trip', '1 assistant: by train'],
      ...['2 system: search', '2 user: trip', '2 assistant: line 4'],
      ...['1 user: when?', '1 assistant: 9:00', '2 user: price?', '2 assistant: 12'],
    ]);
  });

  it.each([
    [
      'a client sends only the end of a long history',
      ['system: it is 10:00', 'assistant: two', 'user: three'],
      ['1 user: three', '1 assistant: four'],
    ],
    [
      'the system prompt changes with every call',
      ['system: it is 10:05', 'user: one', 'assistant: two', 'user: three'],
      ['1 system: it is 10:05', '1 user: three', '1 assistant: four'],
    ],
    [
      'an earlier message is edited',
      ['system: it is 10:00', 'user: ONE', 'assistant: two', 'user: three'],
      ['1 user: ONE', '1 user: three', '1 assistant: four'],
    ],
    [
      'a client keeps no history',
      ['system: it is 10:00', 'user: three'],
      ['2 user: three', '2 assistant: four'],
    ],
    [
      'the same is asked again in a new trace',
      ['system: it is 10:00', 'user: one'],
      ['1 user: one', '1 assistant: four'],
    ],
  ])('shows the new messages when %s', async (_, sent, expected) => {
    const first = ['system: it is 10:00', 'user: one'];
    expect(
      await thread(
        { trace: 'a', span: '1', second: 1, sent: first, answer: 'two' },
        { trace: 'b', span: '2', second: 2, sent, answer: 'four' },
      ),
    ).toEqual(['1 system: it is 10:00', '1 user: one', '1 assistant: two', ...expected]);
  });

  it('shows a retried request once', async () => {
    const sent = ['user: one'];
    expect(
      await thread(
        { trace: 'a', span: '1', second: 1, sent },
        { trace: 'a', span: '2', second: 2, sent, answer: 'two' },
      ),
    ).toEqual(['1 user: one', '1 assistant: two']);
  });

  it('contains the tool calls of an answer with their results, and the speaker and time of each message', async () => {
    const call = { id: 'c1', name: 'weather', arguments: { city: 'Paris' } };
    const project = await stored([
      {
        trace: 'a',
        span: '1',
        second: 1,
        agent: 'guide',
        sent: ['user: sun?'],
        answer: null,
        tools: [call],
      },
    ]);
    await database().ingest(project, {
      tools: [{ trace_id: 'a', id: 'c1', output: 'rain', status: 'ok' }],
      prompts: [
        { trace_id: 'a', span_id: '2', message_index: 0, role: 'user', content: 'sun?' },
        {
          ...{ trace_id: 'a', span_id: '2', message_index: 1, role: 'assistant' },
          parts: [{ type: 'tool_call', ...call }],
        },
        {
          trace_id: 'a',
          span_id: '2',
          message_index: 2,
          role: 'tool',
          content: 'rain',
          tool_call_id: 'c1',
        },
      ],
      spans: [{ trace_id: 'a', id: '2', kind: 'llm', started_at: '2026-01-01T00:00:09Z' }],
    });
    expect(
      await database().query(
        `select position, agent, role, content, tool_calls, tool_call_id, said_at::text, span_id
         from agensight.session_thread($1, 's') order by position`,
        [project.id],
      ),
    ).toMatchObject([
      {
        position: 1,
        agent: 'guide',
        role: 'user',
        said_at: '2026-01-01 00:00:01+00',
        span_id: '1',
      },
      {
        ...{ position: 2, role: 'assistant', said_at: '2026-01-01 00:00:02+00', span_id: '1' },
        tool_calls: [{ ...call, output: 'rain', status: 'ok' }],
      },
      {
        position: 3,
        role: 'tool',
        content: 'rain',
        tool_call_id: 'c1',
        span_id: '2',
        tool_calls: null,
      },
    ]);
  });

  it('leaves out the second report of one call', async () => {
    const sent = ['user: one'];
    const project = await stored([
      { trace: 'a', span: '1', second: 1, sent, answer: 'two' },
      { trace: 'a', span: '2', second: 1, sent, answer: 'two' },
    ]);
    await database().query(
      "update agensight.completions set repeat_of = '1' where project_id = $1 and span_id = '2'",
      [project.id],
    );
    expect(
      await database().value("select count(*) from agensight.session_thread($1, 's')", [
        project.id,
      ]),
    ).toBe('2');
  });

  it('begins with the latest calls of a long session, and refuses a limit out of bounds', async () => {
    const project = await stored(
      [1, 2, 3].map((n) => ({
        trace: `t${n}`,
        span: 's',
        second: n,
        sent: [`user: ${n}`],
        answer: 'ok',
      })),
    );
    expect(
      await database().query("select content from agensight.session_thread($1, 's', 1)", [
        project.id,
      ]),
    ).toEqual([{ content: '3' }, { content: 'ok' }]);
    await expect(
      database().query("select * from agensight.session_thread($1, 's', 0)", [project.id]),
    ).rejects.toMatchObject({ code: 'PT400' });
  });
});
