import { expect, it } from 'vitest';
import { type DecoratorMode, runFixture } from '../support/run-fixture.ts';
import { onEachStack } from '../support/stack.ts';

const AGENT = new URL('./agent.fixture.ts', import.meta.url);
const AN_ID = expect.stringMatching(/^[0-9a-f]{16}$/);

onEachStack('a decorated agent ends as rows', (stack) => {
  it.each<DecoratorMode>(['standard', 'legacy'])(
    'in all six tables, with %s decorators',
    async (decorators) => {
      const before = new Set((await stack().rows('traces')).map(({ id }) => id));
      const output = await runFixture(
        AGENT,
        { AGENSIGHT_ENDPOINT: stack().endpoint, AGENSIGHT_TOKEN: stack().token },
        decorators,
      );
      expect(output).toContain('It is clear.');
      expect(output).toContain('"rejected":0,"dropped":0,"pending":0');

      expect(await stack().rows('sessions')).toMatchObject([
        { id: 's-1', name: 'Trip', user_id: 'u-1', mode: 'prod' },
      ]);

      const [trace] = (await stack().rows('traces')).filter(({ id }) => !before.has(id));
      expect(trace).toMatchObject({
        id: expect.stringMatching(/^[0-9a-f]{32}$/),
        session_id: 's-1',
        user_id: 'u-1',
        name: 'answer',
        service_name: 'travel-desk',
        release: '1.2.3',
        mode: 'prod',
        status: 'ok',
        error: null,
        input: 'Weather in Paris?',
        output: 'It is clear.',
        tags: ['demo'],
        span_count: 4,
        error_count: 1,
        prompt_tokens: 100,
        completion_tokens: 20,
        total_tokens: 120,
      });
      const ofTrace = { trace_id: trace?.id as string };

      const spans = await stack().rows('spans', ofTrace, ['started_at']);
      expect(spans).toHaveLength(4);
      const byName = (name: string) => spans.find((span) => span.name === name);
      const root = byName('answer');
      expect(root).toMatchObject({ id: AN_ID, parent_id: null, attributes: { answered: true } });
      expect(byName('llm')).toMatchObject({
        parent_id: root?.id,
        kind: 'llm',
        mode: 'prod',
        status: 'ok',
        input: null,
        output: null,
      });
      expect(byName('getWeather')).toMatchObject({
        parent_id: root?.id,
        kind: 'tool',
        input: { city: 'Paris' },
        output: { sky: 'clear' },
      });
      expect(byName('fail')).toMatchObject({
        parent_id: root?.id,
        status: 'error',
        error: { type: 'RangeError', message: 'out of range', stack: expect.any(String) },
      });
      for (const span of spans) {
        expect(Date.parse(span.ended_at as string)).toBeGreaterThanOrEqual(
          Date.parse(span.started_at as string),
        );
      }

      expect(await stack().rows('prompts', ofTrace, ['message_index'])).toMatchObject([
        { span_id: byName('llm')?.id, message_index: 0, role: 'system', content: 'Be brief.' },
        {
          span_id: byName('llm')?.id,
          message_index: 1,
          role: 'user',
          content: 'Weather in Paris?',
        },
      ]);
      expect(await stack().rows('completions', ofTrace)).toMatchObject([
        {
          span_id: byName('llm')?.id,
          completion_index: 0,
          role: 'assistant',
          content: null,
          finish_reason: 'tool_calls',
          model: 'gpt-4o-mini-2024-07-18',
          response_id: 'chatcmpl-1',
          prompt_tokens: 100,
          completion_tokens: 20,
          total_tokens: 120,
          cached_tokens: 64,
          cache_write_tokens: null,
          reasoning_tokens: 8,
        },
      ]);
      expect(await stack().rows('tools', { ...ofTrace, id: 'call_1' })).toMatchObject([
        { span_id: byName('llm')?.id, name: 'get_weather', arguments: { city: 'Paris' } },
      ]);
    },
  );
});
