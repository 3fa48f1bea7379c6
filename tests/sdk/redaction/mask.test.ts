import { describe, expect, it } from 'vitest';
import { currentTrace, span, status, trace, tracer } from '../../../sdk/index.ts';
import { maskRecord } from '../../../sdk/redaction/mask.ts';
import { RECORD_KINDS } from '../../../wire/protocol.ts';
import { type FieldType, RECORDS } from '../../../wire/records.ts';
import { recorded } from '../support/edge.ts';
import { llm, plant, sent } from '../support/planter.ts';

describe('a secret', () => {
  it('is detected by its key, whatever its value', async () => {
    const given = {
      password: 'hunter2',
      user: { apiKey: 12345, name: 'kim' },
      headers: { Authorization: ['abc'], 'x-api-key': 'def' },
      tool: { parameters: { password: { type: 'string' } } },
      text: '{"client_secret": "ghi", "page": 1}',
      query: 'https://example.com/?api_key=jkl12345&page=2',
      max_tokens: 100,
      hasPassword: true,
      card_id: '4111111111111111',
    };
    const { spans } = await recorded(() => span('login', (value: unknown) => void value)(given));
    const secret = '[redacted: secret]';
    expect(spans[0]?.input).toEqual({
      password: secret,
      user: { apiKey: secret, name: 'kim' },
      headers: { Authorization: secret, 'x-api-key': secret },
      tool: { parameters: { password: { type: 'string' } } },
      text: `{"client_secret": "${secret}", "page": 1}`,
      query: `https://example.com/?api_key=${secret}&page=2`,
      max_tokens: 100,
      hasPassword: true,
      card_id: '4111111111111111',
    });
  });
});

describe('mask', () => {
  const CANARY = 'canary-8f3a';

  it('is called with every value of every record, and with no generated id', async () => {
    const seen = new Set<string>();
    const bytes = await sent(() => plant(CANARY), {
      mask: (value, { kind, field }) => {
        seen.add(`${kind}.${field}`);
        return JSON.parse(JSON.stringify(value).replaceAll(CANARY, 'bird'));
      },
    });
    // Ids of providers join rows, so they are kept; those of sessions may change.
    const rest = JSON.stringify(JSON.parse(bytes), (key, value) =>
      /^(id|tool_call_id|response_id)$/.test(key) && value === CANARY ? undefined : value,
    );
    expect(rest).not.toContain(CANARY);
    expect(rest).toContain('bird');
    const expected =
      'session.id session.name session.user_id session.metadata trace.name trace.user_id trace.input ' +
      'trace.output trace.error trace.tags trace.metadata trace.release trace.service_name span.name ' +
      'span.input span.output span.error span.attributes span.events prompt.role prompt.content ' +
      'prompt.parts completion.content completion.parts completion.model tool.name tool.arguments ' +
      'tool.output';
    expect([...seen]).toEqual(expect.arrayContaining(expected.split(' ')));
    expect([...seen].join(' ')).not.toMatch(/trace_id|span_id|parent_id|_at|tokens|status/);
  });

  it.each(RECORD_KINDS)('is called with each column of content of a %s, and no other', (kind) => {
    const { table, fields } = RECORDS[kind];
    const record = Object.fromEntries(Object.keys(fields).map((field) => [field, 'x']));
    const seen = new Set<string>();
    maskRecord(
      table,
      JSON.stringify(record),
      (value, context) => {
        seen.add(context.kind === kind ? context.field : 'session_id');
        return value;
      },
      () => undefined,
    );
    const isMasked = (field: string, type: FieldType): boolean =>
      ['text', 'label', 'json', 'tags'].includes(type) && field !== 'response_id';
    const expected = Object.entries(fields)
      .filter(([field, type]) => isMasked(field, type) || field === 'session_id')
      .map(([field]) => field);
    if (kind === 'session') expected.push('id');
    expect([...seen].sort()).toEqual(expected.sort());
  });

  it('may return any value, or null', async () => {
    const work = span('work', (value: unknown) => value);
    const answers = new Map<unknown, unknown>([
      [1, null],
      [2, undefined],
      [3, new Map([['a', 1n]])],
      [4, Promise.resolve('late')],
      ['work', 7],
    ]);
    const mask = (value: unknown): unknown => (answers.has(value) ? answers.get(value) : value);
    const { spans } = await recorded(() => [1, 2, 3, 4].map((value) => work(value)), {
      mask,
    });
    expect(spans.map(({ input }) => input)).toEqual([
      undefined,
      undefined,
      { a: '1' },
      '[Promise]',
    ]);
    expect(spans.map(({ name }) => name)).toEqual(['7', '7', '7', '7']);
  });

  it('hides a value when it throws, reports it, and counts it', async () => {
    const before = status().maskFailed;
    const warnings: string[] = [];
    const { spans, traces: roots } = await recorded(
      () => trace({ name: 'work', tags: ['a'], session: CANARY }, () => CANARY)(),
      {
        mask: () => {
          throw new Error('bug');
        },
        onWarning: ({ code }) => warnings.push(code),
      },
    );
    expect(JSON.stringify([spans, roots])).not.toContain(CANARY);
    expect(spans[0]).toMatchObject({
      name: '[masked: mask failed]',
      output: '[masked: mask failed]',
    });
    expect(roots[0]?.tags).toEqual(['[masked: mask failed]']);
    expect(status().maskFailed - before).toBeGreaterThanOrEqual(6);
    expect(warnings).toContain('mask');
  });

  it('keeps the digits of large numbers in unchanged values', async () => {
    const work = span({ name: 'llm', kind: 'llm' }, (_: unknown) => ({
      choices: [
        {
          message: {
            tool_calls: [
              { id: 'c', function: { name: 'f', arguments: '{"id":12345678901234567890}' } },
            ],
          },
        },
      ],
    }));
    const bytes = await sent(async () => void work([{ role: 'user', content: 'x' }]), {
      mask: (value) => value,
    });
    expect(bytes).toContain('12345678901234567890');
  });
});

