import { randomBytes } from 'node:crypto';
import { createOpenAI } from '@ai-sdk/openai';
import { Agent } from '@mastra/core/agent';
import { Mastra } from '@mastra/core/mastra';
import { createTool } from '@mastra/core/tools';
import { Observability } from '@mastra/observability';
import { OtelExporter } from '@mastra/otel-exporter';
import { z } from 'zod';
import { MODEL, NEXT_QUESTION, QUESTION, REFUSED, SYSTEM } from '../facts.ts';
import { getWeather, SESSION, USER } from './application.mjs';

const weather = new Agent({
  id: 'weather',
  name: 'weather',
  instructions: SYSTEM,
  model: createOpenAI().chat(MODEL),
  maxRetries: 0,
  tools: {
    get_weather: createTool({
      id: 'get_weather',
      description: 'The weather in a city',
      inputSchema: z.object({ city: z.string() }),
      execute: getWeather,
    }),
  },
});

const exporter = new OtelExporter({
  provider: {
    custom: {
      endpoint: `${process.env.AGENSIGHT_ENDPOINT}/v1/traces`,
      headers: { authorization: `Bearer ${process.env.AGENSIGHT_TOKEN}` },
    },
  },
});

const mastra = new Mastra({
  agents: { weather },
  observability: new Observability({
    configs: { agensight: { serviceName: 'weather', exporters: [exporter] } },
  }),
});

// Each run of an agent is a trace of its own, unless it is told the trace it belongs to.
const tracingOptions = {
  traceId: randomBytes(16).toString('hex'),
  metadata: { sessionId: SESSION, userId: USER },
};
const { text } = await weather.generate(QUESTION, { tracingOptions });
const advice = await weather.stream(`${NEXT_QUESTION} ${text}`, { tracingOptions });
await advice.text;
await weather.generate(REFUSED, { tracingOptions }).catch(() => {});
await mastra.observability.shutdown();
