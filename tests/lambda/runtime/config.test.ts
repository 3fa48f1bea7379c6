import { describe, expect, it } from 'vitest';
import {
  ConfigError,
  readAwsAccess,
  readConfig,
  readWorkerConfig,
} from '../../../lambda/runtime/config.ts';

const SECRET_ARN = 'arn:aws:secretsmanager:eu-west-1:123456789012:secret:agensight-AbCdEf';
const OVERFLOW = {
  AGENSIGHT_OVERFLOW_BUCKET: 'bucket',
  AGENSIGHT_OVERFLOW_QUEUE_URL: 'https://sqs.eu-west-1.amazonaws.com/123456789012/queue',
};
const DEAD_LETTERS = {
  AGENSIGHT_DEAD_LETTER_QUEUE_URL: 'https://sqs.eu-west-1.amazonaws.com/123456789012/dead',
};
const NEEDED = { SUPABASE_URL: 'https://x.supabase.co', SUPABASE_SECRET_KEY: 'sb_secret_x' };

describe('readConfig', () => {
  it('has a default for every optional setting', () => {
    expect(readConfig(NEEDED)).toEqual({
      supabase: { url: 'https://x.supabase.co', secretKey: 'sb_secret_x' },
      secretArn: null,
      overflow: null,
      logLevel: 'INFO',
      databaseTimeoutMillis: 10_000,
      metricsNamespace: 'Agensight',
      version: 'unknown',
    });
  });

  it('reads each setting from the environment', () => {
    const environment = {
      ...NEEDED,
      AGENSIGHT_LOG_LEVEL: 'debug',
      AGENSIGHT_DATABASE_TIMEOUT_MILLIS: '2500',
      AGENSIGHT_VERSION: '1.2.3',
      AGENSIGHT_METRICS_NAMESPACE: 'Agensight/Mine',
      AGENSIGHT_OVERFLOW_BUCKET: 'bucket',
      AGENSIGHT_OVERFLOW_QUEUE_URL: 'https://queue',
      AGENSIGHT_DEAD_LETTER_QUEUE_URL: 'https://dead',
    };
    expect(readConfig(environment)).toMatchObject({
      metricsNamespace: 'Agensight/Mine',
      overflow: {
        bucket: 'bucket',
        queueUrl: 'https://queue',
        deadLetterQueueUrl: 'https://dead',
      },
      logLevel: 'DEBUG',
      databaseTimeoutMillis: 2_500,
      version: '1.2.3',
    });
  });

  it('requires no key in the environment when a secret has it', () => {
    const config = readConfig({ AGENSIGHT_SECRET_ARN: SECRET_ARN });
    expect(config).toMatchObject({ supabase: null, secretArn: SECRET_ARN });
  });

  it.each([
    ['AGENSIGHT_OVERFLOW_BUCKET', 'AGENSIGHT_OVERFLOW_QUEUE_URL'],
    ['AGENSIGHT_OVERFLOW_QUEUE_URL', 'AGENSIGHT_OVERFLOW_BUCKET'],
  ] as const)('requires, with %s, %s', (name, other) => {
    const read = () => readConfig({ ...NEEDED, [name]: OVERFLOW[name] });
    expect(read).toThrow(
      expect.objectContaining({
        code: 'AGENSIGHT_CONFIG_MISSING',
        message: expect.stringContaining(`${other} is not set`),
      }),
    );
  });

  it('requires bucket and queue with a dead-letter queue', () => {
    expect(() => readConfig({ ...NEEDED, ...DEAD_LETTERS })).toThrow(
      /AGENSIGHT_OVERFLOW_BUCKET is not set; AGENSIGHT_OVERFLOW_QUEUE_URL is not set/,
    );
  });

  it.each([
    ['SUPABASE_URL', 'http://127.0.0.1:54321'],
    ['SUPABASE_URL', 'https://x.supabase.co/'],
    ['AGENSIGHT_SECRET_ARN', 'arn:aws-cn:secretsmanager:cn-north-1:123456789012:secret:a/b'],
    ['AGENSIGHT_SECRET_ARN', 'arn:aws-us-gov:secretsmanager:us-gov-west-1:123456789012:secret:x'],
    ['AGENSIGHT_DATABASE_TIMEOUT_MILLIS', '1'],
    ['AGENSIGHT_DATABASE_TIMEOUT_MILLIS', '900000'],
    ['AGENSIGHT_OVERFLOW_QUEUE_URL', 'http://127.0.0.1:4566/123456789012/queue'],
    ['AGENSIGHT_OVERFLOW_BUCKET', 'agensight-overflow.bucket-1'],
    ['AGENSIGHT_METRICS_NAMESPACE', 'Agensight/My-Stack'],
  ])('accepts %s %j', (name, value) => {
    expect(() => readConfig({ ...NEEDED, ...OVERFLOW, [name]: value })).not.toThrow();
  });

  it.each([
    ['SUPABASE_URL', undefined],
    ['SUPABASE_URL', ' '],
    ['SUPABASE_URL', 'x.supabase.co'],
    ['SUPABASE_URL', 'file:///etc'],
    ['SUPABASE_URL', 'https:x.supabase.co'],
    ['SUPABASE_URL', 'https://user:hunter2@x.supabase.co'],
    ['SUPABASE_URL', 'https://x.supabase.co/rest/v1'],
    ['SUPABASE_URL', 'https://x.supabase.co?'],
    ['SUPABASE_URL', 'https://x.supabase.co/?a=b'],
    ['SUPABASE_URL', 'https://x.supabase.co/#a'],
    ['SUPABASE_SECRET_KEY', ''],
    ['SUPABASE_SECRET_KEY', 'hunter2\nx: y'],
    ['SUPABASE_SECRET_KEY', 'hunter2\u0000'],
    ['SUPABASE_SECRET_KEY', 'hunter2\u00e9'],
    ['SUPABASE_SECRET_KEY', 'hunter2\u2026'],
    ['AGENSIGHT_SECRET_ARN', 'nonsense'],
    ['AGENSIGHT_SECRET_ARN', 'arn:aws:s3:::bucket'],
    ['AGENSIGHT_SECRET_ARN', 'arn:aws:secretsmanager:eu-west-1:123:secret:x'],
    ['AGENSIGHT_SECRET_ARN', 'arn:aws:secretsmanager:eu-west-1:123456789012:secret:'],
    ['AGENSIGHT_OVERFLOW_QUEUE_URL', 'zz'],
    ['AGENSIGHT_OVERFLOW_QUEUE_URL', 'http://sqs.eu-west-1.amazonaws.com/123456789012/queue'],
    ['AGENSIGHT_OVERFLOW_QUEUE_URL', 'https://user:hunter2@sqs/queue'],
    ['AGENSIGHT_DEAD_LETTER_QUEUE_URL', 'zz'],
    ['AGENSIGHT_OVERFLOW_BUCKET', 'A B'],
    ['AGENSIGHT_OVERFLOW_BUCKET', 'ab'],
    ['AGENSIGHT_OVERFLOW_BUCKET', 'a..b'],
    ['AGENSIGHT_OVERFLOW_BUCKET', '192.168.5.4'],
    ['AGENSIGHT_OVERFLOW_BUCKET', 'bucket-'],
    ['AGENSIGHT_LOG_LEVEL', 'loud'],
    ['AGENSIGHT_DATABASE_TIMEOUT_MILLIS', '0'],
    ['AGENSIGHT_DATABASE_TIMEOUT_MILLIS', '10s'],
    ['AGENSIGHT_DATABASE_TIMEOUT_MILLIS', '900001'],
    ['AGENSIGHT_DATABASE_TIMEOUT_MILLIS', '999999999'],
    ['AGENSIGHT_METRICS_NAMESPACE', 'AWS/Lambda'],
    ['AGENSIGHT_METRICS_NAMESPACE', 'a b'],
    ['AGENSIGHT_VERSION', '1\n2'],
  ])('names %s when it is %j, and quotes nothing', (name, value) => {
    const read = () => readConfig({ ...NEEDED, ...OVERFLOW, [name]: value });
    expect(read).toThrow(ConfigError);
    expect(read).toThrow(new RegExp(`^Invalid settings in the environment: ${name} [^;]*\\.$`));
    expect(read).not.toThrow('hunter2');
  });

  it('lists all problems in one error', () => {
    const read = () =>
      readConfig({
        SUPABASE_URL: 'x',
        AGENSIGHT_LOG_LEVEL: 'loud',
        AGENSIGHT_OVERFLOW_QUEUE_URL: 'zz',
      });
    expect(read).toThrow(expect.objectContaining({ code: 'AGENSIGHT_CONFIG_INVALID' }));
    for (const name of [
      'SUPABASE_URL must',
      'SUPABASE_SECRET_KEY is not set',
      'AGENSIGHT_LOG_LEVEL must',
      'AGENSIGHT_OVERFLOW_QUEUE_URL must',
      'AGENSIGHT_OVERFLOW_BUCKET is not set',
    ]) {
      expect(read).toThrow(name);
    }
  });
});

