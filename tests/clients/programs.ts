import { execFile } from 'node:child_process';
import { mkdtemp, readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const MANUAL = new URL('../../docs/clients.md', import.meta.url);

/** The program that the documentation gives for one client. */
export interface Section {
  /** Its lines for a shell. */
  environment: string;
  /** Its pieces of code. */
  code: string[];
}

/** Sections of docs/clients.md by their headings. The document is the one home of these lines. */
export async function readManual(): Promise<Map<string, Section>> {
  const [, ...sections] = (await readFile(MANUAL, 'utf8')).split(/^## /m);
  return new Map(
    sections.map((section) => [
      section.slice(0, section.indexOf('\n')),
      {
        environment: blocks(section, 'sh').join('\n'),
        code: [...blocks(section, 'js'), ...blocks(section, 'python')],
      },
    ]),
  );
}

/** Versions that the document says were tested, and those that are. */
export async function testedVersions(): Promise<{ named: string[]; installed: string[] }> {
  const [text, manifest, requirements] = await Promise.all([
    readFile(MANUAL, 'utf8'),
    readFile(new URL('package.json', import.meta.url), 'utf8'),
    Promise.all(
      ['python', 'python-newest'].map((folder) =>
        readFile(new URL(`${folder}/requirements.txt`, import.meta.url), 'utf8'),
      ),
    ),
  ]);
  const { dependencies } = JSON.parse(manifest) as { dependencies: Record<string, string> };
  const inPython = requirements
    .flatMap((list) => list.split('\n'))
    .map((line) => line.replace(/^.*==/, ''));
  return {
    named: text.match(/\d+\.\d+\.\d+/g) ?? [],
    installed: [...Object.values(dependencies), ...inPython],
  };
}

function blocks(text: string, language: string): string[] {
  const fence = new RegExp(`^\`\`\`${language}\\n(.*?)^\`\`\`$`, 'gms');
  return [...text.matchAll(fence)].map(([, block = '']) => block);
}

export function sourceOf(program: string): Promise<string> {
  return readFile(pathOf(program), 'utf8');
}

/**
 * Runs a client in a shell that has read its lines, and in no other environment than what is given.
 *
 * @returns what it printed
 * @throws Error with what it printed when it fails
 */
export async function runProgram(
  program: string,
  lines: string,
  environment: Record<string, string>,
  interpreter = process.execPath,
): Promise<string> {
  const script = `set -eu\n${lines}\nexec "$0" "$1"`;
  const { stdout, stderr } = await promisify(execFile)(
    'sh',
    ['-c', script, interpreter, pathOf(program)],
    {
      env: {
        PATH: process.env.PATH,
        HOME: await mkdtemp(join(tmpdir(), 'agensight-')),
        // Mastra counts its users, and a test is none.
        MASTRA_TELEMETRY_DISABLED: '1',
        ...environment,
      },
      timeout: 120_000,
    },
  );
  return stdout + stderr;
}

function pathOf(program: string): string {
  return fileURLToPath(new URL(`programs/${program}`, import.meta.url));
}
