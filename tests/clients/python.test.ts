/** The original SDK for Python, as it is published, with the module that `agensight python` prints. */
import { execFile } from 'node:child_process';
import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
// biome-ignore lint/correctness/noUndeclaredDependencies: the package beside this file is the clients'
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { pythonValueOf } from '../../lambda/python/validate-token.ts';
import { TestStack } from '../support/stack.ts';
import { ANSWERS, QUESTION, SERVED_MODEL, SYSTEM, TOOL } from './facts.ts';
import { type MockProvider, startMockProvider } from './mock-provider.ts';
import { installPython } from './python-environment.ts';

const run = promisify(execFile);
const fileOf = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

describe('the original SDK for Python', () => {
  const session = 'session of Python';
  let stack: TestStack;
  let provider: MockProvider;
  let printed: string;
  let trace: Record<string, unknown>;
  const rows = (table: 'spans' | 'prompts' | 'completions' | 'tools', order: string[] = []) =>
    stack.rows(table, { trace_id: String(trace.id) }, order);

  beforeAll(async () => {
    const python = await installPython(new URL('python/', import.meta.url));
    stack = await TestStack.start(null);
    provider = await startMockProvider();
    const folder = await mkdtemp(join(tmpdir(), 'agensight-'));
    const command = await run(process.execPath, [fileOf('../../cli/main.ts'), 'python']);
    await writeFile(join(folder, 'agensight_endpoint.py'), command.stdout);
    const env = {
      PATH: process.env.PATH,
      HOME: folder,
      PYTHONPATH: folder,
      AGENSIGHT_ENDPOINT: stack.endpoint,
      AGENSIGHT_TOKEN: stack.token,
      OPENAI_BASE_URL: provider.url,
      OPENAI_API_KEY: 'sk-unused',
      TEST_SESSION: session,
      TEST_USER: 'user of Python',
      TEST_SYSTEM: SYSTEM,
      TEST_QUESTION: QUESTION,
    };
    const { stdout, stderr } = await run(python, [fileOf('python/agent.py')], { env });
    printed = stdout + stderr;
    trace = (await stack.rows('traces', { session_id: session }))[0] ?? {};
  }, 600_000);
  afterAll(async () => {
    await provider?.close();
    await stack?.close();
  });

  it('prints the answer of the sign-in, and thereby no token', () => {
    expect(printed).toContain(pythonValueOf(stack.token));
    expect(printed).not.toContain(stack.token);
    expect(printed).toContain(ANSWERS.final.text);
  });

  it('makes one trace for one run, with its name, session and user', async () => {
    expect(await stack.rows('traces')).toMatchObject([{ name: 'agent', session_id: session }]);
    expect(await stack.rows('sessions', { id: session })).toMatchObject([
      { name: 'support', user_id: 'user of Python' },
    ]);
  });

  it('stores what was asked and answered', async () => {
    const answers = await rows('completions');
    expect(answers.find(({ content }) => content === ANSWERS.final.text)).toMatchObject({
      role: 'assistant',
      finish_reason: ANSWERS.final.finishReason,
    });
    const called = answers.find(({ response_id }) => response_id === ANSWERS.toolCall.id);
    expect(called).toMatchObject({
      model: SERVED_MODEL,
      provider: 'openai',
      prompt_tokens: ANSWERS.toolCall.prompt,
      completion_tokens: ANSWERS.toolCall.completion,
    });
    const prompts = await rows('prompts', ['message_index']);
    expect(prompts.filter(({ span_id }) => span_id === called?.span_id)).toMatchObject([
      { role: 'system', content: SYSTEM },
      { role: 'user', content: QUESTION },
    ]);
    expect(await rows('tools')).toMatchObject([{ name: TOOL.name, arguments: TOOL.arguments }]);
  });

  it('counts each call once, however many functions repeat its tokens', () => {
    const { toolCall, final } = ANSWERS;
    expect(trace).toMatchObject({
      prompt_tokens: toolCall.prompt + final.prompt,
      completion_tokens: toolCall.completion + final.completion,
    });
  });
});
