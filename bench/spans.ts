import { randomBytes, randomUUID } from 'node:crypto';
import type { Batch, RecordLists, SessionRecord } from '../wire/records.ts';
import { emptyLists, RECORDS } from '../wire/records.ts';

/**
 * Typical traffic: a trace has six spans, three of them LLM calls with four messages of 400 characters,
 * an answer of 600 and one tool call; five traces share a session. 4.2 rows and 2.6 kB of JSON per span.
 */
const SPANS_PER_TRACE = 6;
const TRACES_PER_SESSION = 5;
const WORDS =
  'agent tool call model prompt answer question search result weather paris invoice refund order query summary function return value context'.split(
    ' ',
  );

/** Creates batches of a given number of spans, each with new ids. */
export class SpanSource {
  readonly #hasOrderedSessions: boolean;
  #millis: number;
  #span = 0;
  #trace = '';
  #session = '';
  #root = '';

  /** @param hasOrderedSessions whether session ids begin with the time; else they are random UUIDs */
  constructor(startMillis: number = Date.now(), hasOrderedSessions = false) {
    this.#millis = startMillis;
    this.#hasOrderedSessions = hasOrderedSessions;
  }

  batch(spans: number): Batch {
    const lists = emptyLists();
    const sessions = new Map<string, SessionRecord>();
    const traces = new Set<string>();
    for (let n = 0; n < spans; n++) {
      this.#addSpan(lists);
      const session = sessions.get(this.#session);
      if (session) {
        session.ended_at = this.#at(4000);
      } else {
        const record: SessionRecord = {
          id: this.#session,
          name: 'chat',
          user_id: `user-${this.#span % 1000}`,
          mode: 'prod',
          started_at: this.#at(0),
          ended_at: this.#at(4000),
          metadata: { app: 'demo', version: '1.2.3' },
        };
        sessions.set(this.#session, record);
        lists.sessions.push(record);
      }
      if (!traces.has(this.#trace)) {
        traces.add(this.#trace);
        lists.traces.push({
          id: this.#trace,
          session_id: this.#session,
          name: 'answer question',
          mode: 'prod',
          status: 'ok',
          started_at: this.#at(0),
          ended_at: this.#at(4000),
          metadata: { env: 'prod', release: 'r12' },
        });
      }
    }
    return { batch_id: randomUUID(), ...lists };
  }

  #addSpan(lists: RecordLists): void {
    const place = this.#span % SPANS_PER_TRACE;
    const id = randomBytes(8).toString('hex');
    if (place === 0) this.#beginTrace(id);
    this.#span += 1;
    const llm = place % 2 === 1;
    lists.spans.push({
      trace_id: this.#trace,
      id,
      parent_id: place === 0 ? null : this.#root,
      name: llm ? 'chat.completions' : place === 0 ? 'agent.run' : `step ${place}`,
      kind: llm ? 'llm' : place === 0 ? 'agent' : 'chain',
      mode: 'prod',
      status: this.#span % 33 ? 'ok' : 'error',
      started_at: this.#at(place * 600),
      ended_at: this.#at(place * 600 + 550),
      attributes: {
        'gen_ai.system': 'openai',
        'gen_ai.operation.name': 'chat',
        'server.address': 'api.openai.com',
        'thread.id': this.#span,
        'code.function': 'answer',
        'code.filepath': '/srv/app/services/answering/question.ts',
        'user.id': `user-${this.#span % 1000}`,
        'deployment.environment': 'production',
        'service.name': 'agent-backend',
        note: text(180),
      },
    });
    if (!llm) return;
    const part = { trace_id: this.#trace, span_id: id };
    for (const [n, role] of ['system', 'user', 'assistant', 'user'].entries()) {
      lists.prompts.push({ ...part, message_index: n, role, content: text(400) });
    }
    lists.completions.push({
      ...part,
      completion_index: 0,
      role: 'assistant',
      content: text(600),
      finish_reason: 'stop',
      model: 'gpt-4o-mini',
      provider: 'openai',
      prompt_tokens: 812,
      completion_tokens: 154,
      total_tokens: 966,
    });
    lists.tools.push({
      ...part,
      id: `call_${id}`,
      name: 'search_web',
      arguments: { query: text(70), limit: 10 },
      output: text(300),
      status: 'ok',
    });
  }

  #beginTrace(root: string): void {
    this.#millis += 5;
    this.#root = root;
    this.#trace = this.#orderedId();
    if ((this.#span / SPANS_PER_TRACE) % TRACES_PER_SESSION !== 0) return;
    this.#session = this.#hasOrderedSessions ? this.#orderedId() : randomUUID();
  }

  #orderedId(): string {
    return Math.floor(this.#millis / 1000).toString(16) + randomBytes(12).toString('hex');
  }

  #at(offsetMillis: number): string {
    return new Date(this.#millis + offsetMillis).toISOString();
  }
}

/** Number of rows of a batch, in all six tables. */
export function rowsOf(batch: Batch): number {
  return Object.values(RECORDS).reduce((sum, { table }) => sum + (batch[table]?.length ?? 0), 0);
}

function text(length: number): string {
  let made = '';
  while (made.length < length) made += `${WORDS[Math.floor(Math.random() * WORDS.length)]} `;
  return made.slice(0, length);
}
