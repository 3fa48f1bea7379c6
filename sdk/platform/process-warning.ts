/** Warnings of the platform: those that Node prints to standard error, and `--no-warnings` silences. */
import { isolatesRequests } from './isolation.ts';
import { isFunction } from './values.ts';

export function processWarning(message: string, code: string): void {
  const type = 'AgensightWarning';
  const { process } = globalThis;
  // workerd takes process warnings and shows them nowhere; the console is the log of its platforms.
  if (isFunction(process?.emitWarning) && !isolatesRequests()) {
    process.emitWarning(message, { type, code });
  } else {
    // biome-ignore lint/suspicious/noConsole: there is no other place for a warning
    globalThis.console?.warn(`${type} [${code}]: ${message}`);
  }
}
