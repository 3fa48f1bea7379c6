/** Calls of a model as several spans report them, and what is to be made of them. */
import type { RawLists } from '../support/database.ts';

/** A reported call: its span and its answer. Times are seconds of one minute. */
export interface ReportedCall {
  id: string;
  parent?: string;
  from?: number;
  until?: number;
  model?: string | null;
  response_id?: string;
  prompt?: number;
  completion?: number;
  kind?: string;
  content?: string;
}

const at = (second: number) => new Date(Date.UTC(2026, 9, 1, 0, 0, 0, second * 1000)).toISOString();

/** One batch for each record: spans and answers on their own. */
export function alone(calls: readonly ReportedCall[]): RawLists[] {
  return calls.flatMap(
    ({
      id,
      parent,
      from = 0,
      until = 9,
      model = 'gpt-4o',
      response_id,
      prompt,
      completion,
      kind = 'llm',
      content,
    }) => [
      {
        spans: [
          {
            trace_id: 't',
            id,
            parent_id: parent,
            kind,
            started_at: at(from),
            ended_at: at(until),
          },
        ],
      },
      {
        // Steps report no call.
        completions:
          ['llm', 'agent'].includes(kind) && (kind === 'llm' || prompt !== undefined)
            ? [
                {
                  trace_id: 't',
                  span_id: id,
                  completion_index: 0,
                  content,
                  model,
                  provider: 'openai',
                  response_id,
                  prompt_tokens: prompt,
                  completion_tokens: completion,
                  total_tokens:
                    prompt === undefined || completion === undefined
                      ? undefined
                      : prompt + completion,
                },
              ]
            : [],
      },
    ],
  );
}

export const same = { prompt: 100, completion: 20 };
const ofTwo = { prompt: 150, completion: 30 };
const other = { prompt: 50, completion: 10 };

