import { afterEach, describe, expect, it, vi } from 'vitest';
import { createLog } from '../../../lambda/runtime/log.ts';
import { createCounters, createMetrics } from '../../../lambda/runtime/metrics.ts';

/** The lines that a function writes to stdout and stderr, from which CloudWatch reads. */
function written(write: () => void): unknown[] {
  const lines: string[] = [];
  const take = (chunk: string | Uint8Array) => {
    lines.push(String(chunk));
    return true;
  };
  vi.spyOn(process.stdout, 'write').mockImplementation(take);
  vi.spyOn(process.stderr, 'write').mockImplementation(take);
  vi.spyOn(console, 'log').mockImplementation((line) => take(line));
  write();
  return lines
    .join('')
    .trim()
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line));
}

afterEach(() => vi.restoreAllMocks());

describe('createLog', () => {
  it('writes one line of JSON with the fields', () => {
    const lines = written(() => createLog('INFO').warn('Refused', { route: 'otlp', status: 400 }));
    expect(lines).toMatchObject([
      {
        level: 'WARN',
        message: 'Refused',
        route: 'otlp',
        status: 400,
        service: 'agensight-ingest',
      },
    ]);
  });

  it('omits messages below its level', () => {
    expect(written(() => createLog('ERROR').warn('Refused', {}))).toEqual([]);
  });
});

describe('createMetrics', () => {
  it('writes counts and latency by route in the embedded metric format', () => {
    const fields = { route: 'native', status: 200, records: 3, rejected: 1, latencyMillis: 12 };
    const metrics = createMetrics('Test');
    const lines = written(() => {
      metrics.record(fields);
      metrics.record({ ...fields, route: 'otlp', status: 503, records: 0, rejected: 0 });
    });
    expect(lines).toMatchObject([
      {
        route: 'native',
        service: 'agensight-ingest',
        Requests: 1,
        ClientErrors: 0,
        Unavailable: 0,
        Records: 3,
        Rejected: 1,
        Latency: 12,
        _aws: {
          CloudWatchMetrics: [{ Namespace: 'Test', Dimensions: [['service']] }],
        },
      },
      { route: 'otlp', Unavailable: 1, Records: 0 },
    ]);
  });

  it('counts records in the overflow separately from stored ones', () => {
    const lines = written(() =>
      createMetrics('Test').record({
        route: 'native',
        status: 202,
        records: 3,
        rejected: 0,
        latencyMillis: 1,
        isOverflow: true,
        isUnqueued: true,
      }),
    );
    expect(lines).toMatchObject([{ Requests: 1, Records: 0, Overflowed: 1, Unqueued: 1 }]);
  });
});

describe('createCounters', () => {
  it('writes the counts of a run, with durations in seconds', () => {
    const lines = written(() =>
      createCounters('drain', 'Test').publish({
        Stored: 2,
        Records: 0,
        Repeated: 0,
        Postponed: 0,
        DeadLettered: 0,
        Gone: 0,
        OverflowAgeSeconds: 3.5,
      }),
    );
    expect(lines).toMatchObject([
      {
        service: 'agensight-drain',
        Stored: 2,
        OverflowAgeSeconds: 3.5,
        _aws: {
          CloudWatchMetrics: [
            {
              Metrics: expect.arrayContaining([
                { Name: 'Stored', Unit: 'Count' },
                { Name: 'OverflowAgeSeconds', Unit: 'Seconds' },
              ]),
            },
          ],
        },
      },
    ]);
  });
});
