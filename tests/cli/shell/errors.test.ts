import { globSync, readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { CliError, UsageError } from '../../../cli/shell/errors.ts';
import { CLI_ERRORS } from '../../../wire/errors.ts';

const ROOT = new URL('../../../', import.meta.url);
const SOURCES = globSync('cli/**/*.ts', { cwd: ROOT })
  .map((file) => readFileSync(new URL(file, ROOT), 'utf8'))
  .join('\n');

it.each(Object.keys(CLI_ERRORS))('the catalogued code %s is used', (code) => {
  expect(SOURCES).toContain(`'${code}'`);
});

it('errors have a code and a hint', () => {
  const cause = new Error('inner');
  const error = new CliError('cannot read x', {
    code: 'AGENSIGHT_CLI_FILE',
    hint: 'Check.',
    cause,
  });
  expect(error).toMatchObject({ name: 'CliError', code: 'AGENSIGHT_CLI_FILE', hint: 'Check.' });
  expect(error.cause).toBe(cause);
  expect(new UsageError('no')).toMatchObject({ name: 'UsageError', code: 'AGENSIGHT_CLI_USAGE' });
});
