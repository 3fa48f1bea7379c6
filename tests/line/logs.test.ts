import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { onEachStack } from '../support/stack.ts';

const FOLDER = new URL('../cases/captures/otel-openai-extras-proto/', import.meta.url);

onEachStack('messages that come as log records', (stack) => {
  /** Sends the spans and the log records of one capture, under other trace ids each time. */
  async function send(files: readonly string[], digits: string): Promise<void> {
    for (const file of files) {
      const [kind] = file.split('.');
      const path = kind === 'logs' ? '/v1/logs' : '/v1/traces';
      const text = readFileSync(new URL(file, FOLDER), 'utf8');
      const body = text.replaceAll(/("traceId": ?")[0-9a-f]{4}/gi, `$1${digits}`);
      expect(await stack().post(path, body)).toMatchObject({ status: 200, body: {} });
    }
  }

  async function rowsOf(digits: string): Promise<Record<string, unknown>[][]> {
    const lists = await Promise.all([
      stack().rows('prompts', {}, ['trace_id', 'span_id', 'message_index']),
      stack().rows('completions', {}, ['trace_id', 'span_id', 'completion_index']),
      stack().rows('tools', {}, ['trace_id', 'id']),
      stack().rows('spans', {}, ['trace_id', 'id']),
      stack().rows('traces', {}, ['id']),
    ]);
    return lists.map((rows) =>
      rows.flatMap(({ trace_id, id, received_at: _, ...row }) => {
        const trace = String(trace_id ?? id);
        return trace.startsWith(digits) ? [{ ...row, trace: trace.slice(4) }] : [];
      }),
    );
  }

  it('join their span, whichever comes first', async () => {
    await send(['decoded.json', 'logs.decoded.json'], 'aaaa');
    await send(['logs.decoded.json', 'decoded.json'], 'bbbb');
    await send(['logs.decoded.json', 'decoded.json', 'logs.decoded.json'], 'cccc');
    const [prompts, completions, ...more] = await rowsOf('aaaa');
    expect(prompts).toHaveLength(4);
    expect(completions?.filter(({ content }) => content !== null)).toHaveLength(3);
    expect(completions).toContainEqual(
      expect.objectContaining({
        content: 'The picture shows a red bridge over a river (answer 5).',
        finish_reason: 'stop',
        model: expect.any(String),
        total_tokens: expect.any(Number),
      }),
    );
    expect(await rowsOf('bbbb')).toEqual([prompts, completions, ...more]);
    expect(await rowsOf('cccc')).toEqual([prompts, completions, ...more]);
  });
});
