import type { Duration } from 'aws-cdk-lib';
import { PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import {
  Architecture,
  Code,
  Function as LambdaFunction,
  LoggingFormat,
  Runtime,
} from 'aws-cdk-lib/aws-lambda';
import { LogGroup, type RetentionDays } from 'aws-cdk-lib/aws-logs';
import { RemovalPolicy } from 'aws-cdk-lib/core';
import { Construct } from 'constructs';
import { acknowledge } from './acknowledge.ts';
import { bundleOf, type FunctionName } from './artifacts.ts';

export interface NodeFunctionProps {
  /** The bundle of the package that it runs. */
  bundle: FunctionName;
  description: string;
  memorySizeMib: number;
  timeout: Duration;
  environment: Record<string, string>;
  /** Permissions besides writing its log. */
  permissions: readonly Permission[];
  /** The resource of the only permission with a wildcard, in cdk-nag's notation. */
  wildcard?: string;
  logRetention: RetentionDays;
  /** Reserved concurrency; undefined uses the unreserved concurrency of the account. */
  reservedConcurrency?: number | undefined;
}

/** IAM actions on one resource. */
export interface Permission {
  actions: readonly string[];
  resource: string;
}

/** A function with an explicit role and log group. */
export class NodeFunction extends Construct {
  readonly lambda: LambdaFunction;
  readonly logGroup: LogGroup;

  constructor(scope: Construct, id: string, props: NodeFunctionProps) {
    super(scope, id);
    this.logGroup = new LogGroup(this, 'Log', {
      retention: props.logRetention,
      removalPolicy: RemovalPolicy.DESTROY,
    });
    const role = new Role(this, 'Role', {
      assumedBy: new ServicePrincipal('lambda.amazonaws.com'),
      description: `Execution role of the ${props.bundle} function of Agensight.`,
    });
    const ownLog = {
      actions: ['logs:CreateLogStream', 'logs:PutLogEvents'],
      resource: this.logGroup.logGroupArn,
    };
    for (const { actions, resource } of [ownLog, ...props.permissions]) {
      role.addToPolicy(new PolicyStatement({ actions: [...actions], resources: [resource] }));
    }
    if (props.wildcard) {
      acknowledge(role, {
        [`AwsSolutions-IAM5[Resource::${props.wildcard}]`]:
          'Objects under one prefix of the stack’s own bucket; their names are not known in advance.',
      });
    }
    this.lambda = new LambdaFunction(this, 'Function', {
      description: props.description,
      code: Code.fromAsset(bundleOf(props.bundle)),
      handler: 'index.handler',
      runtime: Runtime.NODEJS_24_X,
      architecture: Architecture.ARM_64,
      memorySize: props.memorySizeMib,
      timeout: props.timeout,
      environment: props.environment,
      role,
      logGroup: this.logGroup,
      loggingFormat: LoggingFormat.JSON,
      ...(props.reservedConcurrency === undefined
        ? {}
        : { reservedConcurrentExecutions: props.reservedConcurrency }),
    });
  }
}
