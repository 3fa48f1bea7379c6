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
  /** Which of the package's bundles. */
  bundle: FunctionName;
  description: string;
  memorySizeMib: number;
  timeout: Duration;
  environment: Record<string, string>;
  /** What the function may do, besides writing to its log. */
  permissions: readonly Permission[];
  /** The one permission of them with a wildcard, as cdk-nag writes its resource. */
  wildcard?: string;
  logRetention: RetentionDays;
  /** Invocations at the same time; undefined for whatever the account has left. */
  reservedConcurrency?: number | undefined;
}

/** Some actions on one resource. */
export interface Permission {
  actions: readonly string[];
  resource: string;
}

/** One function with its role and its log group: nothing of the three is left to a default. */
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
      description: `What the ${props.bundle} function of Agensight may do.`,
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
          'Objects below one prefix of its own bucket, which have no names before they are written.',
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
