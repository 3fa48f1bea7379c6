import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { App } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import type { AgensightProps } from '../../infra/agensight.ts';
import { AgensightStack } from '../../infra/stack.ts';

export interface Statement {
  Effect: string;
  Action: string | string[];
  Resource: unknown;
}

/** The template of a stack with these properties, synthesised in this process. */
export function synth(props: AgensightProps = {}, id = 'Agensight'): Template {
  const app = new App({ outdir: mkdtempSync(join(tmpdir(), 'agensight-synth-')) });
  return Template.fromStack(new AgensightStack(app, id, props));
}

/** The allowed actions of a function's role, by resource as JSON text without hashes. */
export function permissionsOf(template: Template, role: string): Record<string, string[]> {
  const policies = Object.entries(template.findResources('AWS::IAM::Policy')).filter(([id]) =>
    id.startsWith(`Agensight${role}Role`),
  );
  const statements = policies.flatMap(
    ([, { Properties }]) => Properties.PolicyDocument.Statement as Statement[],
  );
  return Object.fromEntries(
    statements.map(({ Action, Resource }) => [
      JSON.stringify(Resource).replace(/[0-9A-F]{8}/g, ''),
      [Action].flat().sort(),
    ]),
  );
}
