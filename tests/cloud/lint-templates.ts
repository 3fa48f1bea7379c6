import { join } from 'node:path';
import type { Cloud } from './cloud.ts';
import { mustRun } from './run-command.ts';

/** cfn-lint as a module of Python, because its command need not be on the path. */
const LINT = 'import sys; from cfnlint.runner import main; sys.exit(main())';

/**
 * Runs cfn-lint over the template that was written last, and over one with an HTTP API.
 *
 * @throws Error with what it finds. The CDK names the role of a function twice, as what it needs and as
 * what it waits for, which is W3005.
 */
export async function lintTemplates({ cdk, folder }: Cloud): Promise<void> {
  const other = join(folder, 'http-api');
  const certificate = 'arn:aws:acm:us-east-1:123456789012:certificate/x';
  await cdk.must([
    ...['synth', '--quiet', '--output', other, '-c', 'frontDoor=http-api'],
    ...['-c', 'domainName=in.example.com', '-c', `certificateArn=${certificate}`],
  ]);
  const templates = [cdk.assembly, other].map((path) => join(path, 'Agensight.template.json'));
  await mustRun('python3', ['-c', LINT, '--ignore-checks', 'W3005', '--', ...templates]);
}
