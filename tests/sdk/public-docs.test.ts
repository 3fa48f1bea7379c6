/** Every public name is documented: meaning, example, and default values of options. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';

const SDK = join(import.meta.dirname, '../../sdk');
const read = (file: string): string => readFileSync(join(SDK, file), 'utf8');

/** Exported names with their file, and whether they are types. */
const EXPORTS = [...read('index.ts').matchAll(/export (type )?\{([^}]*)\} from '(.*)';/g)].flatMap(
  ([, type, names = '', file = '']) =>
    names
      .split(',')
      .map((name) => name.trim())
      .filter(Boolean)
      .map(
        (name) => [name.replace(/^type /, ''), file, !!type || name.startsWith('type ')] as const,
      ),
);

/** The doc comment of a declaration. */
function docOf(name: string, source: string): string {
  const declaration = new RegExp(
    String.raw`/\*\*((?:(?!\*/)[\s\S])*)\*/\n(?://.*\n)?export (?:async )?(?:const|class|function|interface|type) ${name}\b`,
  );
  return declaration.exec(source)?.[1] ?? '';
}

describe.each(EXPORTS)('%s', (name, file, isType) => {
  const source = read(file);
  const doc = docOf(name, source);

  it('has an example', () => expect(doc).toContain('@example'));

  it('says what it returns, when it is a function', () => {
    const isFunction = !isType && new RegExp(`function ${name}\\b`).test(source);
    expect(doc).toMatch(isFunction && !/\): (void|asserts)/.test(signature()) ? /@returns/ : /./);
  });

  const signature = (): string =>
    new RegExp(`function ${name}\\b[\\s\\S]*?\\{\\n`).exec(source)?.[0] ?? '';
});

describe.each(EXPORTS.filter(([name]) => name.endsWith('Options')))('%s', (name, file) => {
  const [, body = ''] =
    new RegExp(`interface ${name}\\b[^{]*\\{\\n(.*?)\\n\\}`, 's').exec(read(file)) ?? [];
  const options = [...body.matchAll(/\/\*\*((?:(?!\*\/)[\s\S])*)\*\/\n {2}(\w+)\?:/g)];

  it('has documented options only', () => {
    expect(options.map(([, , option]) => option)).toEqual(
      [...body.matchAll(/^ {2}(\w+)\??:/gm)].map(([, option]) => option),
    );
    expect(options.length).toBeGreaterThan(0);
  });

  it.each(options.map(([, doc, option]) => [option, doc]))(
    '%s has a default value, or none by definition',
    (_, doc) => expect(doc).toMatch(/@defaultValue|Required|Alias of/),
  );
});
