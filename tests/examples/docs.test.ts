/** The guides against the code: their tables, links and paths are right, and their code compiles. */
import { execFile } from 'node:child_process';
import {
  existsSync,
  globSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, describe, expect, it } from 'vitest';
import type { InitOptions } from '../../sdk/config/init-options.ts';
import { resolveOptions } from '../../sdk/config/options.ts';
import * as sdk from '../../sdk/index.ts';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const DOCUMENTS = globSync(['*.md', 'docs/*.md', '.github/**/*.md'], { cwd: ROOT }).sort();
const text = (file: string): string => readFileSync(join(ROOT, file), 'utf8');
const GUIDE = text('docs/sdk.md');

/** The cells of each row of a table of the guide, by what stands in its first cell. */
const ROWS = new Map(
  // Of two rows with one name the earlier counts: options come first.
  GUIDE.split('\n')
    .reverse()
    .filter((line) => line.startsWith('| `'))
    .map((line) =>
      line
        .slice(1, -1)
        .split('|')
        .map((cell) => cell.trim()),
    )
    .map((cells): [string, string[]] => [/`(\w+)`/.exec(cells[0] ?? '')?.[1] ?? '', cells]),
);

const variableOf = (option: string): string =>
  `AGENSIGHT_${option.replace(/[A-Z]/g, '_$&').toUpperCase()}`;

