import { setSession, setUser } from '@arizeai/openinference-core';
import { OpenAIInstrumentation } from '@arizeai/openinference-instrumentation-openai';
import { context, trace } from '@opentelemetry/api';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-proto';
import { BatchSpanProcessor, NodeTracerProvider } from '@opentelemetry/sdk-trace-node';
import OpenAI from 'openai';
import { getWeather, SESSION, USER, weatherAgent } from './application.mjs';

const provider = new NodeTracerProvider({
  spanProcessors: [new BatchSpanProcessor(new OTLPTraceExporter())],
});
provider.register();
new OpenAIInstrumentation().manuallyInstrument(OpenAI);

const tracer = trace.getTracer('weather');
const watch = (kind, name, run) =>
  tracer.startActiveSpan(name, { attributes: { 'openinference.span.kind': kind } }, (span) =>
    run(span).finally(() => span.end()),
  );
const runTool = (input) =>
  watch('TOOL', 'get_weather', async (span) => {
    const output = await getWeather(input);
    span.setAttribute('tool.name', 'get_weather');
    span.setAttribute('input.value', JSON.stringify(input));
    span.setAttribute('output.value', JSON.stringify(output));
    return output;
  });

const who = setUser(setSession(context.active(), { sessionId: SESSION }), { userId: USER });
await context.with(who, () => watch('AGENT', 'weather', () => weatherAgent(new OpenAI(), runTool)));
await provider.shutdown();
