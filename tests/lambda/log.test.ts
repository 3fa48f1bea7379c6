import { afterEach, describe, expect, it, vi } from 'vitest';
import { createLog } from '../../lambda/log.ts';
import { createMetrics } from '../../lambda/metrics.ts';

/** What a function writes to the process's output, where CloudWatch reads it. */
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
  it('writes one line of JSON with the facts', () => {
    const lines = written(() => createLog('INFO').warn('Refused', { door: 'otlp', status: 400 }));
    expect(lines).toMatchObject([
      { level: 'WARN', message: 'Refused', door: 'otlp', status: 400, service: 'agensight-ingest' },
    ]);
  });

  it('leaves out what is below its level', () => {
    expect(written(() => createLog('ERROR').warn('Refused', {}))).toEqual([]);
  });
});

describe('createMetrics', () => {
  it('writes counts and latency by door in the embedded metric format', () => {
    const facts = { door: 'native', status: 200, records: 3, rejected: 1, latencyMillis: 12 };
    const metrics = createMetrics();
    const lines = written(() => {
      metrics.record(facts);
      metrics.record({ ...facts, door: 'otlp', status: 503, records: 0, rejected: 0 });
    });
    expect(lines).toMatchObject([
      {
        door: 'native',
        service: 'agensight-ingest',
        Requests: 1,
        ClientErrors: 0,
        Unavailable: 0,
        Records: 3,
        Rejected: 1,
        Latency: 12,
        _aws: {
          CloudWatchMetrics: [{ Namespace: 'Agensight', Dimensions: [['service', 'door']] }],
        },
      },
      { door: 'otlp', Unavailable: 1, Records: 0 },
    ]);
  });
});
