/**
 * Published instrumentations that use our tracer. The records are those of the same spans received by
 * OTLP, which `tests/clients` checks in the tables.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { CompletionRecord } from '../../../wire/records.ts';
import { CLIENTS } from '../../clients/expectations.ts';
import {
  ANSWERS,
  type Answer,
  MODEL,
  QUESTION,
  SERVED_MODEL,
  SYSTEM,
} from '../../clients/facts.ts';
import { installClients } from '../../clients/install.ts';
import { type MockProvider, startMockProvider } from '../../clients/mock-provider.ts';
import { install } from '../../support/install.ts';
import { Programs, type Run } from '../support/programs.ts';
import { ProviderServer } from '../support/provider-server.ts';

const CLIENT_MODULES = new URL('../../clients/node_modules', import.meta.url).pathname;
const APPLICATION = new URL('../../clients/programs/application.mjs', import.meta.url).href;
const PACKAGES = [
  'openai',
  'ai',
  'zod',
  '@anthropic-ai/sdk',
  '@ai-sdk/openai',
  '@ai-sdk/otel',
  '@arizeai/openinference-instrumentation-openai',
  '@opentelemetry/api',
  '@traceloop/instrumentation-openai',
  '@traceloop/instrumentation-anthropic',
];

let programs: Programs;
let provider: MockProvider;
let anthropic: ProviderServer;

beforeAll(async () => {
  await installClients();
  programs = new Programs(PACKAGES, CLIENT_MODULES);
  provider = await startMockProvider();
  anthropic = await new ProviderServer().open();
}, 600_000);
afterAll(async () => {
  programs?.close();
  await provider?.close();
  await anthropic?.close();
});

const run = (name: string, text: string, environment = {}): Promise<Run> =>
  programs.run(programs.write(name, text), {
    OPENAI_BASE_URL: provider.url,
    OPENAI_API_KEY: 'k',
    ANTHROPIC_URL: anthropic.url,
    ...environment,
  });

const OPENAI_AGENT = `
  import OpenAI from 'openai';
  import { init, span, trace, tracerProvider } from 'agensight';
  import { getWeather, weatherAgent } from '${APPLICATION}';
  init({ autoInstrument: process.env.AUTO === 'true' });
  instrument(OpenAI);
  const tool = span({ name: 'get_weather', kind: 'tool' }, getWeather);
  await trace('weather', () => weatherAgent(new OpenAI(), tool))();
`;

const INSTRUMENTATIONS = [
  {
    name: 'OpenInference',
    program: `
      import { OpenAIInstrumentation } from '@arizeai/openinference-instrumentation-openai';
      const instrument = (module) =>
        new OpenAIInstrumentation({ tracerProvider }).manuallyInstrument(module);
      ${OPENAI_AGENT}`,
  },
  {
    name: 'OpenLLMetry',
    program: `
      import { OpenAIInstrumentation } from '@traceloop/instrumentation-openai';
      const instrument = (module) => {
        const instrumentation = new OpenAIInstrumentation({ enrichTokens: true });
        instrumentation.setTracerProvider(tracerProvider);
        instrumentation.manuallyInstrument(module);
      };
      ${OPENAI_AGENT}`,
  },
];

/** The records of a reply that the instrumentation sends by OTLP. */
function expected(name: string, key: keyof typeof ANSWERS): object {
  const answer: Answer = ANSWERS[key];
  const client = CLIENTS.find((one) => one.name === name);
  const row: Partial<CompletionRecord> = {
    role: 'assistant',
    provider: 'openai',
    model: SERVED_MODEL,
    response_id: answer.id,
    finish_reason: answer.finishReason,
    prompt_tokens: answer.prompt,
    completion_tokens: answer.completion,
    cached_tokens: answer.cached,
    reasoning_tokens: answer.reasoning,
    ...Object.fromEntries((client?.never ?? []).map((field) => [field, null])),
    ...client?.differs?.[key],
  };
  return Object.fromEntries(Object.entries(row).filter(([, value]) => value !== null));
}

const find = ({ records }: Run, { text }: Answer): CompletionRecord | undefined =>
  records.completions.find((row) => (text === null ? !!row.parts : row.content === text));

describe.each(INSTRUMENTATIONS)('$name on our tracer', ({ name, program }) => {
  let result: Run;

  beforeAll(async () => {
    result = await run(`${name}.mjs`, program, { AUTO: 'false' });
  });

  it.each(Object.keys(ANSWERS) as (keyof typeof ANSWERS)[])(
    'reads the answer "%s" as the OTLP route does',
    (key) => {
      expect(find(result, ANSWERS[key])).toMatchObject(expected(name, key));
    },
  );

  it('nests its spans under ours, in one trace with one row', () => {
    const { spans, traces } = result.records;
    const root = spans.find((span) => span.name === 'weather');
    const calls = spans.filter(({ kind }) => kind === 'llm');
    expect(calls.length).toBeGreaterThanOrEqual(3);
    expect(calls.every(({ parent_id }) => parent_id === root?.id)).toBe(true);
    expect(traces).toMatchObject([{ name: 'weather' }]);
  });

  it('records the request and the tool call', () => {
    const { prompts, tools } = result.records;
    const span_id = find(result, ANSWERS.toolCall)?.span_id;
    expect(prompts.filter((prompt) => prompt.span_id === span_id)).toMatchObject([
      { role: 'system', content: SYSTEM },
      { role: 'user', content: QUESTION },
    ]);
    expect(
      tools.some(({ id, name: tool }) => id === 'call_weather_1' && tool === 'get_weather'),
    ).toBe(true);
  });

  it('leaves the call to the instrumented client below it, and records it once', async () => {
    const { records } = await run(`${name}-auto.mjs`, program, { AUTO: 'true' });
    const total = Object.values(ANSWERS).reduce((sum, { prompt }) => sum + prompt, 0);
    expect(records.completions).toHaveLength(3);
    expect(records.completions.reduce((sum, row) => sum + (row.prompt_tokens ?? 0), 0)).toBe(total);
    const ours = records.spans.filter(
      (span) => span.name === `chat ${MODEL}` && span.kind === 'llm',
    );
    const around = ours.map(({ parent_id }) => records.spans.find(({ id }) => id === parent_id));
    expect(around.slice(0, 3).map((span) => span?.kind)).toEqual(['span', 'span', 'span']);
    expect(around.every((span) => span?.name !== 'weather')).toBe(true);
  });
});

