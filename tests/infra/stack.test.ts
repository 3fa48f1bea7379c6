import { Match } from 'aws-cdk-lib/assertions';
import type { ISecret } from 'aws-cdk-lib/aws-secretsmanager';
import { beforeAll, describe, expect, it } from 'vitest';
import { createCounters, createMetrics } from '../../lambda/runtime/metrics.ts';
import { MAX_RECEIVES, METRIC_NAMES, OVERFLOW_PREFIX } from '../../wire/operations.ts';
import type { LogLevel } from '../../wire/settings.ts';
import { permissionsOf, synth } from './synth.ts';

describe('the stack', () => {
  let template: ReturnType<typeof synth>;
  beforeAll(() => {
    template = synth();
  });

  it('has three functions on Node 24 and arm64, each with its own log group', () => {
    template.resourceCountIs('AWS::Lambda::Function', 3);
    template.allResourcesProperties('AWS::Lambda::Function', {
      Runtime: 'nodejs24.x',
      Architectures: ['arm64'],
      Handler: 'index.handler',
      LoggingConfig: Match.objectLike({ LogFormat: 'JSON', LogGroup: Match.anyValue() }),
    });
    template.allResourcesProperties('AWS::Logs::LogGroup', { RetentionInDays: 30 });
  });

  it('has no custom resource', () => {
    const types = Object.values(template.toJSON().Resources as Record<string, { Type: string }>);
    expect(types.filter(({ Type }) => /^(Custom::|AWS::CloudFormation::)/.test(Type))).toEqual([]);
  });

  it('lets the ingest function only write to the overflow and read the secret', () => {
    expect(permissionsOf(template, 'Ingest')).toEqual({
      '{"Fn::GetAtt":["AgensightIngestLog","Arn"]}': ['logs:CreateLogStream', 'logs:PutLogEvents'],
      '{"Ref":"AgensightSecret"}': ['secretsmanager:GetSecretValue'],
      [`{"Fn::Join":["",[{"Fn::GetAtt":["AgensightOverflowBucket","Arn"]},"/${OVERFLOW_PREFIX}*"]]}`]:
        ['s3:PutObject'],
      '{"Fn::GetAtt":["AgensightOverflowQueue","Arn"]}': ['sqs:SendMessage'],
    });
  });

  it.each(['Drain', 'Maintain'])('grants %s no action with a wildcard', (role) => {
    const actions = Object.values(permissionsOf(template, role)).flat();
    expect(actions.length).toBeGreaterThan(5);
    expect(actions.filter((action) => action.includes('*'))).toEqual([]);
    expect(actions.includes('s3:PutObject')).toBe(false);
  });

  it('uses no managed policy', () => {
    for (const { Properties } of Object.values(template.findResources('AWS::IAM::Role'))) {
      expect(Properties.ManagedPolicyArns).toBeUndefined();
    }
  });

  it('updates the drain, which reads what ingest writes, before ingest', () => {
    const [ingest] = Object.values(
      template.findResources('AWS::Lambda::Function', {
        Properties: { Description: Match.stringLikeRegexp('receives batches') },
      }),
    );
    const [drain] = Object.keys(
      template.findResources('AWS::Lambda::Function', {
        Properties: { Description: Match.stringLikeRegexp('stores the batches that') },
      }),
    );
    expect(ingest?.DependsOn).toContain(drain);
  });

  it('drains with partial batch failures, concurrency two and a dead-letter queue', () => {
    template.hasResourceProperties('AWS::Lambda::EventSourceMapping', {
      BatchSize: 10,
      FunctionResponseTypes: ['ReportBatchItemFailures'],
      ScalingConfig: { MaximumConcurrency: 2 },
    });
    template.hasResourceProperties('AWS::SQS::Queue', {
      RedrivePolicy: Match.objectLike({ maxReceiveCount: MAX_RECEIVES }),
      VisibilityTimeout: 360,
    });
  });

  it('retains the bucket, which is private and encrypted and has no expiration', () => {
    template.hasResource('AWS::S3::Bucket', {
      DeletionPolicy: 'RetainExceptOnCreate',
      Properties: {
        PublicAccessBlockConfiguration: { BlockPublicAcls: true, RestrictPublicBuckets: true },
        BucketEncryption: Match.anyValue(),
      },
    });
    const [bucket] = Object.values(template.findResources('AWS::S3::Bucket'));
    expect(JSON.stringify(bucket?.Properties.LifecycleConfiguration)).not.toContain('Expiration');
  });

  it('requires TLS for bucket, queues and topic', () => {
    for (const type of [
      'AWS::S3::BucketPolicy',
      'AWS::SQS::QueuePolicy',
      'AWS::SNS::TopicPolicy',
    ]) {
      const policies = Object.values(template.findResources(type));
      expect(policies.length).toBeGreaterThan(0);
      for (const { Properties } of policies) {
        expect(JSON.stringify(Properties)).toContain('"aws:SecureTransport":"false"');
      }
    }
  });

  it('lets alarms publish to their topic', () => {
    template.hasResourceProperties('AWS::SNS::TopicPolicy', {
      PolicyDocument: {
        Statement: Match.arrayWith([
          Match.objectLike({
            Effect: 'Allow',
            Action: 'sns:Publish',
            Principal: { Service: 'cloudwatch.amazonaws.com' },
          }),
        ]),
      },
    });
  });

  it('creates the secret without URL and key', () => {
    template.hasResourceProperties('AWS::SecretsManager::Secret', {
      GenerateSecretString: {
        SecretStringTemplate: '{"SUPABASE_URL":"","SUPABASE_SECRET_KEY":""}',
        GenerateStringKey: 'unused',
      },
    });
  });

  it('has a public function URL', () => {
    template.hasResourceProperties('AWS::Lambda::Url', { AuthType: 'NONE' });
    template.hasResourceProperties('AWS::Lambda::Permission', {
      Action: 'lambda:InvokeFunctionUrl',
      Principal: '*',
      FunctionUrlAuthType: 'NONE',
    });
    template.resourceCountIs('AWS::ApiGatewayV2::Api', 0);
  });

  it('has the outputs that the commands and docs use', () => {
    expect(Object.keys(template.toJSON().Outputs).sort()).toEqual([
      'AlarmTopic',
      'DashboardName',
      'DeadLetterQueue',
      'DrainFunction',
      'Endpoint',
      'IngestFunction',
      'MaintainFunction',
      'OverflowBucket',
      'OverflowQueue',
      'SecretArn',
    ]);
  });
});

