/** The OpenAI Agents SDK for Python with its own exporter, as it is published. */
// biome-ignore lint/correctness/noUndeclaredDependencies: the package beside this file is the clients'
import { afterAll, beforeAll, expect, it } from 'vitest';
import { TestStack } from '../support/stack.ts';
import { ANSWERS, MODEL, QUESTION, SYSTEM, TOOL } from './facts.ts';
import { type MockProvider, startMockProvider } from './mock-provider.ts';
import { readManual, runProgram, sourceOf } from './programs.ts';
import { installPython } from './python-environment.ts';

const NAME = 'OpenAI Agents SDK for Python';
const PROGRAM = 'openai-agents-python.py';
const SESSION = 'session of agents';

let stack: TestStack;
let provider: MockProvider;
let trace: Record<string, unknown>;

beforeAll(async () => {
  const python = await installPython(new URL('python-newest/', import.meta.url));
  stack = await TestStack.start(null);
  provider = await startMockProvider();
  const environment = {
    AGENSIGHT_ENDPOINT: stack.endpoint,
    AGENSIGHT_TOKEN: stack.token,
    OPENAI_BASE_URL: provider.url,
    OPENAI_API_KEY: 'sk-unused',
    TEST_SESSION: SESSION,
    TEST_USER: 'nobody',
    TEST_FACTS: JSON.stringify({ model: MODEL, tool: TOOL, system: SYSTEM, question: QUESTION }),
  };
  await runProgram(PROGRAM, '', environment, python);
  trace = (await stack.rows('traces'))[0] ?? {};
}, 600_000);
afterAll(async () => {
  await provider?.close();
  await stack?.close();
});

it('is documented as it is tested', async () => {
  const source = await sourceOf(PROGRAM);
  const blocks = (await readManual()).get(NAME)?.code ?? [];
  expect(blocks).not.toHaveLength(0);
  for (const block of blocks) expect(source).toContain(block);
});

it('makes one trace with the name of the workflow, its group and its totals', async () => {
  const { toolCall, final } = ANSWERS;
  expect(await stack.rows('traces')).toMatchObject([
    {
      name: 'weather',
      session_id: SESSION,
      prompt_tokens: toolCall.prompt + final.prompt,
      completion_tokens: toolCall.completion + final.completion,
      llm_call_count: 2,
    },
  ]);
});

it('stores agent, calls, messages and the run of the tool beside its call', async () => {
  const ofTrace = { trace_id: String(trace.id) };
  const spans = await stack.rows('spans', ofTrace);
  const idOf = (kind: string) => spans.filter((span) => span.kind === kind).map(({ id }) => id);
  expect(idOf('agent')).toHaveLength(1);
  const completions = await stack.rows('completions', ofTrace);
  expect(completions.map(({ span_id }) => span_id).sort()).toEqual(idOf('llm').sort());
  expect(completions).toContainEqual(
    expect.objectContaining({
      content: ANSWERS.final.text,
      model: MODEL,
      provider: 'openai',
      cached_tokens: ANSWERS.final.cached,
      reasoning_tokens: ANSWERS.final.reasoning,
    }),
  );
  expect(await stack.rows('prompts', ofTrace)).toContainEqual(
    expect.objectContaining({ message_index: 0, role: 'system', content: SYSTEM }),
  );
  expect(await stack.rows('tools', ofTrace)).toMatchObject([
    {
      id: TOOL.id,
      name: TOOL.name,
      arguments: TOOL.arguments,
      output: TOOL.output,
      run_span_id: idOf('tool')[0],
    },
  ]);
});
