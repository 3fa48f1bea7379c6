/** The result of a comparison: right, wrong, missing and unexpected values. */

export type State = 'right' | 'wrong' | 'missing';

export interface Finding {
  what: string;
  state: State | 'extra';
  got: unknown;
  want?: unknown;
}

export class Report {
  readonly findings: Finding[] = [];

  /** A required value that is one of these. */
  must(what: string, got: unknown, accepted: readonly unknown[]): void {
    this.#add(what, got, accepted.includes(got), accepted);
  }

  /** A required value that passes this test. */
  mustPass(what: string, got: unknown, passes: boolean, want: unknown): void {
    this.#add(what, got, passes, want);
  }

  /** An optional value that is one of these. */
  may(what: string, got: unknown, accepted: readonly unknown[]): void {
    if (got === null || got === undefined || accepted.includes(got)) return;
    this.extra(`${what}: not on the wire`, got);
  }

  extra(what: string, got: unknown): void {
    this.findings.push({ what, state: 'extra', got });
  }

  count(state: Finding['state']): number {
    return this.findings.filter((finding) => finding.state === state).length;
  }

  get faults(): Finding[] {
    return this.findings.filter(({ state }) => state !== 'right');
  }

  #add(what: string, got: unknown, isRight: boolean, want: unknown): void {
    const isAbsent = got === null || got === undefined || got === '';
    const state = isRight ? 'right' : isAbsent ? 'missing' : 'wrong';
    this.findings.push({ what, state, got, want });
  }
}