describe('the metrics of alarms and dashboard', () => {
  const written = (write: () => void): Record<string, unknown> => {
    const lines: string[] = [];
    const { log } = console;
    console.log = (line: string) => lines.push(line);
    const { write: out } = process.stdout;
    process.stdout.write = ((line: string) => lines.push(line) > 0) as typeof out;
    try {
      write();
    } finally {
      console.log = log;
      process.stdout.write = out;
    }
    return JSON.parse(lines.join('')) as Record<string, unknown>;
  };

  it('are published by the ingest function under the same names', () => {
    const line = written(() =>
      createMetrics('Agensight/Agensight').record({
        route: 'native',
        status: 200,
        records: 1,
        rejected: 0,
        latencyMillis: 1,
      }),
    );
    expect(line).toMatchObject({ service: 'agensight-ingest' });
    for (const name of METRIC_NAMES.ingest) expect(line).toHaveProperty(name);
  });

  it('use the namespace that the functions are configured with', () => {
    const template = synth({}, 'Other');
    template.allResourcesProperties('AWS::Lambda::Function', {
      Environment: {
        Variables: Match.objectLike({ AGENSIGHT_METRICS_NAMESPACE: 'Agensight/Other' }),
      },
    });
    template.hasResourceProperties('AWS::CloudWatch::Alarm', {
      Namespace: 'Agensight/Other',
      MetricName: 'Overflowed',
      Dimensions: [{ Name: 'service', Value: 'agensight-ingest' }],
    });
    const line = written(() =>
      createCounters('maintain', 'N').publish({
        Runs: 1,
        Failures: 0,
        Orphans: 0,
        Deleted: 0,
        Unfinished: 0,
      }),
    );
    expect(line).toMatchObject({ service: 'agensight-maintain' });
  });
});

describe('the stack by its properties', () => {
  it('has an HTTP API with throttling and a custom domain', () => {
    const template = synth({
      httpApi: {
        requestsPerSecond: 50,
        domainName: 'in.example.com',
        certificateArn: 'arn:aws:acm:us-east-1:123456789012:certificate/x',
      },
    });
    template.resourceCountIs('AWS::Lambda::Url', 0);
    template.hasResourceProperties('AWS::ApiGatewayV2::Stage', {
      DefaultRouteSettings: { ThrottlingRateLimit: 50, ThrottlingBurstLimit: 100 },
      AccessLogSettings: Match.objectLike({ DestinationArn: Match.anyValue() }),
    });
    template.hasResourceProperties('AWS::ApiGatewayV2::DomainName', {
      DomainName: 'in.example.com',
    });
    template.hasOutput('Endpoint', { Value: 'https://in.example.com' });
    template.hasOutput('DomainTarget', {});
  });

  it('names every property of a wrong form', () => {
    const secret = { secretArn: 'nonsense' } as ISecret;
    const httpApi = { domainName: 'a b', certificateArn: 'arn:nonsense' };
    // A JavaScript app can pass any text.
    const logLevel = 'LOUD' as LogLevel;
    expect(() => synth({ secret, httpApi, logLevel })).toThrow(
      /^Invalid properties: secret must .*; logLevel must .*; httpApi.domainName must .*; httpApi.certificateArn must .*\.$/,
    );
  });

  it('requires a certificate with a domain', () => {
    expect(() => synth({ httpApi: { domainName: 'in.example.com' } })).toThrow('certificateArn');
  });

  it.each([
    ['reservedConcurrency', 20, 'AWS::Lambda::Function', { ReservedConcurrentExecutions: 20 }],
    ['memorySizeMib', 2048, 'AWS::Lambda::Function', { MemorySize: 2048 }],
    [
      'drainConcurrency',
      5,
      'AWS::Lambda::EventSourceMapping',
      { ScalingConfig: { MaximumConcurrency: 5 } },
    ],
    [
      'alarmEmail',
      'ops@example.com',
      'AWS::SNS::Subscription',
      { Protocol: 'email', Endpoint: 'ops@example.com' },
    ],
  ])('applies %s', (name, value, type, properties) => {
    synth({ [name]: value }).hasResourceProperties(type, properties);
  });

  it('reserves no concurrency by default, which a new account could not', () => {
    for (const { Properties } of Object.values(synth().findResources('AWS::Lambda::Function'))) {
      expect(Properties.ReservedConcurrentExecutions).toBeUndefined();
    }
  });
});