describe('readWorkerConfig', () => {
  it('reads the overflow with its dead-letter queue', () => {
    const { overflow } = readWorkerConfig({ ...NEEDED, ...OVERFLOW, ...DEAD_LETTERS });
    expect(overflow).toEqual({
      bucket: OVERFLOW.AGENSIGHT_OVERFLOW_BUCKET,
      queueUrl: OVERFLOW.AGENSIGHT_OVERFLOW_QUEUE_URL,
      deadLetterQueueUrl: DEAD_LETTERS.AGENSIGHT_DEAD_LETTER_QUEUE_URL,
    });
  });

  it('names every variable of the overflow that is not set', () => {
    expect(() => readWorkerConfig(NEEDED)).toThrow(
      /AGENSIGHT_OVERFLOW_BUCKET is not set; AGENSIGHT_OVERFLOW_QUEUE_URL is not set; AGENSIGHT_DEAD_LETTER_QUEUE_URL is not set/,
    );
  });
});

describe('readAwsAccess', () => {
  it.each([
    ['AWS_REGION', 'Europe'],
    ['AWS_ENDPOINT_URL', 'zz'],
    ['AWS_SESSION_TOKEN', 'hunter2\nx: y'],
  ])('names %s when it is %j, and quotes nothing', (name, value) => {
    const read = () => readAwsAccess({ AWS_REGION: 'eu-west-1', [name]: value });
    expect(read).toThrow(ConfigError);
    expect(read).toThrow(name);
    expect(read).not.toThrow('hunter2');
  });
});
