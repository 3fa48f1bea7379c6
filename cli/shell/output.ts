/** The output of a command: results on standard output, remarks on standard error. */
import type { Writable } from 'node:stream';

/** SGR codes of the styles. */
const STYLES = { bold: 1, dim: 2, red: 31, green: 32, yellow: 33, cyan: 36 } as const;

export type Style = keyof typeof STYLES;

export interface Output {
  /** Columns of the terminal; infinite when the output is not a terminal. */
  readonly columns: number;
  /** Writes one line of the result; resolves when the stream accepts more. */
  print(line: string): Promise<void>;
  /** Writes one line that is not part of the result: progress, sources of settings. */
  remark(line: string): void;
  /** The text in a style, or unchanged without colours. */
  style(style: Style, text: string): string;
}

export interface OutputSettings {
  readonly colour: boolean;
  readonly columns: number;
}

/** Output to two streams. The reader of standard output may close it at any time (`| head`). */
export function createOutput(
  stdout: Writable,
  stderr: Writable,
  { colour, columns }: OutputSettings,
): Output {
  return {
    columns,
    print: (line) =>
      new Promise((resolve) => {
        if (stdout.write(`${line}\n`)) resolve();
        else stdout.once('drain', resolve);
      }),
    remark: (line) => void stderr.write(`${line}\n`),
    style: (style, text) => (colour ? `\u001b[${STYLES[style]}m${text}\u001b[0m` : text),
  };
}