/** Reported calls, which span repeats which, and the totals of the trace: calls and tokens. */
export const REPORTED_CALLS: [
  string,
  readonly ReportedCall[],
  Record<string, string>,
  [number, number],
][] = [
  [
    'an inner span with the same response',
    [
      { id: 'outer', response_id: 'r', ...same },
      { id: 'inner', parent: 'outer', response_id: 'r', prompt: 99, completion: 1 },
    ],
    { inner: 'outer' },
    [1, 120],
  ],
  [
    'an inner span with the same usage and model, within the outer',
    [
      { id: 'outer', model: 'gpt-4o', ...same },
      { id: 'inner', parent: 'outer', from: 1, until: 8, model: 'gpt-4o-2024-08-06', ...same },
    ],
    { inner: 'outer' },
    [1, 120],
  ],
  [
    'an outer span without usage, of an inner one with the same response',
    [
      { id: 'outer', response_id: 'r' },
      { id: 'inner', parent: 'outer', response_id: 'r', ...same },
    ],
    { outer: 'inner' },
    [1, 120],
  ],
  [
    'three spans of one call',
    [
      { id: 'a', ...same },
      { id: 'b', parent: 'a', ...same },
      { id: 'c', parent: 'b', ...same },
    ],
    { b: 'a', c: 'a' },
    [1, 120],
  ],
  [
    'functions onto which the usage of their calls was copied',
    [
      { id: 'root', model: null, ...ofTwo },
      { id: 'step', parent: 'root', model: null, from: 1, until: 4, ...same },
      { id: 'one', parent: 'step', from: 2, until: 3, ...same },
      { id: 'two', parent: 'root', from: 5, until: 6, ...other },
    ],
    { root: 'one', step: 'one' },
    [2, 180],
  ],
  [
    'an agent that names a model and adds up two calls',
    [
      { id: 'agent', ...ofTwo },
      { id: 'one', parent: 'agent', from: 1, until: 2, response_id: 'r1', ...same },
      { id: 'two', parent: 'agent', from: 3, until: 4, response_id: 'r2', ...other },
    ],
    { agent: 'one' },
    [2, 180],
  ],
  [
    'none of two different responses',
    [
      { id: 'outer', response_id: 'r1', ...same },
      { id: 'inner', parent: 'outer', response_id: 'r2', ...same },
    ],
    {},
    [2, 240],
  ],
  [
    'no guardrail with a usage of its own',
    [
      { id: 'outer', ...same },
      { id: 'guard', parent: 'outer', from: 1, until: 2, ...other },
    ],
    {},
    [2, 180],
  ],
  [
    'no call of another model',
    [
      { id: 'outer', ...same },
      { id: 'inner', parent: 'outer', model: 'gpt-4o-mini', ...same },
    ],
    {},
    [2, 240],
  ],
  [
    'an inner span that outlasted the outer, as that of a stream does',
    [
      { id: 'outer', from: 0, until: 5, ...same },
      { id: 'stream', parent: 'outer', from: 4, until: 6, ...same },
    ],
    { stream: 'outer' },
    [1, 120],
  ],
  [
    'no call that began after the one above it',
    [
      { id: 'outer', from: 0, until: 5, ...same },
      { id: 'later', parent: 'outer', from: 6, until: 7, ...same },
    ],
    {},
    [2, 240],
  ],
  [
    'only the first of two that look alike',
    [
      { id: 'outer', ...same },
      { id: 'one', parent: 'outer', from: 1, until: 2, ...same },
      { id: 'two', parent: 'outer', from: 3, until: 4, ...same },
    ],
    { one: 'outer' },
    [2, 240],
  ],
  [
    'an inner span without usage and without a response',
    [
      { id: 'outer', ...same },
      { id: 'inner', parent: 'outer' },
    ],
    { inner: 'outer' },
    [1, 120],
  ],
  [
    'no inner span with another answer',
    [
      { id: 'outer', content: 'Paris', ...same },
      { id: 'inner', parent: 'outer', content: 'Rome' },
    ],
    {},
    [2, 120],
  ],
  [
    'a function around a call, whatever it answers',
    [
      { id: 'outer', model: null, content: 'The answer is: Paris' },
      { id: 'inner', parent: 'outer', content: 'Paris', ...same },
    ],
    { outer: 'inner' },
    [1, 120],
  ],
  [
    'a function with an answer around several calls',
    [
      { id: 'outer', model: null, content: 'Paris' },
      { id: 'one', parent: 'outer', from: 1, until: 2, ...same },
      { id: 'two', parent: 'outer', from: 3, until: 4, ...other },
    ],
    { outer: 'one' },
    [2, 180],
  ],
  [
    'an agent that reports the usage of its only call',
    [
      { id: 'outer', kind: 'agent', ...same },
      { id: 'inner', parent: 'outer', ...same },
    ],
    { inner: 'outer' },
    [1, 120],
  ],
  [
    'a call below steps of a call',
    [
      { id: 'outer', ...same },
      { id: 'step', parent: 'outer', kind: 'chain' },
      { id: 'deeper', parent: 'step', kind: 'span' },
      { id: 'inner', parent: 'deeper', ...same },
    ],
    { inner: 'outer' },
    [1, 120],
  ],
  [
    'no call of a tool that a call used',
    [
      { id: 'outer', ...same },
      { id: 'tool', parent: 'outer', kind: 'tool' },
      { id: 'inner', parent: 'tool', ...same },
    ],
    {},
    [2, 240],
  ],
  [
    'spans side by side with the same response',
    [
      { id: 'agent', kind: 'agent' },
      { id: 'one', parent: 'agent', from: 1, until: 2, response_id: 'r', ...same },
      { id: 'two', parent: 'agent', from: 1, until: 2, response_id: 'r', ...same },
    ],
    { two: 'one' },
    [1, 120],
  ],
  [
    'spans with the same response at any distance, as beyond a gateway',
    [
      { id: 'client', response_id: 'r', ...same },
      { id: 'tool', parent: 'client', kind: 'tool' },
      { id: 'server', parent: 'tool', kind: 'span' },
      { id: 'gateway', parent: 'server', from: 1, until: 8, response_id: 'r', ...same },
    ],
    { gateway: 'client' },
    [1, 120],
  ],
  [
    'nothing by an id that a framework made up',
    [
      { id: 'one', from: 1, until: 2, response_id: 'run-1', ...same },
      { id: 'two', from: 3, until: 4, response_id: 'run-1', ...same },
    ],
    {},
    [2, 240],
  ],
  [
    'spans that are their own ancestors, by their response',
    [
      { id: 'a', parent: 'b', response_id: 'r', ...same },
      { id: 'b', parent: 'a', response_id: 'r', ...same },
    ],
    { b: 'a' },
    [1, 120],
  ],
];
