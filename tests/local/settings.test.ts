import { describe, expect, it } from 'vitest';
import { readSettings, SettingsError } from '../../local/settings.ts';

describe('settings of the local stack', () => {
  it('have defaults', () => {
    expect(readSettings([], {})).toEqual({
      once: false,
      port: 4318,
      supabasePort: 54_321,
      databaseUrl: null,
      folder: '.agensight',
    });
  });

  it('come from the environment before the defaults', () => {
    expect(
      readSettings([], {
        AGENSIGHT_PORT: '5000',
        SUPABASE_PORT: '5001',
        DATABASE_URL: 'postgres://localhost/x',
        AGENSIGHT_FOLDER: 'there',
      }),
    ).toMatchObject({
      port: 5000,
      supabasePort: 5001,
      databaseUrl: 'postgres://localhost/x',
      folder: 'there',
    });
  });

  it('come from an argument before the environment', () => {
    expect(readSettings(['--port', '1', '--once'], { AGENSIGHT_PORT: '2' })).toMatchObject({
      port: 1,
      once: true,
    });
  });

  it.each([
    [['--port', 'many'], {}, '--port (AGENSIGHT_PORT) must be a port'],
    [['--port', '70000'], {}, 'must be a port'],
    [[], { SUPABASE_PORT: '1.5' }, '--supabase-port (SUPABASE_PORT) must be a port'],
    [[], { DATABASE_URL: 'mysql://x' }, '(DATABASE_URL) must be a URL such as postgresql://'],
    [['--colour'], {}, 'Usage: npm start'],
  ])('are rejected when invalid: %j %j', (args, environment, message) => {
    const read = () => readSettings(args, environment);
    expect(read).toThrow(SettingsError);
    expect(read).toThrow(message);
  });

  it('are rejected with one error that lists all invalid ones', () => {
    expect(() => readSettings(['--port', 'x'], { DATABASE_URL: 'mysql://x' })).toThrow(
      /^--port .*\n--database-url .*$/,
    );
  });
});
