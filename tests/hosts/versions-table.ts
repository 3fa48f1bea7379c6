/** The table of tested versions in docs/instrumentation.md. */
import { readFile, writeFile } from 'node:fs/promises';
import { packageSets } from './package-sets.ts';

const DOCUMENT = new URL('../../docs/instrumentation.md', import.meta.url);
const BEGIN = '<!-- versions: written by npm run test:hosts -->\n';
const END = '\n<!-- /versions -->';

/** What programs use beside clients and frameworks. */
const TOOLS = [
  '@smithy/node-http-handler',
  'bluebird',
  'mongodb',
  'reflect-metadata',
  'rxjs',
  'zod',
];

/** The document as it is, and as it should be. */
export async function versionsDocument(): Promise<{ present: string; wanted: string }> {
  const present = await readFile(DOCUMENT, 'utf8');
  const [before, rest] = present.split(BEGIN);
  const after = rest?.split(END)[1];
  if (after === undefined) throw new Error(`docs/instrumentation.md lacks ${BEGIN}`);
  return { present, wanted: `${before}${BEGIN}\n${table()}${END}${after}` };
}

export async function writeVersions(): Promise<void> {
  const { present, wanted } = await versionsDocument();
  if (present !== wanted) await writeFile(DOCUMENT, wanted);
}

function table(): string {
  const [newest, ...earlier] = packageSets();
  const names = Object.keys(newest?.versions ?? {}).filter((name) => !TOOLS.includes(name));
  const rows = names.map((name) => [
    `\`${name}\``,
    newest?.versions[name] ?? '',
    earlier.flatMap(({ versions }) => versions[name] ?? []).join(', ') || '–',
  ]);
  return aligned([['package', 'newest', 'earlier'], ...rows]);
}

function aligned([head = [], ...rows]: string[][]): string {
  const widths = head.map((_, column) =>
    Math.max(...[head, ...rows].map((row) => row[column]?.length ?? 0)),
  );
  const line = (cells: string[]) =>
    `| ${cells.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(' | ')} |\n`;
  return [head, widths.map((width) => '-'.repeat(width)), ...rows].map(line).join('');
}
