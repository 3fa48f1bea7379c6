// biome-ignore lint/correctness/noUndeclaredDependencies: the package beside this file is the clients'
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { CompletionRecord, PromptRecord, SpanRecord } from '../../wire/records.ts';
import { TestStack } from '../support/stack.ts';
import { CLIENTS, type Client } from './expectations.ts';
import {
  ANSWERS,
  type Answer,
  MODEL,
  NEXT_QUESTION,
  QUESTION,
  REFUSAL,
  REFUSED,
  SERVED_MODEL,
  SYSTEM,
  TOOL,
} from './facts.ts';
import { installClients } from './install.ts';
import { type MockProvider, startMockProvider } from './mock-provider.ts';
import { readManual, runProgram, sourceOf, testedVersions } from './programs.ts';
import { installPython } from './python-environment.ts';

const manual = await readManual();

/** What the program of a client in Python needs of the facts. */
const FACTS = {
  model: MODEL,
  tool: TOOL,
  system: SYSTEM,
  question: QUESTION,
  nextQuestion: NEXT_QUESTION,
  refused: REFUSED,
};

let stack: TestStack;
let provider: MockProvider;
let python: string;

beforeAll(async () => {
  await installClients();
  python = await installPython(new URL('python-newest/', import.meta.url));
  stack = await TestStack.start(null);
  provider = await startMockProvider();
}, 600_000);
afterAll(async () => {
  await provider?.close();
  await stack?.close();
});

it('names no version in docs/clients.md that is not tested', async () => {
  const { named, installed } = await testedVersions();
  expect(named).not.toHaveLength(0);
  expect(installed).toEqual(expect.arrayContaining(named));
});