describe('docs/sdk.md', () => {
  // `masking` is what two options say together.
  const { masking: _, ...settings } = resolveOptions({}, {}).settings;

  it.each(Object.entries(settings))('has the variable and the default of %s', (option, value) => {
    const [, , variable = '', fallback = ''] = ROWS.get(option) ?? [];
    // An option is in the environment exactly if the resolver looks there for it.
    const looked: string[] = [];
    const env = new Proxy({}, { get: (_, name) => void looked.push(String(name)) });
    resolveOptions({}, env);
    const isInEnvironment = looked.includes(variableOf(option));
    expect(/AGENSIGHT_\w+/.exec(variable)?.[0]).toBe(
      isInEnvironment ? variableOf(option) : undefined,
    );
    if (typeof value === 'number') expect(fallback).toContain(value.toLocaleString('en-US'));
    else if (typeof value === 'boolean') expect(fallback).toContain(`\`${value}\``);
    else if (Array.isArray(value))
      for (const one of value) expect(fallback).toContain(`\`${one}\``);
    else if (value) expect(fallback).toContain(`\`${value}\``);
    else expect(fallback).toMatch(/^(none|–|the user of the session|a process warning|`false`.*)$/);
  });

  it('has each setting as an option of init', () => {
    const options = text('sdk/config/init-options.ts');
    expect(Object.keys(settings).filter((name) => !options.includes(`\n  ${name}?:`))).toEqual([]);
  });

  it('refuses numbers just beyond the bounds that it names', () => {
    const named = [...ROWS].flatMap(([option, [, unit = '']]) => {
      const [, low = '', high = ''] = /([\d,]+) to ([\d,]+)/.exec(unit) ?? [];
      return low ? [{ option, low: number(low), high: number(high) }] : [];
    });
    expect(named.length).toBeGreaterThanOrEqual(6);
    for (const { option, low, high } of named) {
      const given = (value: number) => () => resolveOptions({ [option]: value } as InitOptions, {});
      for (const value of [low, high]) expect(given(value)).not.toThrow();
      for (const value of [low - 1, high + 1]) expect(given(value)).toThrow(sdk.OptionsError);
    }
  });

  it.each([
    ['InitOptions', 'sdk/config/init-options.ts'],
    ['SpanOptions', 'sdk/call/definition.ts'],
    ['TraceOptions', 'sdk/call/definition.ts'],
    ['StartSpanOptions', 'sdk/start-span.ts'],
    ['ServerlessOptions', 'sdk/serverless.ts'],
  ])('names every option of %s', (name, file) => {
    const [, body = ''] =
      new RegExp(`interface ${name}\\b[^{]*\\{\\n(.*?)\\n\\}`, 's').exec(text(file)) ?? [];
    const names = [...body.matchAll(/^ {2}(\w+)\??:/gm)].map(([, option]) => option);
    expect(names.length).toBeGreaterThan(0);
    expect(names.filter((option) => !GUIDE.includes(`\`${option}\``))).toEqual([]);
  });

  it('names everything that the package exports', () => {
    expect(Object.keys(sdk).filter((name) => !GUIDE.includes(name))).toEqual([]);
  });

  it('names every warning', () => {
    const sources = readdirSync(join(ROOT, 'sdk'), { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('.ts'))
      .map((name) => text(`sdk/${name}`));
    const codes = sources.flatMap((code) =>
      [...code.matchAll(/[wW]arn\(\s*'([a-z-]+)'/g)].map(([, found]) => found as string),
    );
    expect(codes.length).toBeGreaterThan(8);
    const table = GUIDE.slice(GUIDE.indexOf('## Errors and warnings'));
    expect([...new Set(codes)].filter((code) => !table.includes(`| \`${code}\``))).toEqual([]);
  });
});

const number = (spelled: string): number => Number(spelled.replaceAll(',', ''));

describe.each(DOCUMENTS)('%s', (file) => {
  it('links to files and headings that exist', () => {
    const prose = text(file).replace(/`[^`\n]*`/g, '`code`');
    const links = [...prose.matchAll(/\]\(([^)\s]+)\)/g)].map(([, link]) => link as string);
    const broken = links.filter((link) => {
      if (/^https?:/.test(link)) return false;
      const [path = '', heading] = link.split('#');
      const target = path === '' ? file : join(dirname(file), path);
      if (!existsSync(join(ROOT, target))) return true;
      return heading !== undefined && !headingsOf(text(target)).includes(heading);
    });
    expect(broken).toEqual([]);
  });

  it('names files and folders that exist', () => {
    const named = [...text(file).matchAll(PATH)].map(([path]) => path);
    const missing = named.filter(
      (path) => !GENERATED.test(path) && globSync(path, { cwd: ROOT }).length === 0,
    );
    expect(missing).toEqual([]);
  });
});

/** Paths below the folders of this repository, from its root; `*` and `{a,b}` as in a shell. */
const PATH =
  /(?<![\w./@:-])(?:bench|cli|docs|examples|infra|lambda|local|migrations|sdk|supabase|tests|wire|\.ci|\.github)\/[\w./*{},-]*[\w*}]/g;

/** Folders that commands write and that are not in a checkout. */
const GENERATED = /^supabase\/migrations$/;

describe('docs/operate.md', () => {
  const guide = text('docs/operate.md');

  it('has a section for each alarm', () => {
    const ids = [...text('infra/alarms.ts').matchAll(/#alarm\(\s*'(\w+)'/g)].map(([, id]) => id);
    const sections = [...guide.matchAll(/^### (\w+)$/gm)].map(([, id]) => id);
    expect(ids.length).toBeGreaterThan(5);
    expect(sections.sort()).toEqual(ids.sort());
  });

  it('names log messages that the functions write', () => {
    const sources = globSync('lambda/**/*.ts', { cwd: ROOT }).map(text).join('');
    const messages = [...guide.matchAll(/message = "([^"]+)"/g)].map(([, message]) => message);
    expect(messages.length).toBeGreaterThan(2);
    expect(messages.filter((message) => !sources.includes(`'${message}'`))).toEqual([]);
  });
});

describe('docs/README.md', () => {
  it('lists every guide', () => {
    const guides = DOCUMENTS.filter((file) => /^docs\/(?!README)/.test(file));
    const index = text('docs/README.md');
    expect(guides.length).toBeGreaterThan(15);
    expect(guides.filter((file) => !index.includes(`](${file.slice(5)})`))).toEqual([]);
  });
});

const headingsOf = (guide: string): string[] =>
  [...guide.matchAll(/^#+ (.*)$/gm)].map(([, heading = '']) =>
    heading
      .toLowerCase()
      .replace(/[^\w\s-]/g, '')
      .replace(/\s/g, '-'),
  );

describe('the code in the guides', () => {
  const folder = join(ROOT, `node_modules/.cache/agensight/docs-${process.pid}`);
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it('compiles in a strict project', async () => {
    mkdirSync(folder, { recursive: true });
    const blocks = ['docs/sdk.md', 'docs/migrate.md'].flatMap((file) =>
      [...text(file).matchAll(/```ts\n(.*?)```/gs)].map(([, code]) => code as string),
    );
    expect(blocks.length).toBeGreaterThan(12);
    const files = blocks.map((code, i) => {
      const source = code.replaceAll("from 'agensight'", `from '${ROOT}sdk/index.ts'`);
      writeFileSync(join(folder, `block-${i}.ts`), `${source}\nexport {};\n`);
      return `block-${i}.ts`;
    });
    const compilerOptions = {
      allowImportingTsExtensions: true,
      rewriteRelativeImportExtensions: false,
    };
    const config = {
      extends: join(ROOT, 'tsconfig.json'),
      compilerOptions,
      files,
      include: [],
      exclude: [],
    };
    writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify(config));
    const tsc = join(ROOT, 'node_modules/typescript/bin/tsc');
    const { stdout } = await promisify(execFile)(process.execPath, [tsc, '-p', folder]).catch(
      (error: { stdout: string }) => error,
    );
    expect(stdout).toBe('');
  });
});
