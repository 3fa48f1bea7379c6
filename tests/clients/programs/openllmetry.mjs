import * as traceloop from '@traceloop/node-server-sdk';
import OpenAI from 'openai';
import { getWeather, SESSION, USER, weatherAgent } from './application.mjs';

traceloop.initialize({ appName: 'weather', instrumentModules: { openAI: OpenAI } });

const runTool = (input) => traceloop.withTool({ name: 'get_weather' }, getWeather, input);
await traceloop.withAssociationProperties({ session_id: SESSION, user_id: USER }, () =>
  traceloop.withWorkflow({ name: 'weather' }, () => weatherAgent(new OpenAI(), runTool)),
);
await traceloop.forceFlush();
