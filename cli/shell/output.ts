/** What a command prints: results on standard output, remarks on standard error. */
import type { Writable } from 'node:stream';

/** The styles that lines may have on a terminal. */
const STYLES = { bold: 1, dim: 2, red: 31, green: 32, yellow: 33, cyan: 36 } as const;

export type Style = keyof typeof STYLES;

export interface Output {
  /** Characters in a line of the terminal; infinite when the output is no terminal. */
  readonly columns: number;
  /** One line of the result; resolves when there is room for more. */
  print(line: string): Promise<void>;
  /** One line beside the result: progress, where a setting came from. */
  remark(line: string): void;
  /** The text in a style, or as it is where there are no colours. */
  style(style: Style, text: string): string;
}

export interface OutputSettings {
  readonly colour: boolean;
  readonly columns: number;
}

/** Output to two streams. Whoever reads standard output may stop at any time (`| head`). */
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
