import { initializeOTEL } from 'langsmith/experimental/otel/setup';
import { traceable } from 'langsmith/traceable';
import { wrapOpenAI } from 'langsmith/wrappers';
import OpenAI from 'openai';
import { getWeather, SESSION, USER, weatherAgent } from './application.mjs';

const { DEFAULT_LANGSMITH_TRACER_PROVIDER: provider } = initializeOTEL();

const runTool = traceable(getWeather, { name: 'get_weather', run_type: 'tool' });
// A streamed call writes its facts onto the function around it, so it has a function of its own.
const step = (run) => traceable(run, { name: 'advise' })();
const agent = traceable(() => weatherAgent(wrapOpenAI(new OpenAI()), runTool, step), {
  name: 'weather',
  metadata: { session_id: SESSION, user_id: USER },
});
await agent();
await provider.shutdown();
