import { describe, expect, it } from 'vitest';
import { ConfigError, readConfig } from '../../lambda/config.ts';

const NEEDED = { SUPABASE_URL: 'https://x.supabase.co', SUPABASE_SECRET_KEY: 'sb_secret_x' };

describe('readConfig', () => {
  it('has a default for whatever is not needed', () => {
    expect(readConfig(NEEDED)).toEqual({
      supabaseUrl: 'https://x.supabase.co',
      supabaseSecretKey: 'sb_secret_x',
      logLevel: 'INFO',
      databaseTimeoutMillis: 10_000,
      version: 'unknown',
    });
  });

  it('takes each setting from the environment', () => {
    const environment = {
      ...NEEDED,
      AGENSIGHT_LOG_LEVEL: 'debug',
      AGENSIGHT_DATABASE_TIMEOUT_MILLIS: '2500',
      AGENSIGHT_VERSION: '1.2.3',
    };
    expect(readConfig(environment)).toMatchObject({
      logLevel: 'DEBUG',
      databaseTimeoutMillis: 2_500,
      version: '1.2.3',
    });
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
