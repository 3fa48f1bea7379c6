import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { ERROR_CODES, type ErrorArea } from '../../wire/errors.ts';
import { errorDocs } from '../support/error-docs.ts';
import { sourcesIn, textOf } from './sources.ts';

/** Where the codes of each area are used. */
const FOLDERS: Record<ErrorArea, string> = {
  http: 'lambda',
  config: 'lambda',
  sdk: 'sdk',
  cli: 'cli',
};

const CASES = Object.entries(FOLDERS).flatMap(([area, folder]) =>
  Object.keys(ERROR_CODES[area as ErrorArea]).map((code) => ({ area, folder, code })),
);

describe('an error code', () => {
  it.each(CASES)('$code of $area is used in $folder/', ({ folder, code }) => {
    const uses = sourcesIn(folder).filter((file) => textOf(file).includes(`'${code}'`));
    expect(uses).not.toEqual([]);
  });

  it('is unique over all areas', () => {
    const codes = CASES.map(({ code }) => code);
    expect(new Set(codes).size).toBe(codes.length);
  });
});

describe('docs/errors.md', () => {
  it('is what `npm run types` writes', () => {
    const written = readFileSync(new URL('../../docs/errors.md', import.meta.url), 'utf8');
    expect(written).toBe(errorDocs());
  });
});
