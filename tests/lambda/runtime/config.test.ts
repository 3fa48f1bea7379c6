import { describe, expect, it } from 'vitest';
import { ConfigError, readConfig } from '../../../lambda/runtime/config.ts';

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
    const config = readConfig({ AGENSIGHT_SECRET_ARN: 'arn:aws:secretsmanager:x' });
    expect(config).toMatchObject({ supabase: null, secretArn: 'arn:aws:secretsmanager:x' });
  });

  it('requires the queue with the bucket', () => {
    const read = () => readConfig({ ...NEEDED, AGENSIGHT_OVERFLOW_BUCKET: 'bucket' });
    expect(read).toThrow('AGENSIGHT_OVERFLOW_QUEUE_URL is not set');
  });

  it.each([
    ['SUPABASE_URL', undefined],
    ['SUPABASE_URL', ' '],
    ['SUPABASE_URL', 'x.supabase.co'],
    ['SUPABASE_URL', 'file:///etc'],
    ['SUPABASE_SECRET_KEY', ''],
    ['AGENSIGHT_LOG_LEVEL', 'loud'],
    ['AGENSIGHT_DATABASE_TIMEOUT_MILLIS', '0'],
    ['AGENSIGHT_DATABASE_TIMEOUT_MILLIS', '10s'],
  ])('names %s when it is %j', (name, value) => {
    const read = () => readConfig({ ...NEEDED, [name]: value });
    expect(read).toThrow(ConfigError);
    expect(read).toThrow(name);
  });
});