describe('captureContent: false', () => {
  it('records no content, and keeps structure, tokens and types of errors', async () => {
    const content = 'canary-8f3a';
    const bytes = await sent(
      async () => {
        await llm(content, () => content);
        try {
          span('fails', (value: unknown) => {
            throw new TypeError(`cannot read ${value}`, { cause: new Error(content) });
          })(content);
        } catch {
          // Expected.
        }
        for (const _ of span('generator', function* () {
          yield content;
        })());
        trace('t', () => currentTrace()?.setInput(content).setOutput(content))();
      },
      { captureContent: false },
    );
    const { spans, completions, traces: roots } = JSON.parse(bytes);
    for (const one of [...spans, ...roots]) {
      expect(one).not.toHaveProperty('input');
      expect(one).not.toHaveProperty('output');
    }
    // Names of models and tools, ids and roles are structure.
    const left = JSON.stringify(JSON.parse(bytes), (key, value) =>
      /^(name|model|id|finish_reason|response_id|tool_call_id)$/.test(key) ? undefined : value,
    );
    expect(left).not.toContain(content);
    expect(completions[0]).toMatchObject({ total_tokens: 12 });
    const { error } = spans.find(({ name }: { name: string }) => name === 'fails');
    expect(error).toMatchObject({ type: 'TypeError', stack: expect.stringContaining('at ') });
    expect(error).not.toHaveProperty('message');
  });

  it('records no texts of a tracer span except names', async () => {
    const content = 'canary-8f3a';
    const bytes = await sent(
      async () => {
        const open = tracer.startSpan('chat', {
          attributes: {
            'gen_ai.operation.name': 'chat',
            'gen_ai.request.model': 'model-1',
            'gen_ai.usage.input_tokens': 7,
            'gen_ai.input.messages': `[{"role":"user","content":"${content}"}]`,
            'gen_ai.tool.definitions': content,
            'input.value': content,
            'llm.prompts.0.content': content,
          },
        });
        open.addEvent('said', { body: content });
        open.end();
      },
      { captureContent: false },
    );
    expect(bytes).not.toContain(content);
    expect(bytes).toContain('model-1');
    expect(JSON.parse(bytes).completions).toMatchObject([{ prompt_tokens: 7 }]);
  });
});
