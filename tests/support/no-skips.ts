import type { Reporter, TestModule } from 'vitest/node';

/**
 * Closes a run with one plain line, and fails a CI run in which a test that should have run was
 * skipped: a suite that cannot run on a new machine must be red there, not silent.
 */
// biome-ignore lint/style/noDefaultExport: vitest loads a reporter by its default export
export default class NoSkips implements Reporter {
  onTestRunEnd(modules: ReadonlyArray<TestModule>): void {
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
    if (process.env.CI && skipped.length > 0) {
      process.stderr.write(`Skipped in CI, which fails the run:\n  ${skipped.join('\n  ')}\n`);
      // The runner sets its own exit code after this; the last word is ours.
      process.once('exit', () => {
        process.exitCode = 1;
      });
    }
  }
}
