import { createOpenAI } from '@ai-sdk/openai';
import { OpenTelemetry } from '@ai-sdk/otel';
import { trace } from '@opentelemetry/api';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-proto';
import { BatchSpanProcessor, NodeTracerProvider } from '@opentelemetry/sdk-trace-node';
import { generateText, isStepCount, registerTelemetry, streamText, tool } from 'ai';
import { z } from 'zod';
import { MODEL, NEXT_QUESTION, QUESTION, REFUSED, SYSTEM } from '../facts.ts';
import { getWeather, SESSION, USER } from './application.mjs';

const provider = new NodeTracerProvider({
  spanProcessors: [new BatchSpanProcessor(new OTLPTraceExporter())],
});
provider.register();
registerTelemetry(new OpenTelemetry({ usage: true, runtimeContext: true }));

const shared = {
  model: createOpenAI().chat(MODEL),
  maxRetries: 0,
  runtimeContext: { sessionId: SESSION, userId: USER },
  telemetry: {
    functionId: 'weather',
    includeRuntimeContext: { sessionId: true, userId: true },
  },
};

await trace.getTracer('weather').startActiveSpan('weather', async (root) => {
  const { text } = await generateText({
    ...shared,
    instructions: SYSTEM,
    prompt: QUESTION,
    tools: {
      get_weather: tool({ inputSchema: z.object({ city: z.string() }), execute: getWeather }),
    },
    stopWhen: isStepCount(3),
  });
  await streamText({ ...shared, prompt: `${NEXT_QUESTION} ${text}` }).text;
  await generateText({ ...shared, prompt: REFUSED }).catch(() => {});
  root.end();
});
await provider.shutdown();
