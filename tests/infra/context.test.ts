import { describe, expect, it } from 'vitest';
import { readContext } from '../../infra/context.ts';
import { costOfMillionSpans, printCost } from '../../infra/cost.ts';

const reading = (values: Record<string, unknown>) => readContext((name) => values[name]);

describe('readContext', () => {
  it('needs nothing', () => {
    expect(reading({})).toMatchObject({ stackName: 'Agensight' });
    expect(reading({})).not.toHaveProperty('httpApi');
  });

  it('takes text from a command line and numbers from cdk.json', () => {
    expect(reading({ memorySizeMib: '512', reservedConcurrency: 5 })).toMatchObject({
      memorySizeMib: 512,
      reservedConcurrency: 5,
    });
  });

  it('takes an HTTP API with what belongs to it', () => {
    expect(
      reading({ frontDoor: 'http-api', requestsPerSecond: '10', domainName: 'a.example' }),
    ).toMatchObject({ httpApi: { requestsPerSecond: 10, domainName: 'a.example' } });
  });

  it.each([
    ['frontDoor', 'alb'],
    ['memorySizeMib', 'much'],
    ['reservedConcurrency', '0'],
    ['drainConcurrency', '-1'],
  ])('names %s when it is %s', (name, value) => {
    expect(() => reading({ [name]: value })).toThrow(name);
  });
});

describe('the cost of a million spans', () => {
  it('grows with memory, and with an HTTP API', () => {
    const plain = costOfMillionSpans({});
    expect(plain.requests).toBe(10_000);
    expect(costOfMillionSpans({ memorySizeMib: 2048 }).gbSeconds).toBe(2 * plain.gbSeconds);
    expect(costOfMillionSpans({ httpApi: {} }).dollars - plain.dollars).toBeCloseTo(0.01);
  });

  it('is told in requests, GB-seconds and database bytes', () => {
    const lines: string[] = [];
    printCost({}, (line) => lines.push(line));
    const text = lines.join('\n');
    for (const word of ['requests', 'GB-seconds', 'in the database', '$']) {
      expect(text).toContain(word);
    }
  });
});
