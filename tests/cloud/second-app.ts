import { execFile } from 'node:child_process';
import { mkdir, readdir, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);
const ROOT = join(import.meta.dirname, '../..');

/**
 * An empty app in a folder of its own, with the packed package and the CDK installed and nothing else
 * of ours: what a stranger has after `npm install agensight aws-cdk-lib constructs`.
 */
export async function makeSecondApp(folder: string): Promise<string> {
  const app = join(folder, 'second-app');
  const modules = join(app, 'node_modules');
  await mkdir(modules, { recursive: true });
  await run('npm', ['pack', '--ignore-scripts', '--pack-destination', app], { cwd: ROOT });
  const packed = (await readdir(app)).find((name) => name.endsWith('.tgz')) ?? '';
  await run('tar', ['-xzf', packed], { cwd: app });
  await run('mv', ['package', join(modules, 'agensight')], { cwd: app });
  for (const name of ['aws-cdk-lib', 'constructs']) {
    await symlink(join(ROOT, 'node_modules', name), join(modules, name));
  }
  await writeFile(join(app, 'package.json'), '{ "name": "second-app", "type": "module" }');
  await writeFile(
    join(app, 'app.mjs'),
    `import { App, Stack } from 'aws-cdk-lib';
import { Agensight } from 'agensight/cdk';

const stack = new Stack(new App(), 'SecondApp');
new Agensight(stack, 'Traces', { memorySizeMib: 768 });
`,
  );
  return app;
}
