import { observeOpenAI } from '@langfuse/openai';
import { LangfuseSpanProcessor } from '@langfuse/otel';
import { observe, propagateAttributes } from '@langfuse/tracing';
import { NodeTracerProvider } from '@opentelemetry/sdk-trace-node';
import OpenAI from 'openai';
import { getWeather, SESSION, USER, weatherAgent } from './application.mjs';

const provider = new NodeTracerProvider({ spanProcessors: [new LangfuseSpanProcessor()] });
provider.register();

const runTool = observe(getWeather, { name: 'get_weather', asType: 'tool' });
const agent = observe(() => weatherAgent(observeOpenAI(new OpenAI()), runTool), {
  name: 'weather',
  asType: 'agent',
});
await propagateAttributes({ sessionId: SESSION, userId: USER }, agent);
await provider.shutdown();
