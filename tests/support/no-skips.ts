import type { Reporter, SerializedError, TestModule, TestRunEndReason } from 'vitest/node';

/**
 * Closes a run with one plain line and has the last word on its exit code: 0 only when the run ended
 * and passed, and in CI only when nothing was skipped. A suite that cannot run on a new machine must
 * be red there, not silent.
 *
 * The runner's own exit code is not enough: a library that the tests start Postgres with ends the
 * process with 0 in its `beforeExit` hook, whatever the tests said.
 */
// biome-ignore lint/style/noDefaultExport: vitest loads a reporter by its default export
export default class NoSkips implements Reporter {
  #isGood = false;

  onInit(): void {
    process.once('exit', () => {
      if (!this.#isGood) process.exitCode = 1;
    });
  }

  onTestRunEnd(
    modules: ReadonlyArray<TestModule>,
    errors: ReadonlyArray<SerializedError>,
    reason: TestRunEndReason,
  ): void {
    const count = { passed: 0, failed: 0, skipped: 0, pending: 0 };
    const skipped: string[] = [];
    for (const module of modules) {
      for (const test of module.children.allTests()) {
        const state = test.result().state;
        count[state] += 1;
        if (state === 'skipped') skipped.push(`${module.relativeModuleId} > ${test.fullName}`);
      }
    }
    process.stdout.write(
      `\n${count.passed} passed, ${count.failed} failed, ${count.skipped} skipped\n`,
    );
    const isSkipWrong = Boolean(process.env.CI) && skipped.length > 0;
    if (isSkipWrong) {
      process.stderr.write(`Skipped in CI, which fails the run:\n  ${skipped.join('\n  ')}\n`);
    }
    this.#isGood = reason === 'passed' && errors.length === 0 && !isSkipWrong;
  }
}
