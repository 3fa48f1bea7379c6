import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { App, Stack, Validations } from 'aws-cdk-lib';
import { Bucket } from 'aws-cdk-lib/aws-s3';
import { AwsSolutionsChecks } from 'cdk-nag';
import { describe, expect, it } from 'vitest';
import type { AgensightProps } from '../../infra/agensight.ts';
import { AgensightStack } from '../../infra/stack.ts';

/** Synthesises the app, which throws for findings of AwsSolutions that are not acknowledged. */
function check(fill: (app: App) => void): void {
  const app = new App({ outdir: mkdtempSync(join(tmpdir(), 'agensight-nag-')) });
  fill(app);
  Validations.of(app).addPlugins(new AwsSolutionsChecks(app));
  app.synth();
}

describe('AwsSolutions', () => {
  it.each<[string, AgensightProps]>([
    ['a function URL', {}],
    [
      'an HTTP API with a domain and a mail address',
      {
        httpApi: {
          domainName: 'in.example.com',
          certificateArn: 'arn:aws:acm:us-east-1:123456789012:certificate/x',
        },
        alarmEmail: 'ops@example.com',
      },
    ],
  ])('has no finding in the stack with %s', (_name, props) => {
    const stack = (app: App) => void new AgensightStack(app, 'Agensight', props);
    expect(() => check(stack)).not.toThrow();
  });

  it('has a finding in a stack that is not secured', () => {
    const insecure = (app: App) => void new Bucket(new Stack(app, 'Insecure'), 'Bucket');
    expect(() => check(insecure)).toThrow('AwsSolutions-S10');
  });
});
