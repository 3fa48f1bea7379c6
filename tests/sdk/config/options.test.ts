import { describe, expect, it } from 'vitest';
import type { InitOptions } from '../../../sdk/config/init-options.ts';
import { OptionsError } from '../../../sdk/config/option.ts';
import { resolveOptions, type Settings } from '../../../sdk/config/options.ts';
import { SDK_ERRORS, type SdkErrorCode } from '../../../wire/errors.ts';

const rows: [keyof Settings, unknown, string, string, unknown, unknown][] = [
  // option, argument, variable, its text, its value, default
  ['name', 'shop', 'AGENSIGHT_NAME', 'other', 'other', 'app'],
  ['mode', 'prod', 'AGENSIGHT_MODE', 'dev', 'dev', 'dev'],
  ['token', 'a', 'AGENSIGHT_TOKEN', 'b', 'b', ''],
  [
    'endpoint',
    'https://a.test',
    'AGENSIGHT_ENDPOINT',
    'http://b',
    'http://b',
    'http://127.0.0.1:4318',
  ],
  ['release', '1.0', 'AGENSIGHT_RELEASE', '2.0', '2.0', null],
  ['captureContent', false, 'AGENSIGHT_CAPTURE_CONTENT', 'false', false, true],
  ['enabled', false, 'AGENSIGHT_ENABLED', '0', false, true],
  ['maxQueueBytes', 100_000, 'AGENSIGHT_MAX_QUEUE_BYTES', '200000', 200_000, 67_108_864],
  ['maxBatchBytes', 5_000, 'AGENSIGHT_MAX_BATCH_BYTES', '6000', 6_000, 1_000_000],
  ['flushIntervalMillis', 5, 'AGENSIGHT_FLUSH_INTERVAL_MILLIS', '6', 6, 1_000],
  ['requestTimeoutMillis', 5, 'AGENSIGHT_REQUEST_TIMEOUT_MILLIS', '6', 6, 10_000],
  ['maxConcurrentRequests', 5, 'AGENSIGHT_MAX_CONCURRENT_REQUESTS', '6', 6, 4],
  ['exitTimeoutMillis', 5, 'AGENSIGHT_EXIT_TIMEOUT_MILLIS', '6', 6, 2_000],
  ['localFile', 'a.db', 'AGENSIGHT_LOCAL_FILE', 'b.db', 'b.db', '.agensight/agensight.db'],
];

// With a token, so that every mode is valid.
const withToken = (key: string): InitOptions =>
  key === 'token' ? { mode: 'local' } : { token: 't' };

describe.each(rows)('%s', (key, argument, variable, text, value, fallback) => {
  it('is taken from the argument first', () => {
    const options = { ...withToken(key), [key]: argument };
    expect(resolveOptions(options, { [variable]: text }).settings[key]).toEqual(argument);
  });

  it('is taken from the environment next', () => {
    expect(resolveOptions(withToken(key), { [variable]: text }).settings[key]).toEqual(value);
  });

  it('has a default last', () => {
    expect(resolveOptions(withToken(key), {}).settings[key]).toEqual(fallback);
  });
});

describe('an invalid argument', () => {
  it.each<[string, unknown, string]>([
    ['name', '', '1 to 1024'],
    ['mode', 'staging', "'local', 'dev' or 'prod'"],
    ['token', 'with space', 'without spaces'],
    ['token', 'a\r\nhost: b', 'without spaces'],
    ['endpoint', 'localhost:4318', 'http://'],
    ['endpoint', 'ftp://host', 'http://'],
    ['session', 7, 'id'],
    ['session', { name: 'no id' }, 'id'],
    ['session', 'x'.repeat(129), '128'],
    ['metadata', [], 'object'],
    ['captureContent', 'yes', 'true or false'],
    ['maxQueueBytes', 1.5, 'whole number'],
    ['maxConcurrentRequests', 0, 'from 1'],
    ['onWarning', 'console', 'function'],
    ['log', 'debug', "'warn', 'error' or 'silent'"],
    ['apiKey', 'x', 'does not exist; use one of: name, mode'],
  ])('%s = %j throws an error that names it and says what to do', (option, value, hint) => {
    const attempt = () => resolveOptions({ token: 't', [option]: value } as InitOptions, {});
    expect(attempt).toThrow(OptionsError);
    expect(attempt).toThrow(`'${option}'`);
    expect(attempt).toThrow(hint);
  });
});

describe('the code of an OptionsError', () => {
  const CASES: Readonly<Record<SdkErrorCode, [options: unknown, option: string]>> = {
    AGENSIGHT_OPTIONS_INVALID: ['name', 'init'],
    AGENSIGHT_OPTION_UNKNOWN: [{ nmae: 'x' }, 'nmae'],
    AGENSIGHT_OPTION_INVALID: [{ sampleRate: 2 }, 'sampleRate'],
    AGENSIGHT_TOKEN_MISSING: [{ mode: 'prod' }, 'token'],
  };

  it('is that of the catalogue', () => {
    expect(Object.keys(CASES).sort()).toEqual(Object.keys(SDK_ERRORS).sort());
  });

  it.each(Object.entries(CASES))('%s', (code, [options, option]) => {
    const error = catchError(() => resolveOptions(options as InitOptions, {}));
    expect(error).toBeInstanceOf(OptionsError);
    expect(error).toMatchObject({ code, option });
  });
});

function catchError(work: () => unknown): unknown {
  try {
    work();
  } catch (error) {
    return error;
  }
  return undefined;
}

describe('an invalid environment variable', () => {
  it('is reported once and replaced by the default', () => {
    const { settings, problems } = resolveOptions({}, { AGENSIGHT_MAX_BATCH_BYTES: 'many' });
    expect(settings.maxBatchBytes).toBe(1_000_000);
    expect(problems).toEqual([
      'AGENSIGHT_MAX_BATCH_BYTES must be a whole number from 1024 to 5242880; the default is used',
    ]);
  });

  it('counts as absent when it is empty', () => {
    expect(resolveOptions({}, { AGENSIGHT_MODE: '' })).toMatchObject({
      settings: { mode: 'local' },
      problems: [],
    });
  });
});

describe('mode', () => {
  it('is dev with a token, local without', () => {
    expect(resolveOptions({}, { AGENSIGHT_TOKEN: 't' }).settings.mode).toBe('dev');
    expect(resolveOptions({}, {}).settings.mode).toBe('local');
  });

  it.each(['dev', 'prod'] as const)('%s without a token explains how to set one', (mode) => {
    expect(() => resolveOptions({ mode }, {})).toThrow(/'token' is missing.*AGENSIGHT_TOKEN/);
  });

  it('needs no token while the SDK is disabled', () => {
    expect(resolveOptions({ mode: 'prod', enabled: false }, {}).settings.enabled).toBe(false);
  });
});

describe('name', () => {
  it('falls back to OTEL_SERVICE_NAME', () => {
    expect(resolveOptions({}, { OTEL_SERVICE_NAME: 'shop' }).settings.name).toBe('shop');
  });
});

describe('the argument', () => {
  it('is not changed', () => {
    const options = Object.freeze({ name: 'a', session: Object.freeze({ id: 's', userId: 'u' }) });
    expect(resolveOptions(options, {}).settings.session).toEqual({
      id: 's',
      name: null,
      userId: 'u',
      metadata: null,
    });
  });

  it('may have undefined properties', () => {
    expect(resolveOptions({ token: undefined, name: undefined }, {}).settings.name).toBe('app');
  });
});
