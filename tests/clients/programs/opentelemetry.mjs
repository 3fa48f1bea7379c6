import { SpanStatusCode, trace } from '@opentelemetry/api';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-proto';
import { BatchSpanProcessor, NodeTracerProvider } from '@opentelemetry/sdk-trace-node';
import {
  ANSWERS,
  MODEL,
  NEXT_QUESTION,
  QUESTION,
  REFUSAL,
  SERVED_MODEL,
  SYSTEM,
  TOOL,
} from '../facts.ts';
import { getWeather, SESSION, USER } from './application.mjs';

const provider = new NodeTracerProvider({
  spanProcessors: [new BatchSpanProcessor(new OTLPTraceExporter())],
});
provider.register();
const tracer = trace.getTracer('weather');

/** What OpenTelemetry's GenAI conventions ask of a chat span. */
function chat(answer, input, output) {
  tracer
    .startSpan(`chat ${MODEL}`, {
      attributes: {
        'gen_ai.operation.name': 'chat',
        'gen_ai.provider.name': 'openai',
        'gen_ai.request.model': MODEL,
        'gen_ai.response.model': SERVED_MODEL,
        'gen_ai.response.id': answer.id,
        'gen_ai.conversation.id': SESSION,
        'user.id': USER,
        'gen_ai.usage.input_tokens': answer.prompt,
        'gen_ai.usage.output_tokens': answer.completion,
        'gen_ai.usage.cache_read.input_tokens': answer.cached,
        'gen_ai.usage.reasoning.output_tokens': answer.reasoning,
        'gen_ai.system_instructions': JSON.stringify([{ type: 'text', content: SYSTEM }]),
        'gen_ai.input.messages': JSON.stringify(input),
        'gen_ai.output.messages': JSON.stringify([
          { role: 'assistant', parts: output, finish_reason: answer.finishReason },
        ]),
      },
    })
    .end();
}

const question = { role: 'user', parts: [{ type: 'text', content: QUESTION }] };
const call = { type: 'tool_call', id: TOOL.id, name: TOOL.name, arguments: TOOL.arguments };

const invoked = { attributes: { 'gen_ai.operation.name': 'invoke_agent' } };
await tracer.startActiveSpan('invoke_agent weather', invoked, async (agent) => {
  chat(ANSWERS.toolCall, [question], [call]);
  const tool = tracer.startSpan(`execute_tool ${TOOL.name}`, {
    attributes: {
      'gen_ai.operation.name': 'execute_tool',
      'gen_ai.tool.name': TOOL.name,
      'gen_ai.tool.call.id': TOOL.id,
      'gen_ai.tool.call.arguments': JSON.stringify(TOOL.arguments),
    },
  });
  const response = await getWeather(TOOL.arguments);
  tool.setAttribute('gen_ai.tool.call.result', JSON.stringify(response)).end();
  chat(
    ANSWERS.final,
    [
      question,
      { role: 'assistant', parts: [call] },
      { role: 'tool', parts: [{ type: 'tool_call_response', id: TOOL.id, response }] },
    ],
    [{ type: 'text', content: ANSWERS.final.text }],
  );
  chat(
    ANSWERS.streamed,
    [
      {
        role: 'user',
        parts: [{ type: 'text', content: `${NEXT_QUESTION} ${ANSWERS.final.text}` }],
      },
    ],
    [{ type: 'text', content: ANSWERS.streamed.text }],
  );
  const refused = tracer.startSpan(`chat ${MODEL}`, {
    attributes: { 'gen_ai.operation.name': 'chat', 'gen_ai.request.model': MODEL },
  });
  refused.recordException(new Error(REFUSAL));
  refused.setStatus({ code: SpanStatusCode.ERROR, message: REFUSAL }).end();
  agent.end();
});
await provider.shutdown();
