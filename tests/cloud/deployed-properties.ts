import { expect } from 'vitest';
import type { Deployed } from './emulator.ts';

/** Holds what the services say was deployed against what the stack is meant to be. */
export function expectProperties(deployed: Deployed, outputs: Record<string, string>): void {
  for (const role of ['Ingest', 'Drain', 'Maintain']) {
    expect(deployed.functions[outputs[`${role}Function`] ?? '']).toMatchObject({
      Runtime: 'nodejs24.x',
      Handler: 'index.handler',
      Architectures: ['arm64'],
      Environment: { AGENSIGHT_SECRET_ARN: outputs.SecretArn },
    });
  }
  expect(Object.values(deployed.urls)).toMatchObject([{ AuthType: 'NONE' }]);
  expect(deployed.sources).toMatchObject([
    { BatchSize: 10, FunctionResponseTypes: ['ReportBatchItemFailures'] },
  ]);
  const queue = deployed.queues[outputs.OverflowQueue?.split('/').at(-1) ?? ''];
  expect(queue).toMatchObject({
    VisibilityTimeout: '360',
    MessageRetentionPeriod: String(14 * 24 * 3600),
  });
  expect(JSON.parse(queue?.RedrivePolicy ?? '')).toMatchObject({ maxReceiveCount: 15 });
  const bucket = deployed.buckets[outputs.OverflowBucket ?? ''];
  expect(bucket?.publicAccess).toEqual({
    BlockPublicAcls: true,
    IgnorePublicAcls: true,
    BlockPublicPolicy: true,
    RestrictPublicBuckets: true,
  });
  expect(Object.keys(deployed.alarms)).toHaveLength(10);
  for (const alarm of Object.values(deployed.alarms)) expect(alarm.actions).toBe(1);
  expect(deployed.dashboards).toHaveLength(1);
  expect(deployed.rules).toMatchObject([{ schedule: 'rate(15 minutes)' }]);
  expect(Object.values(deployed.logGroups)).toEqual([30, 30, 30]);
}
