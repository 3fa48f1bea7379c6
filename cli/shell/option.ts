/** An option of a command, as `node:util` parses it and as the help shows it. */
export interface Option {
  readonly type: 'string' | 'boolean';
  /** One-letter alias. */
  readonly short?: string;
  /** Placeholder of the value in the help: `FILE`. */
  readonly value?: string;
  /** One line, with unit and default. */
  readonly help: string;
}

export type Options = Readonly<Record<string, Option>>;
