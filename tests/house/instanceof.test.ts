/** `instanceof` throws for revoked proxies and is false for objects of other realms. */
import { describe, expect, it } from 'vitest';
import { sourcesIn, textOf } from './sources.ts';

/** The file with the guarded helper. */
const HELPER = 'sdk/platform/values.ts';

/** The code of a file without its comments and texts. */
const codeOf = (file: string): string =>
  textOf(file)
    .replace(/\/\*[\s\S]*?\*\//g, '')
    .replace(/(^|\s)\/\/.*$/gm, '');

describe('the SDK', () => {
  it.each(sourcesIn('sdk').filter((file) => file !== HELPER))(
    '%s asks for the class of a value through isInstance()',
    (file) => {
      expect(codeOf(file)).not.toMatch(/\binstanceof\b/);
    },
  );

  it('has one guarded helper', () => {
    expect(codeOf(HELPER).match(/\binstanceof\b/g)).toHaveLength(1);
  });
});