describe.each(CLIENTS)('$name, by the lines of its documentation', (client) => {
  const session = `session of ${client.name}`;
  const user = `user of ${client.name}`;
  let printed: string;
  let trace: Record<string, unknown>;
  let spans: SpanRecord[];
  let completions: CompletionRecord[];
  let prompts: PromptRecord[];

  beforeAll(async () => {
    const isPython = client.program.endsWith('.py');
    const lines = manual.get(client.name)?.environment ?? '';
    const environment = {
      AGENSIGHT_ENDPOINT: stack.endpoint,
      AGENSIGHT_TOKEN: stack.token,
      OPENAI_BASE_URL: provider.url,
      OPENAI_API_KEY: 'sk-unused',
      TEST_SESSION: session,
      TEST_USER: user,
      TEST_FACTS: JSON.stringify(FACTS),
    };
    printed = await runProgram(client.program, lines, environment, isPython ? python : undefined);
    trace = (await stack.rows('traces', { session_id: session }))[0] ?? {};
    const ofTrace = { trace_id: String(trace.id) };
    spans = await stack.rows<SpanRecord>('spans', ofTrace);
    completions = await stack.rows<CompletionRecord>('completions', ofTrace);
    prompts = await stack.rows<PromptRecord>('prompts', ofTrace, ['span_id', 'message_index']);
  }, 180_000);

  it('needs nothing but what docs/clients.md says', async () => {
    const source = await sourceOf(client.program);
    const blocks = manual.get(client.name)?.code ?? [];
    expect(blocks).not.toHaveLength(0);
    for (const block of blocks) expect(source).toContain(block);
  });

  it('has no complaint about the endpoint', () => {
    expect(printed).not.toMatch(/\b404\b|not found|failed to fetch/i);
  });

  it('makes one trace, with its session and user', async () => {
    expect(await stack.rows('traces', { session_id: session })).toMatchObject([{ user_id: user }]);
    expect(await stack.rows('sessions', { id: session })).toMatchObject([{ user_id: user }]);
    expect(trace.span_count).toBe(spans.length);
  });

  it.each(Object.keys(ANSWERS) as (keyof typeof ANSWERS)[])(
    'stores model, tokens and finish reason of the answer "%s"',
    (name) => {
      const row = find(completions, ANSWERS[name]);
      expect(row).toMatchObject({ ...complete(ANSWERS[name], client), ...client.differs?.[name] });
      expect(spans.find(({ id }) => id === row?.span_id)).toMatchObject({ kind: 'llm' });
    },
  );

  it('adds up to the sum of the calls: nothing is counted twice', () => {
    const sum = (key: 'prompt_tokens' | 'completion_tokens' | 'total_tokens') =>
      completions.reduce((total, row) => total + (row[key] ?? 0), 0);
    expect(trace).toMatchObject({
      prompt_tokens: sum('prompt_tokens'),
      completion_tokens: sum('completion_tokens'),
      total_tokens: sum('total_tokens'),
    });
    const answered = completions.filter(({ finish_reason }) => finish_reason !== 'error');
    expect(answered.filter(({ content, parts }) => content ?? parts)).toHaveLength(3);
  });

  it('stores what was said', () => {
    const said = (answer: Answer) => {
      const span_id = find(completions, answer)?.span_id;
      return prompts.filter((prompt) => prompt.span_id === span_id);
    };
    const question = [
      { message_index: 0, role: 'system', content: SYSTEM },
      { message_index: 1, role: 'user', content: QUESTION },
    ];
    const call = { type: 'tool_call', id: TOOL.id, name: TOOL.name, arguments: TOOL.arguments };
    expect(said(ANSWERS.toolCall)).toMatchObject(question);
    expect(said(ANSWERS.toolCall)).toHaveLength(2);
    expect(said(ANSWERS.final)).toMatchObject([
      ...question,
      ...(client.toolRound ?? [
        { message_index: 2, role: 'assistant', parts: [call] },
        { role: 'tool', content: JSON.stringify(TOOL.output), tool_call_id: TOOL.id },
      ]),
    ]);
    expect(said(ANSWERS.streamed).at(-1)).toMatchObject({
      role: 'user',
      content: `${NEXT_QUESTION} ${ANSWERS.final.text}`,
    });
    expect(find(completions, ANSWERS.toolCall)).toMatchObject({ parts: [call] });
  });

  it("joins the tool's run to the call that asked for it", async () => {
    const tools = await stack.rows('tools', { trace_id: String(trace.id) });
    expect(tools).toMatchObject([
      {
        id: TOOL.id,
        span_id: find(completions, ANSWERS.toolCall)?.span_id,
        name: TOOL.name,
        arguments: TOOL.arguments,
        output: TOOL.output,
      },
    ]);
    expect(spans.filter(({ kind }) => kind === 'tool')).toMatchObject([
      { id: tools[0]?.run_span_id },
    ]);
  });

  it(`has ${client.refusal} to show for a call that the provider refused`, () => {
    const failed = spans.filter(({ status }) => status === 'error');
    const kinds = new Set(failed.map(({ kind }) => kind));
    expect(trace.error_count).toBe(failed.length);
    if (client.refusal === 'nothing') expect(failed).toHaveLength(0);
    else expect(kinds).toContain(client.refusal === 'a failed call' ? 'llm' : 'agent');
    for (const span of failed) expect(JSON.stringify(span.error)).toContain(REFUSAL);
  });
});

/** The row of an answer; clients differ in what they tell of it, but never in its content. */
function find(rows: CompletionRecord[], { text }: Answer): CompletionRecord | undefined {
  return rows.find(({ content, parts }) => (text === null ? parts : content === text));
}

function complete(answer: Answer, { never = [] }: Client): Partial<CompletionRecord> {
  const row = {
    role: 'assistant',
    content: answer.text,
    provider: 'openai',
    model: SERVED_MODEL,
    response_id: answer.id,
    finish_reason: answer.finishReason,
    prompt_tokens: answer.prompt,
    completion_tokens: answer.completion,
    total_tokens: answer.prompt + answer.completion,
    cached_tokens: answer.cached,
    reasoning_tokens: answer.reasoning,
  };
  return { ...row, ...Object.fromEntries(never.map((field) => [field, null])) };
}