const TOOL_CALLS = { finish_reason: 'tool_calls' };

describe('the Vercel AI SDK on our tracer', () => {
  it('records calls, tools and usage once', async () => {
    const { records } = await run(
      'vercel.mjs',
      `
      import { createOpenAI } from '@ai-sdk/openai';
      import { OpenTelemetry } from '@ai-sdk/otel';
      import { generateText, isStepCount, streamText, tool } from 'ai';
      import { z } from 'zod';
      import { init, trace, tracer } from 'agensight';
      import { getWeather } from '${APPLICATION}';
      init();
      const model = createOpenAI().chat('${MODEL}');
      const telemetry = { integrations: [new OpenTelemetry({ usage: true, tracer })] };
      await trace('weather', async () => {
        const { text } = await generateText({
          model,
          telemetry,
          instructions: '${SYSTEM}',
          prompt: '${QUESTION}',
          tools: {
            get_weather: tool({ inputSchema: z.object({ city: z.string() }), execute: getWeather }),
          },
          stopWhen: isStepCount(3),
        });
        await streamText({ model, telemetry, prompt: text }).text;
      })();`,
    );
    for (const key of ['toolCall', 'final', 'streamed'] as const) {
      expect(find({ records, output: '', warnings: '' }, ANSWERS[key])).toMatchObject(
        // The transport records the reason as the provider gave it.
        { ...expected('Vercel AI SDK', key), ...(key === 'toolCall' ? TOOL_CALLS : {}) },
      );
    }
    const total = Object.values(ANSWERS).reduce((sum, { prompt }) => sum + prompt, 0);
    expect(records.completions.reduce((sum, row) => sum + (row.prompt_tokens ?? 0), 0)).toBe(total);
    expect(records.traces).toMatchObject([{ name: 'weather' }]);
    expect(records.spans.map(({ kind }) => kind)).toContain('tool');
  });
});

describe('the Vercel AI SDK 6 on our tracer', () => {
  it('records a call with its tokens once', { timeout: 600_000 }, async () => {
    const previous = new URL('../../hosts/packages/previous/', import.meta.url);
    await install(previous);
    const folder = new URL('node_modules', previous).pathname;
    const six = new Programs(['ai', '@ai-sdk/openai'], folder);
    const file = six.write(
      'vercel-6.mjs',
      `
      import { createOpenAI } from '@ai-sdk/openai';
      import { generateText } from 'ai';
      import { init, trace, tracer } from 'agensight';
      init();
      const model = createOpenAI({ baseURL: '${provider.url}', apiKey: 'k' }).chat('${MODEL}');
      await trace('weather', async () => {
        const { text } = await generateText({
          model, prompt: '${QUESTION}', experimental_telemetry: { isEnabled: true, tracer },
        });
        return text;
      })();`,
    );
    const { records } = await six.run(file);
    six.close();
    expect(records.completions).toMatchObject([
      { content: ANSWERS.final.text, prompt_tokens: 1377, completion_tokens: 43 },
    ]);
    expect(records.traces).toMatchObject([{ name: 'weather' }]);
  });
});

it("OpenLLMetry's instrumentation of Anthropic records a call", async () => {
  const { records } = await run(
    'anthropic.mjs',
    `
    import * as module from '@anthropic-ai/sdk';
    import { AnthropicInstrumentation } from '@traceloop/instrumentation-anthropic';
    import { init, tracerProvider } from 'agensight';
    init({ autoInstrument: false });
    // This version uses a class that the package has removed.
    module.Anthropic.Completions ??= class { create() {} };
    const instrumentation = new AnthropicInstrumentation();
    instrumentation.setTracerProvider(tracerProvider);
    instrumentation.manuallyInstrument(module);
    await new module.Anthropic({ apiKey: 'k', baseURL: process.env.ANTHROPIC_URL }).messages.create({
      model: 'claude-asked',
      max_tokens: 9,
      messages: [{ role: 'user', content: 'How warm is it?' }],
    });`,
  );
  expect(records.prompts).toMatchObject([{ role: 'user', content: 'How warm is it?' }]);
  expect(records.completions).toMatchObject([
    {
      content: 'It is 27 °C.',
      model: 'claude-served',
      provider: 'anthropic',
      completion_tokens: 5,
    },
  ]);
  expect(records.traces).toHaveLength(1);
});
