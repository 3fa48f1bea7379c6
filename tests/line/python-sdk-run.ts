/** One run of an agent as the original Python SDK sends it, and the same run as one of our batches. */
import { randomUUID } from 'node:crypto';
import type { Batch } from '../../wire/records.ts';

/** One request of the original SDK. */
export interface PythonRequest {
  route: string;
  data: Record<string, unknown>;
}

/** The ids of one run. */
export interface RunIds {
  session: string;
  trace: string;
  root: string;
  call: string;
  second: string;
}

export function mintIds(): RunIds {
  const [session, trace, root, call, second] = Array.from({ length: 5 }, () => randomUUID());
  return { session, trace, root, call, second } as RunIds;
}

const PROJECT = '00000000-0000-4000-8000-000000000000';
const START = 1_767_323_045.25;
const WEATHER = { name: 'weather', arguments: '{"city": "Oslo", "days": 2}' };
const CLOCK = { name: 'clock', arguments: '{}' };

/** Every route, in the order in which the client uses them. */
export function pythonRun(ids: RunIds): PythonRequest[] {
  const { session, trace, root, call, second } = ids;
  const shared = { project_id: PROJECT, mode: 'prod' };
  const sessionAt = (started_at: number) => ({
    route: 'session',
    data: {
      id: session,
      ...shared,
      started_at,
      session_name: 'support',
      user_id: 'ada',
      metadata: '{}',
    },
  });
  const times = (from: number, to: number) => ({
    started_at: START + from,
    ended_at: START + to,
    duration: to - from,
  });
  const span = { ...shared, trace_id: trace, kind: 'SpanKind.INTERNAL' };
  const summary = {
    prompts: [
      { role: 'system', content: 'Be brief.' },
      { role: 'user', content: 'Weather in Oslo?' },
    ],
    completions: [
      {
        role: 'assistant',
        content: 'I look.',
        finish_reason: 'tool_calls',
        completion_tokens: 5,
        prompt_tokens: 12,
        total_tokens: 17,
      },
    ],
  };
  return [
    sessionAt(START - 1),
    sessionAt(START),
    {
      route: 'trace',
      data: {
        id: trace,
        ...shared,
        name: 'agent',
        started_at: START,
        ended_at: START + 3,
        session_id: session,
        metadata: '{}',
      },
    },
    {
      route: 'span',
      data: {
        id: call,
        ...span,
        parent_id: root,
        name: 'openai.chat',
        ...times(0.5, 1.000001),
        status: 'StatusCode.OK',
        attributes: JSON.stringify({
          trace_id: trace,
          'trace.name': 'agent',
          'session.id': session,
          'gen_ai.system': 'OpenAI',
          'gen_ai.request.model': 'gpt-4o-mini',
          'gen_ai.prompt.0.role': 'system',
          'gen_ai.prompt.0.content': 'Be brief.',
          'gen_ai.prompt.1.role': 'user',
          'gen_ai.prompt.1.content': 'Weather in Oslo?',
          'gen_ai.completion.0.role': 'assistant',
          'gen_ai.completion.0.content': 'I look.',
          'gen_ai.completion.0.finish_reason': 'tool_calls',
          'gen_ai.completion.0.tool_calls.0.name': WEATHER.name,
          'gen_ai.completion.0.tool_calls.0.arguments': WEATHER.arguments,
          'gen_ai.completion.0.tool_calls.1.name': CLOCK.name,
          'gen_ai.completion.0.tool_calls.1.arguments': CLOCK.arguments,
          'gen_ai.completion.0.tool_calls.2.name': CLOCK.name,
          'gen_ai.completion.0.tool_calls.2.arguments': CLOCK.arguments,
          'llm.usage.total_tokens': 17,
          'gen_ai.usage.prompt_tokens': 12,
          'gen_ai.usage.completion_tokens': 5,
          'gen_ai.normalized_input_output': JSON.stringify(summary),
        }),
      },
    },
    ...summary.prompts.map((prompt, message_index) => ({
      route: 'prompt',
      data: { span_id: call, ...prompt, message_index },
    })),
    ...summary.completions.map((completion) => ({
      route: 'completion',
      data: { span_id: call, ...completion },
    })),
    ...[WEATHER, CLOCK, CLOCK].map((tool) => ({
      route: 'tool',
      data: { span_id: call, ...tool },
    })),
    {
      route: 'span',
      data: {
        id: second,
        ...span,
        parent_id: null,
        name: 'summarise',
        ...times(1.5, 2),
        status: 'StatusCode.ERROR',
        attributes: JSON.stringify({
          trace_id: trace,
          'gen_ai.normalized_input_output': JSON.stringify({
            prompts: [{ role: 'user', content: 'Sum up' }],
            completions: [
              {
                role: 'assistant',
                content: 'Rain.',
                finish_reason: null,
                prompt_tokens: 3,
                completion_tokens: 2,
                total_tokens: 0,
              },
            ],
          }),
        }),
      },
    },
    {
      route: 'prompt',
      data: { span_id: second, role: 'user', content: 'Sum up', message_index: 0 },
    },
    {
      route: 'completion',
      data: {
        span_id: second,
        role: 'assistant',
        content: 'Rain.',
        finish_reason: null,
        total_tokens: 0,
        prompt_tokens: 3,
        completion_tokens: 2,
      },
    },
    {
      route: 'span',
      data: {
        id: root,
        ...span,
        parent_id: null,
        name: 'agent',
        ...times(0.25, 4),
        status: 'StatusCode.UNSET',
        attributes: JSON.stringify({
          trace_id: trace,
          'session.id': session,
          'metrics.configs': '[]',
        }),
      },
    },
    { route: 'trace/update', data: { id: trace, total_tokens: 999 } },
    { route: 'trace/update', data: { id: trace, total_tokens: 1 } },
  ];
}

