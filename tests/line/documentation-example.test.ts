import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';
import { describeNewestTrace } from '../../local/describe-trace.ts';
import { onEachStack } from '../support/stack.ts';

const run = promisify(execFile);
const EXAMPLE = fileURLToPath(new URL('../../examples/multi-agent-chat.ts', import.meta.url));

onEachStack("the documentation's multi-agent chat", (stack) => {
  it('gives one session, one trace, two LLM calls with their messages, and the tool', async () => {
    const { stdout } = await run(process.execPath, [EXAMPLE], {
      env: { ...process.env, ...stack().stack.env, AGENSIGHT_MODE: 'prod' },
    });
    expect(stdout).toContain('Final Output: Mock response');

    // The trace's session wins over that of init().
    expect(await stack().rows('sessions')).toMatchObject([{ id: 'user_789' }]);
    const traces = await stack().rows('traces');
    expect(traces).toMatchObject([
      {
        name: 'multi_agent_chat',
        session_id: 'user_789',
        service_name: 'chat-service',
        status: 'ok',
      },
    ]);
    expect(traces[0]?.ended_at).not.toBeNull();

    const spans = await stack().rows('spans', {}, ['started_at']);
    const root = spans.find(({ parent_id }) => parent_id === null);
    expect(root?.name).toBe('multi_agent_chat');
    const calls = spans.filter(({ parent_id }) => parent_id === root?.id);
    expect(calls.map(({ name, kind }) => [name, kind])).toEqual([
      ['llm', 'llm'],
      ['llm', 'llm'],
    ]);
    expect(await stack().rows('prompts', { span_id: calls[0]?.id as string })).toMatchObject([
      { role: 'user', content: 'Weather in Paris?' },
    ]);
    expect(await stack().rows('completions', { span_id: calls[1]?.id as string })).toMatchObject([
      { content: expect.stringContaining('Summarize: ') },
    ]);
    expect(new Set((await stack().rows('tools')).map(({ name }) => name))).toEqual(
      new Set(['get_weather']),
    );
  });

  it('is printed from the tables as a tree', async () => {
    const text = await describeNewestTrace(stack().stack.env, stack().stack.projectId);
    expect(text).toMatch(
      /\n {2}multi_agent_chat {2}\(span, .*\n {4}llm {2}\(llm, .*\n {4}llm {2}\(llm/,
    );
    expect(text).toContain('user: Weather in Paris?');
    expect(text).toContain('get_weather');
  });
});
