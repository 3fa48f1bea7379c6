/** The one error that this SDK throws, and only from `init`. */
export class OptionsError extends Error {
  override readonly name = 'OptionsError';
  /** The option at fault, as it is written in `init({ ... })`. */
  readonly option: string;

  constructor(option: string, problem: string) {
    super(`agensight: option '${option}' ${problem}`);
    this.option = option;
  }
}
