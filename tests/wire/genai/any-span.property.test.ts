import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MESSAGE_EVENTS } from '../../../wire/genai/forms/event-messages.ts';
import type { OtelSpan } from '../../../wire/genai/forms/otel-span.ts';
import { toRecords } from '../../../wire/genai/index.ts';
import { readSpan } from '../../../wire/genai/reader/read-span.ts';
import type { JsonValue } from '../../../wire/records.ts';
import { missingIn } from '../support/leaves.ts';
import { eventWith, json, spanWith } from '../support/span.ts';

const KEYS = [
  'gen_ai.operation.name',
  'gen_ai.input.messages',
  'gen_ai.output.messages',
  'gen_ai.system_instructions',
  'gen_ai.prompt',
  'gen_ai.completion',
  'gen_ai.prompt.0.role',
  'gen_ai.prompt.1.content',
  'gen_ai.completion.0.tool_calls.0.arguments',
  'openinference.span.kind',
  'input.value',
  'output.value',
  'llm.input_messages.0.message.contents.0.message_content.text',
  'llm.output_messages.0.message.tool_calls.0.tool_call.id',
  'langfuse.observation.type',
  'langfuse.observation.input',
  'langfuse.observation.output',
  'langfuse.observation.usage_details',
  'langsmith.span.kind',
  'mastra.span.type',
  'mastra.model_step.input',
  'mastra.model_step.output',
  'ai.operationId',
  'ai.prompt.messages',
  'ai.response.toolCalls',
  'traceloop.span.kind',
  'traceloop.entity.input',
  'lmnr.span.type',
  'lmnr.span.input',
  'gen_ai.usage.input_tokens',
  'gcp.vertex.agent.llm_request',
  'gcp.vertex.agent.llm_response',
  'gcp.vertex.agent.tool_call_args',
  'logfire.json_schema',
  'request_data',
  'response_data',
  'all_messages_events',
  'events',
  'ai.response.providerMetadata',
  'ai.usage.promptTokens',
  'gen_ai.tool.name',
  'gen_ai.tool.call.arguments',
  'gen_ai.event.content',
  'gen_ai.completion.0.function_call.name',
  'metadata',
  'tag.tags',
  'session.id',
];
const WORDS = [
  'chat',
  'execute_tool',
  'embeddings',
  'LLM',
  'TOOL',
  'EMBEDDING',
  'generation',
  'tool',
  'llm',
  'model_step',
  'model_inference',
  'model_generation',
  'ai.generateText.doGenerate',
  'ai.toolCall',
];

const messageLike = fc.letrec((tie) => ({
  value: fc.oneof(
    { maxDepth: 4 },
    fc.constantFrom<unknown>(
      null,
      1,
      '',
      'text',
      '{"a":1}',
      '[',
      'tool_call',
      'tool_result',
      'text',
      'assistant',
      'tool',
    ),
    fc.array(tie('value'), { maxLength: 4 }),
    tie('object'),
  ),
  object: fc.dictionary(
    fc.constantFrom(
      'role',
      'content',
      'parts',
      'type',
      'text',
      'id',
      'name',
      'arguments',
      'tool_calls',
      'function',
      'messages',
      'choices',
      'message',
      'output',
      'generations',
      'kwargs',
      'lc',
      'index',
      'candidates',
      'usage',
      'image_url',
      'source',
      'functionCall',
      'functionResponse',
      'inlineData',
      'input',
      'response',
      'call_id',
      'toolCallId',
      'toolName',
      'usage_metadata',
      '__proto__',
      'constructor',
    ),
    tie('value'),
    { maxKeys: 6 },
  ),
})).value;

const attributes = fc.dictionary(
  fc.oneof(fc.constantFrom(...KEYS), fc.string()),
  fc.oneof(
    fc.constantFrom(...WORDS),
    fc.jsonValue(),
    messageLike.map((value) => JSON.stringify(value)),
    messageLike,
  ),
  { maxKeys: 12 },
);

describe('any span', () => {
  it('is stored: each leaf stands in a column or stays in the attributes', () => {
    fc.assert(
      fc.property(attributes, (each) => {
        const span = spanWith(each as OtelSpan['attributes'], { parent_span_id: '1'.repeat(16) });
        const rows = toRecords([span]) as unknown as JsonValue;
        expect(missingIn(rows, each as JsonValue)).toEqual([]);
      }),
      { numRuns: 3_000 },
    );
  });

  it('is read without an exception', () => {
    const event = fc.tuple(fc.constantFrom(...MESSAGE_EVENTS), attributes);
    fc.assert(
      fc.property(attributes, fc.array(event, { maxLength: 3 }), (each, events) => {
        const span = spanWith(each as OtelSpan['attributes'], {
          events: events.map(([name, more]) => eventWith(name, more as OtelSpan['attributes'])),
        });
        expect(() => readSpan(span)).not.toThrow();
      }),
      { numRuns: 3_000 },
    );
  });

  it('never throws, keeps its row, and makes rows in proportion to its size', () => {
    fc.assert(
      fc.property(
        fc.array(attributes, { minLength: 1, maxLength: 4 }),
        fc.constantFrom(null, '1111111111111111'),
        (list, parent) => {
          const spans = list.map((each, i) =>
            spanWith(each as OtelSpan['attributes'], {
              span_id: String(i + 1).repeat(16),
              parent_span_id: parent,
            }),
          );
          const before = json(spans);
          const records = toRecords(spans);
          expect(json(spans)).toBe(before);
          expect(records.spans).toHaveLength(spans.length);
          expect(records.traces).toHaveLength(1);
          const rows = records.prompts.length + records.completions.length + records.tools.length;
          expect(rows).toBeLessThanOrEqual(before.length);
          expect(json(records).length).toBeLessThan(20 * before.length + 5_000 * spans.length);
        },
      ),
      { numRuns: 1_500 },
    );
  });
});
