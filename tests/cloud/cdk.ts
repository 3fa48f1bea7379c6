import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ACCOUNT, type Emulator, REGION } from './emulator.ts';
import { mustRun, type Ran, runCommand } from './run-command.ts';

const ROOT = join(import.meta.dirname, '../..');
const CDK = join(ROOT, 'node_modules/aws-cdk/bin/cdk');

/** The CDK's command line on the emulated cloud, as a person would use it. */
export class Cdk {
  readonly #env: NodeJS.ProcessEnv;
  readonly #folder: string;

  constructor(emulator: Emulator, folder: string) {
    this.#folder = folder;
    this.#env = {
      ...process.env,
      ...emulator.env,
      PATH: `${join(ROOT, 'node_modules/node/bin')}:${process.env.PATH}`,
      // The deployment's own, not that of the person who runs this.
      CDK_DEFAULT_ACCOUNT: ACCOUNT,
      CDK_DEFAULT_REGION: REGION,
    };
  }

  /** Where the templates of the last {@link synth} are. */
  get assembly(): string {
    return join(this.#folder, 'cdk.out');
  }

  run(args: readonly string[], cwd = ROOT): Promise<Ran> {
    return runCommand(process.execPath, [CDK, ...args], { cwd, env: this.#env });
  }

  async must(args: readonly string[], cwd = ROOT): Promise<string> {
    return mustRun(process.execPath, [CDK, ...args], { cwd, env: this.#env });
  }

  /** Writes the templates; what the app printed. */
  async synth(context: Record<string, string> = {}): Promise<string> {
    const args = Object.entries(context).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
    const ran = await this.run(['synth', '--quiet', '--output', this.assembly, ...args]);
    if (ran.code !== 0) throw new Error(ran.all);
    return ran.all;
  }

  /** Deploys what was written last; the outputs of the stack. */
  async deploy(stack: string): Promise<Record<string, string>> {
    const outputs = join(this.#folder, 'outputs.json');
    await this.must([
      ...['deploy', stack, '--app', this.assembly, '--outputs-file', outputs],
      ...['--require-approval', 'never', '--progress', 'events'],
    ]);
    return JSON.parse(readFileSync(outputs, 'utf8'))[stack] as Record<string, string>;
  }
}
