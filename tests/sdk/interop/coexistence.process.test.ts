/** In one program with Sentry, OpenTelemetry's SDK or OpenLLMetry's SDK, each records its own spans and all of them. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { installClients } from '../../clients/install.ts';
import { type MockProvider, startMockProvider } from '../../clients/mock-provider.ts';
import { Programs, type Run } from '../support/programs.ts';

const CLIENT_MODULES = new URL('../../clients/node_modules', import.meta.url).pathname;
const PACKAGES = [
  'openai',
  '@arizeai/openinference-instrumentation-openai',
  '@opentelemetry/api',
  '@opentelemetry/sdk-trace-node',
  '@opentelemetry/instrumentation',
  '@sentry/node',
  '@traceloop/node-server-sdk',
];

let programs: Programs;
let provider: MockProvider;

beforeAll(async () => {
  await installClients();
  programs = new Programs(PACKAGES, CLIENT_MODULES);
  provider = await startMockProvider();
}, 600_000);
afterAll(async () => {
  programs?.close();
  await provider?.close();
});

const run = (name: string, text: string): Promise<Run> =>
  programs.run(programs.write(name, text), {
    OPENAI_BASE_URL: provider.url,
    OPENAI_API_KEY: 'k',
    // It fetches prompts and sends telemetry to other endpoints than that of its spans.
    TRACELOOP_SYNC_ENABLED: 'false',
    TRACELOOP_TELEMETRY: 'false',
    TRACELOOP_BASE_URL: provider.url,
  });

const ASK = `
  const ask = () => new OpenAI().chat.completions.create({
    model: 'gpt-asked', messages: [{ role: 'user', content: 'How warm is it?' }] });`;

const namesOf = ({ records }: Run): unknown[] => records.spans.map(({ name }) => name);
const output = <T>({ output: text }: Run): T => JSON.parse(text) as T;

describe('with Sentry', () => {
  const program = (ours: string) => `
    import * as Sentry from '@sentry/node';
    import OpenAI from 'openai';
    import { init, span, trace, flush } from 'agensight';
    const names = [];
    Sentry.init({ dsn: 'http://key@127.0.0.1:9/1', tracesSampleRate: 1 });
    Sentry.getClient().on('spanEnd', (one) => names.push(Sentry.spanToJSON(one).name));
    ${ours}
    ${ASK}
    await Sentry.startSpan({ name: 'their request', forceTransaction: true }, async () => {
      await Sentry.startSpan({ name: 'their step' }, () => work());
    });
    console.log(JSON.stringify(names));`;

  it('each records all of its own spans and no others', async () => {
    const alone = await run('sentry-alone.mjs', program('const work = () => ask();'));
    const both = await run(
      'sentry-both.mjs',
      program("init(); const work = trace('our trace', () => span('our step', ask)());"),
    );
    expect(output<string[]>(both).sort()).toEqual(output<string[]>(alone).sort());
    expect(output<string[]>(both)).toEqual(expect.arrayContaining(['their request', 'their step']));
    expect(namesOf(both)).toEqual(['chat gpt-asked', 'our step', 'our trace']);
    expect(both.records.traces).toHaveLength(1);
  });
});

describe("with OpenTelemetry's own SDK", () => {
  const program = (processors: string, work: string) => `
    import { trace as otel } from '@opentelemetry/api';
    import { InMemorySpanExporter, NodeTracerProvider, SimpleSpanProcessor } from '@opentelemetry/sdk-trace-node';
    import { OpenAIInstrumentation } from '@arizeai/openinference-instrumentation-openai';
    import OpenAI from 'openai';
    import { AgensightSpanProcessor, init, span, trace } from 'agensight';
    const exporter = new InMemorySpanExporter();
    const provider = new NodeTracerProvider({
      spanProcessors: [new SimpleSpanProcessor(exporter), ${processors}],
    });
    provider.register();
    new OpenAIInstrumentation().manuallyInstrument(OpenAI);
    const tracer = otel.getTracer('their-app');
    const theirs = (name, fn) => tracer.startActiveSpan(name, (one) => fn().finally(() => one.end()));
    init({ autoInstrument: false });
    ${ASK}
    ${work}
    await provider.forceFlush();
    console.log(JSON.stringify(exporter.getFinishedSpans().map(({ name }) => name)));
    const registered = otel.getTracerProvider().getDelegate?.() ?? otel.getTracerProvider();
    if (registered !== provider) throw new Error('the global provider was replaced');`;

  it('both record, and neither sees the spans of the other', async () => {
    const result = await run(
      'otel-isolated.mjs',
      program(
        '',
        "await theirs('their step', trace('our trace', () => theirs('inner', span('our step', ask))));",
      ),
    );
    expect(output<string[]>(result)).toEqual(['OpenAI Chat Completions', 'inner', 'their step']);
    expect(namesOf(result)).toEqual(['our step', 'our trace']);
    expect(result.records.traces[0]).toMatchObject({ name: 'our trace' });
    expect(result.records.completions).toHaveLength(1);
  });

  it('records model calls of the other SDK by the span processor, inside our open trace', async () => {
    const result = await run(
      'otel-attached.mjs',
      program(
        'new AgensightSpanProcessor()',
        "await theirs('their step', trace('our trace', () => theirs('inner', ask))); await theirs('alone', ask);",
      ),
    );
    const all = [
      'OpenAI Chat Completions',
      'inner',
      'their step',
      'OpenAI Chat Completions',
      'alone',
    ];
    expect(output<string[]>(result)).toEqual(all);
    const { spans, completions } = result.records;
    const id = (name: string) => spans.find((one) => one.name === name)?.id;
    const [first, second] = spans.filter(({ name }) => name === 'OpenAI Chat Completions');
    expect(first).toMatchObject({ parent_id: id('inner'), kind: 'llm' });
    expect(spans.find(({ name }) => name === 'inner')?.parent_id).toBe(id('our trace'));
    expect(second?.parent_id).toBe(id('alone'));
    expect(completions.map(({ prompt_tokens }) => prompt_tokens)).toEqual([1377, 1377]);
  });

  it('records a call once that both SDKs instrument', async () => {
    const text = program(
      'new AgensightSpanProcessor()',
      "await trace('our trace', () => theirs('inner', ask))();",
    ).replace('autoInstrument: false', 'autoInstrument: true');
    const result = await run('otel-both.mjs', text);
    expect(output<string[]>(result)).toEqual(['OpenAI Chat Completions', 'inner']);
    expect(result.records.completions).toMatchObject([{ prompt_tokens: 1377 }]);
  });
});

it("with OpenLLMetry's SDK, by its option for a span processor", async () => {
  const { records } = await run(
    'traceloop.mjs',
    `
    import * as traceloop from '@traceloop/node-server-sdk';
    import { InMemorySpanExporter } from '@opentelemetry/sdk-trace-node';
    import OpenAI from 'openai';
    import { AgensightSpanProcessor, init } from 'agensight';
    init({ autoInstrument: false });
    traceloop.initialize({
      appName: 'weather',
      disableBatch: true,
      traceloopSyncEnabled: false,
      silenceInitializationMessage: true,
      exporter: new InMemorySpanExporter(),
      processor: new AgensightSpanProcessor(),
      instrumentModules: { openAI: OpenAI },
    });
    ${ASK}
    await traceloop.withWorkflow({ name: 'weather' }, ask);
    await traceloop.forceFlush();
    process.exitCode = 0;`,
  );
  expect(records.completions).toMatchObject([
    { content: 'It is 27 °C in Málaga.', prompt_tokens: 1377 },
  ]);
  const call = records.spans.find(({ kind }) => kind === 'llm');
  const workflow = records.spans.find(({ name }) => name === 'weather.workflow');
  expect(call?.parent_id).toBe(workflow?.id);
});
