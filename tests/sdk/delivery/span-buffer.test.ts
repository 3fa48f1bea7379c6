import { expect, it } from 'vitest';
import { resolveOptions } from '../../../sdk/config/options.ts';
import { createBatchQueue } from '../../../sdk/delivery/batch-queue.ts';
import { createSpanBuffer } from '../../../sdk/delivery/span-buffer.ts';
import { createReport } from '../../../sdk/report/counts.ts';
import type { OwnRecords, RecordContext } from '../../../sdk/span/record-sink.ts';
import { RecordingSpan, type SpanOwner } from '../../../sdk/span/recording-span.ts';
import { TraceState } from '../../../sdk/span/trace-state.ts';

const { settings } = resolveOptions({ mode: 'prod', token: 't' }, {});
const context: RecordContext = { serviceName: 'app', release: null, userId: null, mode: 'prod' };
const report = createReport();
const warn = (): undefined => undefined;
const owner: SpanOwner = {
  settings,
  instance: { report },
  warn,
  run: (_, fn) => fn(),
  take: () => undefined,
};

/** A span with three records, of which the writer emits one before it throws. */
class BrokenSpan extends RecordingSpan {
  override get ownRecords(): OwnRecords {
    return {
      count: 3,
      write: (_, sink) => {
        sink('spans', '{"trace_id":"t","id":"s"}');
        throw new Error('cannot be written');
      },
    };
  }
}

it('counts the records of a span as dropped that could not be written', () => {
  const queue = createBatchQueue(settings, undefined, report);
  const buffer = createSpanBuffer(settings, context, queue, undefined, report, warn);
  const trace = new TraceState('0'.repeat(32), 0, undefined, false);
  const created = buffer.add(new BrokenSpan(owner, trace, null, null, false, 'broken', null, 0));
  expect([created, buffer.records]).toEqual([3, 3]);
  buffer.seal(false);
  expect(queue.records).toBe(1);
  expect(report.reasons.dropped.get('unreadable')).toBe(2);
  expect(created).toBe(buffer.records + queue.records + report.counts.dropped);
});