/** What our own SDK would have sent of it. */
export function nativeRun({ session, trace, root, call, second }: RunIds): Batch {
  const at = (offset: number) =>
    new Date(Math.floor((START + offset) * 1000)).toISOString().replace('Z', '000Z');
  const mode = 'prod' as const;
  const placed = { trace_id: trace, span_id: call };
  const asked = [
    { name: 'weather', arguments: { city: 'Oslo', days: 2 } },
    { name: 'clock', arguments: {} },
    { name: 'clock', arguments: {} },
  ];
  return {
    batch_id: randomUUID(),
    sessions: [
      {
        id: session,
        name: 'support',
        user_id: 'ada',
        mode,
        started_at: at(-1),
        ended_at: at(4),
      },
    ],
    traces: [
      { id: trace, session_id: session, name: 'agent', mode, started_at: at(0), ended_at: at(4) },
    ],
    spans: [
      {
        trace_id: trace,
        id: root,
        name: 'agent',
        kind: 'span',
        mode,
        status: 'unset',
        started_at: at(0.25),
        ended_at: at(4),
        attributes: { 'session.id': session, 'metrics.configs': '[]' },
      },
      {
        trace_id: trace,
        id: call,
        parent_id: root,
        name: 'openai.chat',
        kind: 'llm',
        mode,
        status: 'ok',
        started_at: at(0.5),
        ended_at: at(1).replace('000000Z', '000001Z').replace('250000Z', '250001Z'),
        attributes: {
          'trace.name': 'agent',
          'session.id': session,
          'gen_ai.system': 'OpenAI',
          'gen_ai.request.model': 'gpt-4o-mini',
          'llm.usage.total_tokens': 17,
          'gen_ai.usage.prompt_tokens': 12,
          'gen_ai.usage.completion_tokens': 5,
        },
      },
      {
        trace_id: trace,
        id: second,
        name: 'summarise',
        kind: 'llm',
        mode,
        status: 'error',
        started_at: at(1.5),
        ended_at: at(2),
      },
    ],
    prompts: [
      { ...placed, message_index: 0, role: 'system', content: 'Be brief.' },
      { ...placed, message_index: 1, role: 'user', content: 'Weather in Oslo?' },
      { trace_id: trace, span_id: second, message_index: 0, role: 'user', content: 'Sum up' },
    ],
    completions: [
      {
        ...placed,
        completion_index: 0,
        role: 'assistant',
        content: 'I look.',
        parts: [
          { type: 'text', text: 'I look.' },
          ...asked.map((tool) => ({ type: 'tool_call', id: null, ...tool })),
        ],
        finish_reason: 'tool_calls',
        model: 'gpt-4o-mini',
        provider: 'openai',
        prompt_tokens: 12,
        completion_tokens: 5,
        total_tokens: 17,
      },
      {
        trace_id: trace,
        span_id: second,
        completion_index: 0,
        role: 'assistant',
        content: 'Rain.',
        prompt_tokens: 3,
        completion_tokens: 2,
        total_tokens: 5,
      },
    ],
    tools: asked.map((tool, index) => ({ ...placed, id: `${call}:${index}`, ...tool })),
  };
}
