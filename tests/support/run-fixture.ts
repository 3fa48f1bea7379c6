import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

/** How a TypeScript program is compiled: standard decorators, or `experimentalDecorators`. */
export type DecoratorMode = 'standard' | 'legacy';

/**
 * Compiles a fixture as a user's build would and runs it in a process of its own.
 *
 * @returns what it printed
 * @throws Error with what it printed on standard error when it fails
 */
export async function runFixture(
  file: URL,
  environment: Record<string, string>,
  decorators: DecoratorMode = 'standard',
): Promise<string> {
  return (await startFixture(file, environment, decorators)).output;
}

/** A fixture that runs on: its first line, and all that it has printed when it has ended. */
export async function startFixture(
  file: URL,
  environment: Record<string, string>,
  decorators: DecoratorMode = 'standard',
): Promise<{ firstLine: Promise<string>; output: Promise<string> }> {
  const { outputFiles } = await build({
    entryPoints: [fileURLToPath(file)],
    bundle: true,
    write: false,
    platform: 'node',
    format: 'esm',
    target: 'es2022',
    external: ['@opentelemetry/api', 'reflect-metadata'],
    tsconfigRaw: {
      compilerOptions: decorators === 'legacy' ? { experimentalDecorators: true } : {},
    },
  });
  const child = spawn(process.execPath, ['--input-type=module', '-'], {
    env: { PATH: process.env.PATH ?? '', ...environment },
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  let [output, errors] = ['', ''];
  const firstLine = new Promise<string>((resolve) => {
    child.stdout.on('data', (chunk) => {
      output += chunk;
      if (output.includes('\n')) resolve(output.slice(0, output.indexOf('\n')));
    });
  });
  child.stderr.on('data', (chunk) => {
    errors += chunk;
  });
  child.stdin.end(outputFiles[0]?.text);
  const ended = once(child, 'close').then(([code]) => {
    if (code !== 0) throw new Error(`The fixture ended with code ${code}:\n${errors}`);
    return output;
  });
  return { firstLine, output: ended };
}
