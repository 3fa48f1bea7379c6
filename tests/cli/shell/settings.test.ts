import { describe, expect, it } from 'vitest';
import { UsageError } from '../../../cli/shell/errors.ts';
import {
  DATABASE_OPTIONS,
  READ_OPTIONS,
  readSettings,
  SEND_OPTIONS,
} from '../../../cli/shell/settings.ts';

const KNOWN = { ...SEND_OPTIONS, ...READ_OPTIONS, ...DATABASE_OPTIONS };

describe('readSettings', () => {
  it('prefers the option to the environment', () => {
    const settings = readSettings({ endpoint: 'https://a.example/prod' }, KNOWN, {
      AGENSIGHT_ENDPOINT: 'https://b.example',
      SUPABASE_URL: 'https://x.supabase.co/',
    });
    expect(settings.endpoint).toEqual({ value: 'https://a.example/prod', from: '--endpoint' });
    expect(settings.supabaseUrl).toEqual({
      value: 'https://x.supabase.co/',
      from: 'SUPABASE_URL',
    });
  });

  it.each([
    ['AGENSIGHT_ENDPOINT', 'ftp://x'],
    ['AGENSIGHT_ENDPOINT', 'https://user:hunter2@x'],
    ['AGENSIGHT_ENDPOINT', 'https://x?hunter2'],
    ['AGENSIGHT_TOKEN', 'hunter2\nx'],
    ['SUPABASE_URL', 'https://x.supabase.co/rest/v1'],
    ['SUPABASE_SECRET_KEY', 'hunter2\u2026'],
    ['SUPABASE_PUBLISHABLE_KEY', 'hunter2 x'],
    ['SUPABASE_USER_TOKEN', 'hunter2\u0000'],
    ['DATABASE_URL', 'mysql://user:hunter2@host/x'],
    ['DATABASE_URL', 'postgres:hunter2'],
  ])('names %s when it is %j, and quotes nothing', (name, value) => {
    const environment = { AGENSIGHT_ENDPOINT: 'https://a.example', [name]: value };
    const read = () => readSettings({}, KNOWN, environment);
    expect(read).toThrow(UsageError);
    expect(read).toThrow(new RegExp(`^${name} must [^;]*$`));
    expect(read).not.toThrow('hunter2');
  });

  it('lists all problems in one error', () => {
    expect(() =>
      readSettings({ endpoint: 'x', 'supabase-url': 'y' }, KNOWN, { SUPABASE_SECRET_KEY: 'a b' }),
    ).toThrow(/^--endpoint must .*; --supabase-url must .*; SUPABASE_SECRET_KEY must /);
  });

  it('does not check a setting that the command has no option for', () => {
    const read = () => readSettings({}, SEND_OPTIONS, { SUPABASE_URL: 'y' });
    expect(read).not.toThrow();
  });
});
