import { describe, expect, it } from 'vitest';
import { readContext } from '../../infra/context.ts';
import { costOfMillionSpans, printCost } from '../../infra/cost.ts';

describe('readContext', () => {
  it('has defaults', () => {
    expect(readContext({})).toEqual({ stackName: 'Agensight' });
    expect(readContext({ memorySizeMib: '' })).toEqual({ stackName: 'Agensight' });
  });

  it('accepts text from the command line and numbers from cdk.json', () => {
    expect(readContext({ memorySizeMib: '512', reservedConcurrency: 5 })).toMatchObject({
      memorySizeMib: 512,
      reservedConcurrency: 5,
    });
  });

  it('accepts the settings of an HTTP API', () => {
    expect(
      readContext({ frontDoor: 'http-api', requestsPerSecond: '10', domainName: 'a.example' }),
    ).toMatchObject({ httpApi: { requestsPerSecond: 10, domainName: 'a.example' } });
  });

  it('ignores the keys of the CDK', () => {
    const keys = { '@aws-cdk/core:target-partitions': ['aws'], 'aws:cdk:bundling-stacks': ['**'] };
    expect(readContext(keys)).toEqual({ stackName: 'Agensight' });
  });

  it.each([
    ['frontDoor', 'alb', 'must be one of function-url, http-api'],
    ['memorySizeMib', 'much', 'must be a whole number'],
    ['memorySizeMib', '64', 'must be at least 128'],
    ['reservedConcurrency', '0', 'must be at least 1'],
    ['drainConcurrency', '-1', 'must be at least 2'],
    ['drainConcurrency', '2.5', 'must be a whole number'],
    ['logLevel', 'LOUD', 'must be one of DEBUG, INFO, WARN, ERROR, SILENT'],
    ['alarmEmail', 'nobody', 'must be an email address'],
    ['memorySize', '512', 'unknown; known are stackName, '],
    ['stackName', 'A B', 'must be a stack name'],
    ['domainName', 'not a domain', 'must be a domain name'],
    ['certificateArn', 'arn:nonsense', 'must be an ARN such as arn:aws:acm:'],
    ['domainName', 'a.example', 'needs frontDoor=http-api'],
  ])('rejects %s=%s', (name, value, problem) => {
    expect(() => readContext({ [name]: value })).toThrow(`- ${name}: ${problem}`);
  });

  it('lists all problems in one error', () => {
    expect(() =>
      readContext({ memorySizeMib: 'much', logLevel: 'LOUD', colour: 'red', size: '1' }),
    ).toThrow(
      /^The CDK context is invalid\.\n- memorySizeMib: .*\n- logLevel: .*\n- colour: .*\n- size: .*$/,
    );
  });
});

describe('the cost of a million spans', () => {
  it('grows with memory and with an HTTP API', () => {
    const plain = costOfMillionSpans({});
    expect(plain.requests).toBe(10_000);
    expect(costOfMillionSpans({ memorySizeMib: 2048 }).gbSeconds).toBe(2 * plain.gbSeconds);
    expect(costOfMillionSpans({ httpApi: {} }).dollars - plain.dollars).toBeCloseTo(0.01);
  });

  it('is printed in requests, GB-seconds and database bytes', () => {
    const lines: string[] = [];
    printCost({}, (line) => lines.push(line));
    const text = lines.join('\n');
    for (const word of ['requests', 'GB-seconds', 'in the database', '$']) {
      expect(text).toContain(word);
    }
  });
});
